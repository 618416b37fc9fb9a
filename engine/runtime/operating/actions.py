"""What can be done to many at once: how each of them is found, checked beforehand and done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, literal, select

from engine.runtime import incidents, instances
from engine.runtime.context import Context
from engine.runtime.operating import handover, suspensions
from engine.runtime.refusals import CaseSuspended, InstanceNotActive, NotFound, NotSuspended, Refusal
from engine.store.tables import Incident, ProcessInstance, UserTask


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which of them: what is empty says nothing."""

    process: str = ""
    definition_id: int = 0
    element: str = ""
    #: The message of an incident, in full.
    cause: str = ""
    #: Whose steps.
    person: str = ""
    #: To whom they are given; empty: back to the role.
    to: str = ""

    @property
    def params(self) -> dict[str, str]:
        """What doing it has to know besides which."""
        return {"person": self.person, "to": self.to} if self.person else {}


@dataclass(frozen=True, kw_only=True)
class Target:
    """One of the many."""

    id: int
    business_key: str
    element_id: str
    definition_id: int
    #: What would be refused, and why; None where it can be done.
    refusal: Refusal | None = None


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that can be done to many."""

    #: Wanted -> rows (id, business key, element id, definition id, state of the case).
    find: Callable[[Wanted], Select[Any]]
    #: Raises what would refuse it. Changes nothing.
    check: Callable[[Context, Any, Mapping[str, str]], None]
    do: Callable[[Context, int, Mapping[str, str], str], None]


def _incidents(wanted: Wanted) -> Select[Any]:
    query = (
        select(
            Incident.id,
            Incident.business_key,
            Incident.element_id,
            ProcessInstance.definition_id,
            ProcessInstance.state,
        )
        .join(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .where(Incident.resolved_at.is_(None))
        .order_by(Incident.id)
    )
    for column, value in (
        (Incident.process_key, wanted.process),
        (Incident.element_id, wanted.element),
        (Incident.message, wanted.cause),
    ):
        if value:
            query = query.where(column == value)
    return query


def _steps(wanted: Wanted) -> Select[Any]:
    return (
        select(
            UserTask.id,
            UserTask.business_key,
            UserTask.element_id,
            UserTask.definition_id,
            ProcessInstance.state,
        )
        .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
        .where(handover.held_by(wanted.person))
        .order_by(UserTask.id)
    )


def _cases(state: Sequence[str]) -> Callable[[Wanted], Select[Any]]:
    def find(wanted: Wanted) -> Select[Any]:
        query = (
            select(
                ProcessInstance.id,
                ProcessInstance.business_key,
                literal("").label("element_id"),
                ProcessInstance.definition_id,
                ProcessInstance.state,
            )
            .where(ProcessInstance.parent_id.is_(None), ProcessInstance.state.in_(state))
            .order_by(ProcessInstance.id)
        )
        if wanted.process:
            query = query.where(ProcessInstance.process_key == wanted.process)
        if wanted.definition_id:
            query = query.where(ProcessInstance.definition_id == wanted.definition_id)
        return query

    return find


def _goes_on(_ctx: Context, row: Any, _params: Mapping[str, str]) -> None:
    if row.state != "active":
        raise CaseSuspended() if row.state == "suspended" else InstanceNotActive(state=row.state)


def _is_suspended(_ctx: Context, row: Any, _params: Mapping[str, str]) -> None:
    if row.state != "suspended":
        raise NotSuspended()


def _runs(_ctx: Context, _row: Any, _params: Mapping[str, str]) -> None:
    """A running case can be cancelled, suspended or not."""


def _may_be_given(ctx: Context, row: Any, params: Mapping[str, str]) -> None:
    _goes_on(ctx, row, params)
    task = ctx.session.get(UserTask, row.id)
    if task is not None:
        handover.check(ctx, task, to=params["to"])


ACTIONS: Mapping[str, Action] = {
    "retry": Action(
        find=_incidents,
        check=_goes_on,
        do=lambda ctx, id_, _, reason: incidents.retry(ctx, id_, reason=reason),
    ),
    "reassign": Action(
        find=_steps,
        check=_may_be_given,
        do=lambda ctx, id_, params, reason: handover.hand_over(
            ctx, id_, person=params["person"], to=params["to"], reason=reason
        ),
    ),
    "suspend": Action(
        find=_cases(["active"]),
        check=_goes_on,
        do=lambda ctx, id_, _, reason: suspensions.suspend(ctx, id_, reason=reason),
    ),
    "resume": Action(
        find=_cases(["suspended"]),
        check=_is_suspended,
        do=lambda ctx, id_, _, reason: suspensions.resume(ctx, id_, reason=reason),
    ),
    "cancel": Action(
        find=_cases(["active", "suspended"]),
        check=_runs,
        do=lambda ctx, id_, _, reason: instances.cancel(ctx, id_, reason=reason),
    ),
}


def action(key: str) -> Action:
    """What is called so. Raises `NotFound`."""
    found = ACTIONS.get(key)
    if found is None:
        raise NotFound(what="action", id=key)
    return found


def targets(ctx: Context, key: str, wanted: Wanted, *, limit: int) -> list[Target]:
    """The first of those that are wanted, each with what would refuse it. Changes nothing. Raises `NotFound`."""
    doing = action(key)
    found = []
    for row in ctx.session.execute(doing.find(wanted).limit(limit)).all():
        refusal = None
        try:
            doing.check(ctx, row, wanted.params)
        except Refusal as error:
            refusal = error
        found.append(
            Target(
                id=row.id,
                business_key=row.business_key,
                element_id=row.element_id,
                definition_id=row.definition_id,
                refusal=refusal,
            )
        )
    return found
