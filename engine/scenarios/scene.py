"""The scene: what stands on the stage at a moment of a play, and what somebody can do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from engine.runtime.assignment import check_candidate, check_independent
from engine.runtime.context import Context
from engine.runtime.refusals import Refusal
from engine.scenarios.files import Answer, Failure
from engine.scenarios.playing import Played
from engine.store.tables import (
    HistoryEvent,
    Incident,
    MessageSubscription,
    Person,
    ProcessInstance,
    Timer,
    UserTask,
)

_RAN = ("ServiceTaskCompleted", "ServiceTaskErrorThrown", "ServiceTaskFailed")


@dataclass(frozen=True, kw_only=True)
class OpenTask:
    """A user task somebody can work."""

    task: UserTask
    #: Of a case that this one started.
    linked: bool
    #: Which of several open tasks of the element, from 1.
    nth: int

    @property
    def address(self) -> str:
        """Names the task in a play: the same after every replay."""
        return f"{self.task.element_id}:{self.nth}{':linked' if self.linked else ''}"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A timer or a message that is waited for."""

    element_id: str
    process_key: str
    definition_id: int
    #: Of a timer.
    due_at: datetime | None = None
    #: Of a message.
    name: str = ""
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A service task's job that was done, the last of its element."""

    element_id: str
    definition_id: int
    type: str
    #: The step that brought it about; 0 is the registration.
    step: int
    #: Its result; None where it failed or threw an error.
    result: Any
    #: What it failed with, or the code it threw.
    error: str


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """An open incident."""

    element_id: str
    definition_id: int
    message: str


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything at this moment."""

    now: datetime
    tasks: Sequence[OpenTask]
    timers: Sequence[Waiting]
    messages: Sequence[Waiting]
    troubles: Sequence[Trouble]
    services: Sequence[Ran]
    #: Said, and not happened yet.
    planned: Sequence[Failure | Answer]
    variables: Mapping[str, Any]
    ended: bool


def look(ctx: Context, played: Played) -> Scene:
    """What stands there now."""
    stage = played.stage
    number = stage.case_number
    if not number:
        return Scene(
            now=ctx.now, tasks=(), timers=(), messages=(), troubles=(), services=(),
            planned=tuple(stage.services.planned), variables={}, ended=False,
        )  # fmt: skip
    root = ctx.session.execute(
        select(ProcessInstance)
        .where(ProcessInstance.business_key == number, ProcessInstance.id == ProcessInstance.root_id)
        .order_by(ProcessInstance.id)
        .limit(1)
    ).scalar_one()
    numbers = [number, *stage.linked()]
    return Scene(
        now=ctx.now,
        tasks=_tasks(ctx, number, numbers),
        timers=_timers(ctx, numbers),
        messages=_messages(ctx, numbers),
        troubles=_troubles(ctx, numbers),
        services=_services(ctx, played, numbers),
        planned=tuple(stage.services.planned),
        variables=root.variables,
        ended=root.ended_at is not None,
    )


def _tasks(ctx: Context, own: str, numbers: Sequence[str]) -> list[OpenTask]:
    query = select(UserTask).where(UserTask.business_key.in_(numbers), UserTask.state == "created")
    found: list[OpenTask] = []
    for task in ctx.session.scalars(query.order_by(UserTask.id)):
        linked = task.business_key != own
        before = [each for each in found if each.task.element_id == task.element_id and each.linked == linked]
        found.append(OpenTask(task=task, linked=linked, nth=len(before) + 1))
    return found


def _timers(ctx: Context, numbers: Sequence[str]) -> list[Waiting]:
    query = (
        select(Timer.element_id, Timer.due_at, ProcessInstance.process_key, ProcessInstance.definition_id)
        .join(ProcessInstance, ProcessInstance.id == Timer.instance_id)
        .where(ProcessInstance.business_key.in_(numbers))
        .order_by(Timer.due_at, Timer.id)
    )
    return [Waiting(**row) for row in ctx.session.execute(query).mappings()]


def _messages(ctx: Context, numbers: Sequence[str]) -> list[Waiting]:
    waiting = MessageSubscription
    query = (
        select(
            waiting.element_id,
            waiting.name,
            waiting.correlation_key.label("key"),
            ProcessInstance.process_key,
            ProcessInstance.definition_id,
        )
        .join(ProcessInstance, ProcessInstance.id == waiting.instance_id)
        .where(ProcessInstance.business_key.in_(numbers))
        .order_by(waiting.id)
    )
    return [Waiting(**row) for row in ctx.session.execute(query).mappings()]


def _troubles(ctx: Context, numbers: Sequence[str]) -> list[Trouble]:
    query = (
        select(Incident.element_id, Incident.message, ProcessInstance.definition_id)
        .join(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .where(Incident.business_key.in_(numbers), Incident.resolved_at.is_(None))
        .order_by(Incident.id)
    )
    return [Trouble(**row) for row in ctx.session.execute(query).mappings()]


def _services(ctx: Context, played: Played, numbers: Sequence[str]) -> list[Ran]:
    """Services in the order they ran last, the newest first."""
    query = (
        select(
            HistoryEvent.id,
            HistoryEvent.element_id,
            HistoryEvent.type,
            HistoryEvent.payload,
            ProcessInstance.definition_id,
        )
        .join(ProcessInstance, ProcessInstance.id == HistoryEvent.stream)
        .where(HistoryEvent.business_key.in_(numbers), HistoryEvent.type.in_(_RAN))
        .order_by(HistoryEvent.id.desc())
    )
    found: dict[tuple[int, str], Ran] = {}
    for row in ctx.session.execute(query):
        payload = orjson.loads(row.payload)
        found.setdefault(
            (row.definition_id, row.element_id),
            Ran(
                element_id=row.element_id,
                definition_id=row.definition_id,
                type=payload["service"],
                step=played.step_of(row.id),
                result=payload.get("result"),
                error=str(payload.get("code") or payload.get("error") or ""),
            ),
        )
    return list(found.values())


@dataclass(frozen=True, kw_only=True)
class Able:
    """Somebody who could act, or why they may not."""

    key: str
    name: str
    roles: Sequence[str]
    refusal: Refusal | None = None


def able(ctx: Context, played: Played, task: UserTask) -> list[Able]:
    """Everybody, those who may do the task first."""
    found = []
    for person in people(ctx):
        actor = played.stage.actor(person.key)
        refusal = None
        acting = replace(ctx, actor=actor)
        try:
            check_candidate(acting, task)
            check_independent(acting, task)
        except Refusal as error:
            refusal = error
        found.append(Able(key=person.key, name=person.name, roles=sorted(actor.roles), refusal=refusal))
    return sorted(found, key=lambda each: each.refusal is not None)


def people(ctx: Context) -> Sequence[Person]:
    """Everybody in the sandbox, by name."""
    return ctx.session.scalars(select(Person).order_by(Person.name)).all()
