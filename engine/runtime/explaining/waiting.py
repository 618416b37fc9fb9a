"""What a case is waiting for: everything of it that waits, over all its instances, in one round trip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, bindparam, select
from sqlalchemy.orm import aliased

from engine.runtime import history
from engine.runtime.context import Context
from engine.store.question import Question, ask
from engine.store.tables import (
    HistoryEvent,
    Incident,
    Job,
    MessageSubscription,
    PausedService,
    ProcessInstance,
    SignalSubscription,
    Timer,
    UserTask,
)


@dataclass(frozen=True, kw_only=True)
class Wait:
    """One thing that is waited for."""

    #: "suspended", "stuck", "person", "moment", "message", "signal", "call", or a service: "work" (a worker is to do
    #: it), "retry" (tried in vain, again later), "held" (its kind is paused, or the case), "answer" (from outside).
    kind: str
    #: Version whose diagram has the element.
    definition_id: int
    #: None for the case as a whole.
    element_id: str | None = None
    since: datetime | None = None
    #: When it goes on: a timer's time, the next attempt.
    at: datetime | None = None
    #: Message, signal or service; the procedure that was called; what went wrong.
    name: str = ""
    #: What the message has to carry; why the last attempt failed; why the service is paused.
    detail: str = ""
    #: Row id of the user task.
    user_task_id: int | None = None


_NUMBER = bindparam("case", type_=Text)


def _of_case(table: Any, *columns: Any) -> Any:
    """Rows of the instances of a case that run."""
    return (
        select(ProcessInstance.definition_id, table.element_id, *columns)
        .join(table, table.instance_id == ProcessInstance.id)
        .where(ProcessInstance.business_key == _NUMBER, ProcessInstance.ended_at.is_(None))
        .order_by(table.id)
    )


_SUSPENDED = Question(
    select(ProcessInstance.definition_id, HistoryEvent.at, HistoryEvent.payload)
    .join(HistoryEvent, HistoryEvent.stream == ProcessInstance.id)
    .where(
        ProcessInstance.business_key == _NUMBER,
        ProcessInstance.parent_id.is_(None),
        ProcessInstance.state == "suspended",
        HistoryEvent.type == "ProcessInstanceSuspended",
    )
    .order_by(HistoryEvent.seq.desc())
    .limit(1)
)
_STUCK = Question(
    _of_case(Incident, Incident.message, Incident.created_at).where(Incident.resolved_at.is_(None))
)
_PEOPLE = Question(_of_case(UserTask, UserTask.id, UserTask.created_at).where(UserTask.state == "created"))
_JOBS = Question(
    _of_case(
        Job,
        Job.type,
        Job.state,
        Job.attempts,
        Job.run_at,
        Job.created_at,
        Job.error,
        PausedService.reason,
    )
    .outerjoin(PausedService, PausedService.type == Job.type)
    # What failed for good is told by its incident.
    .where(Job.ended_at.is_(None), Job.state != "failed")
)
_MOMENTS = Question(_of_case(Timer, Timer.due_at))
_MESSAGES = Question(
    _of_case(MessageSubscription, MessageSubscription.name, MessageSubscription.correlation_key)
)
_SIGNALS = Question(_of_case(SignalSubscription, SignalSubscription.name))
_called = aliased(ProcessInstance)
_CALLS = Question(
    select(
        ProcessInstance.definition_id,
        HistoryEvent.element_id,
        HistoryEvent.at,
        _called.process_key.label("called"),
    )
    .join(_called, _called.parent_id == ProcessInstance.id)
    .join(
        HistoryEvent,
        (HistoryEvent.stream == ProcessInstance.id)
        & (HistoryEvent.activity_id == _called.parent_activity_id)
        & (HistoryEvent.type == "ProcessCalled"),
    )
    .where(ProcessInstance.business_key == _NUMBER, _called.ended_at.is_(None))
    .order_by(HistoryEvent.id)
)


def waits(ctx: Context, number: str) -> list[Wait]:
    """What a case waits for, what holds all of it first; empty once it is closed."""
    case = {"case": number}
    asked = (_SUSPENDED, _STUCK, _PEOPLE, _JOBS, _MOMENTS, _MESSAGES, _SIGNALS, _CALLS)
    suspended, stuck, people, jobs, moments, messages, signals, calls = ask(
        ctx.session, [(question, case) for question in asked]
    )
    found = [
        Wait(
            kind="suspended",
            definition_id=row.definition_id,
            since=row.at,
            detail=str(history.read(row.payload)["reason"]),
        )
        for row in suspended
    ]
    found += [_at(row, "stuck", since=row.created_at, detail=row.message) for row in stuck]
    found += [_at(row, "person", since=row.created_at, user_task_id=row.id) for row in people]
    found += [_job(ctx, row) for row in jobs]
    found += [_at(row, "moment", at=row.due_at) for row in moments]
    found += [_at(row, "message", name=row.name, detail=row.correlation_key) for row in messages]
    found += [_at(row, "signal", name=row.name) for row in signals]
    found += [_at(row, "call", since=row.at, name=row.called) for row in calls]
    return found


def _job(ctx: Context, row: Any) -> Wait:
    if row.state == "held":
        return _at(row, "held", since=row.created_at, name=row.type, detail=row.reason or "")
    if row.state == "waiting":
        return _at(row, "answer", since=row.created_at, name=row.type)
    if row.attempts and row.run_at > ctx.now:
        return _at(row, "retry", at=row.run_at, name=row.type, detail=row.error or "")
    return _at(row, "work", since=row.created_at, name=row.type)


def _at(row: Any, kind: str, **told: Any) -> Wait:
    return Wait(kind=kind, definition_id=row.definition_id, element_id=row.element_id, **told)
