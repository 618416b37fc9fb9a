"""User tasks: claimed, released, assigned, drafted, completed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import update

from engine.bpmn import UnknownActivity, UnstorableValue
from engine.runtime import identity
from engine.runtime.assignment import check_candidate, check_independent, in_roles
from engine.runtime.context import Context
from engine.runtime.refusals import (
    CaseSuspended,
    ClaimedBySomebodyElse,
    InstanceNotActive,
    NotFound,
    Refusal,
    UserTaskAlreadyCompleted,
    UserTaskCancelled,
    ValueNotKept,
)
from engine.runtime.unit import Unit
from engine.store.tables import ProcessInstance, UserTask


def get(ctx: Context, user_task_id: int) -> UserTask:
    """A user task as it stands. Raises `NotFound`."""
    task = ctx.session.get(UserTask, user_task_id)
    if task is None:
        raise NotFound(what="user task", id=user_task_id)
    return task


@contextmanager
def opened(ctx: Context, user_task_id: int) -> Iterator[UserTask]:
    """A user task that waits, its case locked from the first look on.

    Raises `UserTaskAlreadyCompleted`, `UserTaskCancelled`.
    """
    with Unit.of(ctx) as unit:
        yield _open(unit, user_task_id)[0]


def variables(ctx: Context, task: UserTask) -> Mapping[str, Any]:
    """What the form of an open user task may read; empty once it is done.

    Raises `UserTaskAlreadyCompleted` or `UserTaskCancelled` when it ended after it was looked up.
    """
    if task.state != "created":
        return {}
    unit = Unit.in_progress(ctx)
    if unit is not None and task.root_id in unit.instances:
        return unit.execution(unit.instance(task.instance_id)).variables(task.activity_id)
    instance = ctx.session.get(ProcessInstance, task.instance_id)
    assert instance is not None  # foreign key
    try:
        execution = Unit(ctx).execution(instance)
        seen = execution.variables(task.activity_id)
    except (InstanceNotActive, UnknownActivity):
        # Nothing is locked for a look: somebody completed it after it was read.
        ctx.session.refresh(task)
        _check_open(task)
        raise
    # Looking changes nothing: the next command finds the workflow alive.
    ctx.engine.live.put(instance.id, instance.revision, execution)
    return seen


def obstacles(ctx: Context, task: UserTask) -> list[Refusal]:
    """Everything about a user task and the actor that keeps them from completing it now, by the checks of `complete`."""
    instance = ctx.session.get(ProcessInstance, task.instance_id)
    assert instance is not None  # foreign key
    found = []
    for check in (
        lambda: _check_waits(task, instance),
        lambda: check_candidate(ctx, task),
        lambda: check_independent(ctx, task),
        lambda: _own(ctx, task),
    ):
        try:
            check()
        except Refusal as refusal:
            found.append(refusal)
    return found


def claim(ctx: Context, user_task_id: int) -> None:
    """Take a user task for oneself. Raises what keeps the actor from doing it."""
    with Unit.of(ctx) as unit:
        task, instance = _open(unit, user_task_id)
        check_candidate(ctx, task)
        check_independent(ctx, task)
        if task.assignee == ctx.actor.key:
            return
        _own(ctx, task)
        _change(unit, instance, task, "UserTaskClaimed", assignee=ctx.actor.key, claimed_at=ctx.now)


def release(ctx: Context, user_task_id: int) -> None:
    """Give a user task back to its groups. Only whoever has it. Raises `ClaimedBySomebodyElse`."""
    with Unit.of(ctx) as unit:
        task, instance = _open(unit, user_task_id)
        if task.assignee is None:
            return
        _own(ctx, task)
        _change(unit, instance, task, "UserTaskReleased", assignee=None, claimed_at=None)


def assign(ctx: Context, user_task_id: int, person_key: str) -> None:
    """Give a user task to a person who may do it; by a candidate of it or whoever has it.

    Raises `NotFound`, `NotACandidate`, `FourEyesViolation`, `InvolvedInCase`.
    """
    with Unit.of(ctx) as unit:
        task, instance = _open(unit, user_task_id)
        check_candidate(ctx, task)
        theirs = replace(ctx, actor=identity.acting(ctx, person_key))
        # A step the diagram gives to one person by name says nothing of who else could do it.
        if task.candidate_groups or task.candidate_users:
            check_candidate(theirs, task)
        check_independent(theirs, task)
        _change(unit, instance, task, "UserTaskAssigned", assignee=person_key, claimed_at=ctx.now)
        unit.rows.concerned.people.add(person_key)


def reassign(ctx: Context, user_task_id: int, person_key: str | None, *, reason: str) -> None:
    """Give a user task to somebody, or back to its groups, over the head of whoever has it: for administrators.

    Who may do it has been checked. Raises `CaseSuspended`, `UserTaskAlreadyCompleted`, `UserTaskCancelled`.
    """
    with Unit.of(ctx) as unit:
        task, instance = _open(unit, user_task_id)
        event = "UserTaskAssigned" if person_key else "UserTaskReleased"
        claimed_at = ctx.now if person_key else None
        told = {"was": task.assignee, "reason": reason}
        _change(unit, instance, task, event, told, assignee=person_key, claimed_at=claimed_at)
        if person_key:
            unit.rows.concerned.people.add(person_key)


def set_follow_up(ctx: Context, user_task_id: int, follow_up_at: datetime | None) -> None:
    """Put a user task off until a moment, or take that back."""
    with Unit.of(ctx) as unit:
        task, instance = _open(unit, user_task_id)
        check_candidate(ctx, task)
        _change(unit, instance, task, "UserTaskFollowUpSet", follow_up_at=follow_up_at)


def save_draft(ctx: Context, user_task_id: int, fields: Sequence[Sequence[str]]) -> None:
    """Keep what somebody typed so far. Raises `ClaimedBySomebodyElse` when the task is another's."""
    task = get(ctx, user_task_id)
    _check_open(task)
    check_candidate(ctx, task)
    _own(ctx, task)
    kept = ctx.session.execute(
        update(UserTask)
        .where(UserTask.id == user_task_id, UserTask.state == "created")
        .values(draft=[list(pair) for pair in fields], draft_by=ctx.actor.key, draft_at=ctx.now)
        .returning(UserTask.id),
        execution_options={"synchronize_session": False},
    )
    if kept.scalar_one_or_none() is None:
        ctx.session.refresh(task)  # it ended while we waited for its row: say how
        _check_open(task)


def complete(
    ctx: Context, user_task_id: int, values: Mapping[str, Any], *, outcome: str | None = None
) -> UserTask:
    """Complete a user task with what its form gave; the process goes on to its next wait states.

    Raises `UserTaskAlreadyCompleted`, `UserTaskCancelled`, `NotACandidate`, `FourEyesViolation`, `InvolvedInCase`,
    `ClaimedBySomebodyElse`, `InstanceNotActive`, and what a guard of the business raises.
    """
    with Unit.of(ctx) as unit:
        task, instance = _open(unit, user_task_id)
        check_candidate(ctx, task)
        check_independent(ctx, task)
        _own(ctx, task)
        for guard in ctx.engine.registry.guards(task.properties):
            guard(ctx, task, values)
        execution = unit.execution(instance)
        unit.act(
            instance,
            "UserTaskCompleted",
            element_id=task.element_id,
            activity_id=task.activity_id,
            values=values,
            outcome=outcome,
            role=task.lane,
            on_behalf_of=_on_behalf_of(ctx, task),
            **_standing(ctx, task),
        )
        unit.rows.user_tasks_set.append(
            {
                "id": task.id,
                "state": "completed",
                "ended_at": ctx.now,
                "completed_by": ctx.actor.key,
                "outcome": outcome,
                "draft": None,
            }
        )
        unit.rows.concerned.groups.update(task.candidate_groups)
        unit.rows.concerned.people.add(ctx.actor.key)
        try:
            execution.complete(task.activity_id, values)
        except UnstorableValue as error:
            raise ValueNotKept(why=str(error)) from error
        return task


def _on_behalf_of(ctx: Context, task: UserTask) -> str | None:
    """The role somebody else's word was recorded for: a customer's, by customer service."""
    role = task.lane
    return role if role is not None and role not in ctx.actor.roles and not task.candidate_users else None


def _standing(ctx: Context, task: UserTask) -> dict[str, list[str]]:
    """In which roles of theirs the actor acts, and whom they stand in for, where it says something."""
    standing = {"in_roles": in_roles(ctx, task), "stands_in_for": sorted(ctx.actor.stands_in_for)}
    return {name: keys for name, keys in standing.items() if keys}


def _open(unit: Unit, user_task_id: int) -> tuple[UserTask, ProcessInstance]:
    """A user task that waits, and its instance, with their case locked. Raises why it no longer waits, or must."""
    task, instance = unit.user_task(user_task_id)
    _check_waits(task, instance)
    return task, instance


def _check_waits(task: UserTask, instance: ProcessInstance) -> None:
    _check_open(task)
    if instance.state == "suspended":
        raise CaseSuspended()


def _check_open(task: UserTask) -> None:
    if task.state == "completed":
        raise UserTaskAlreadyCompleted(by=task.completed_by, at=task.ended_at, case=task.business_key)
    if task.state == "cancelled":
        raise UserTaskCancelled(at=task.ended_at, case=task.business_key)


def _own(ctx: Context, task: UserTask) -> None:
    if task.assignee is not None and task.assignee not in ctx.actor.keys:
        raise ClaimedBySomebodyElse(by=task.assignee)


def _change(
    unit: Unit,
    instance: ProcessInstance,
    task: UserTask,
    event: str,
    told: Mapping[str, Any] | None = None,
    **values: Any,
) -> None:
    """Set columns of an open user task and record it, and what is `told` besides."""
    unit.rows.user_tasks_set.append({"id": task.id, **values})
    shown = {name: value for name, value in values.items() if name != "claimed_at"} | dict(told or {})
    shown |= _standing(unit.ctx, task)
    unit.act(instance, event, element_id=task.element_id, activity_id=task.activity_id, **shown)
    unit.rows.concerned.groups.update(task.candidate_groups)
    unit.rows.concerned.people.update(filter(None, [unit.ctx.actor.key, task.assignee]))
    unit.rows.concerned.cases.add(task.business_key)
