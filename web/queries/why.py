"""What explaining reads besides the history: decision tables of a version, the steps a case waits for, absences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, select

from engine.runtime.context import Context
from engine.runtime.replay import Past, past
from engine.store.tables import (
    Absence,
    DefinitionResource,
    HistoryEvent,
    Person,
    ProcessInstance,
    Resource,
    UserTask,
)


def event(ctx: Context, number: str, address: str) -> tuple[int, Past] | None:
    """(instance, event) that an address names as `instance.number`; None where the case has no such event."""
    stream, _, seq = address.partition(".")
    if not (stream.isdecimal() and seq.isdecimal()) or len(stream) > 18 or len(seq) > 9:
        return None
    instance = ctx.session.get(ProcessInstance, int(stream))
    if instance is None or instance.business_key != number:
        return None
    found = past(ctx.session, instance.id, int(seq))
    return (instance.id, found) if found else None


def timer_started(ctx: Context, instance_id: int, fired: Past) -> Past | None:
    """The event that set the timer which an event tells the firing of."""
    seqs = ctx.session.scalars(
        select(HistoryEvent.seq)
        .where(
            HistoryEvent.stream == instance_id,
            HistoryEvent.type == "TimerStarted",
            HistoryEvent.element_id == fired.element_id,
            HistoryEvent.seq < fired.seq,
        )
        .order_by(HistoryEvent.seq.desc())
    )
    started = (past(ctx.session, instance_id, seq) for seq in seqs)
    return next((each for each in started if each and each.payload["timer"] == fired.activity_id), None)


def created(ctx: Context, task: UserTask) -> Past | None:
    """The event that tells of a step's coming up."""
    seq = ctx.session.scalar(
        select(HistoryEvent.seq).where(
            HistoryEvent.stream == task.instance_id,
            HistoryEvent.type == "UserTaskCreated",
            HistoryEvent.activity_id == task.activity_id,
        )
    )
    return past(ctx.session, task.instance_id, seq) if seq is not None else None


def decision_files(ctx: Context, definition_id: int) -> Sequence[bytes]:
    """The files with decision tables of a version."""
    return ctx.session.scalars(
        select(Resource.content)
        .join(DefinitionResource, DefinitionResource.digest == Resource.digest)
        .where(DefinitionResource.definition_id == definition_id, DefinitionResource.kind == "dmn")
    ).all()


def steps(ctx: Context, ids: Iterable[int | None]) -> Mapping[int, UserTask]:
    """User tasks by their ids."""
    wanted = [each for each in ids if each is not None]
    if not wanted:
        return {}
    return {each.id: each for each in ctx.session.scalars(select(UserTask).where(UserTask.id.in_(wanted)))}


def away(ctx: Context, keys: Iterable[str | None]) -> Mapping[str, Row[Any]]:
    """Those of these people who are away today: (person, substitute, the substitute's name, begins, ends) by key."""
    wanted = sorted({key for key in keys if key})
    if not wanted:
        return {}
    today = ctx.now.astimezone(ctx.organisation.tzinfo).date()
    rows = ctx.session.execute(
        select(
            Absence.person,
            Absence.substitute,
            func.coalesce(Person.name, Absence.substitute).label("name"),
            Absence.begins,
            Absence.ends,
        )
        .outerjoin(Person, Person.key == Absence.substitute)
        .where(Absence.person.in_(wanted), Absence.begins <= today, Absence.ends >= today)
    )
    return {row.person: row for row in rows}
