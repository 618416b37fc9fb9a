"""A deadline as arithmetic: what it was counted from, what of each day counted, what closed the others, by replay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import counting
from config.calendar import Calendar
from engine.bpmn import Element
from engine.bpmn import effects as fx
from engine.feel import Call, FeelError
from engine.runtime import history
from engine.runtime.context import Engine
from engine.runtime.definitions import Definition
from engine.runtime.explaining.readings import Reading, readings
from engine.runtime.replay import Asked, Moment, Past, effect_of, leading_to
from engine.store.tables import HistoryEvent, ProcessInstance

#: FEEL's names of our own counts, and how each is told day by day.
WORKING_TIME, WORKING_DAYS = "add working time", "add working days"
_COUNTS = {WORKING_TIME: counting.working_time, WORKING_DAYS: counting.working_days}
_HELD, _LET_GO = "ProcessInstanceSuspended", "ProcessInstanceResumed"


@dataclass(frozen=True, kw_only=True)
class Count:
    """One call of a function that counts business time."""

    #: `WORKING_TIME` or `WORKING_DAYS`.
    kind: str
    start: datetime
    #: A duration, or a number of days.
    amount: timedelta | int
    days: tuple[counting.Day, ...]
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Pause:
    """The case was held by an administrator. That moves no deadline, but nobody could act."""

    begins: datetime
    #: None while it lasts.
    ends: datetime | None
    #: Key of who held it, and why.
    by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """How a deadline came about."""

    definition: Definition
    element: Element
    #: What the diagram says: `=expression`, or a literal date or duration.
    text: str
    read: tuple[Reading, ...]
    #: When it was set.
    set_at: datetime
    #: As it was recorded.
    due_at: datetime
    counts: tuple[Count, ...]
    #: Whether the counts end where the deadline is: false where the expression goes on with their result, or the
    #: calendar of then is not known any more.
    exact: bool
    pauses: tuple[Pause, ...] = ()

    @property
    def elapsed(self) -> timedelta:
        """From when it was set to the deadline, by the clock."""
        return self.due_at - self.set_at


def deadline(session: Session, engine: Engine, instance_id: int, event: Past) -> Deadline | None:
    """How the deadline of a `UserTaskCreated` or `TimerStarted` came about; None for a step without one.

    Raises `replay.Diverged` where the history cannot be replayed up to there.
    """
    if not event.payload.get("due_at"):
        return None
    moment = leading_to(session, engine, instance_id, event.seq)
    if moment is None:
        return None
    element = moment.definition.process.elements[str(event.element_id)]
    asked = _asked(engine, moment, element, event)
    due_at = datetime.fromisoformat(event.payload["due_at"])
    calendar = engine.organisation.at(session, event.at).calendar
    counts = tuple(_counts(engine, calendar, asked, event.at))
    return Deadline(
        definition=moment.definition,
        element=element,
        text=asked.text,
        read=readings(engine.feel, asked.text, asked.variables),
        set_at=event.at,
        due_at=due_at,
        counts=counts,
        exact=bool(counts) and counts[-1].end == due_at,
        pauses=tuple(_pauses(session, instance_id, event.at)),
    )


def _asked(engine: Engine, moment: Moment, element: Element, event: Past) -> Asked:
    """The expression behind the deadline with what it saw; a literal saw nothing."""
    texts = _texts(element)
    effect: Any = effect_of(
        moment, event, fx.UserTaskCreated if event.type == "UserTaskCreated" else fx.TimerStarted
    )
    evaluated = [each for each in moment.asked if each.text in texts]
    if not evaluated or effect is None:
        return Asked(text=texts[0], variables={}, value=texts[0])
    # Repetitions of one step set their deadlines in the order they came up in.
    alike = [
        each
        for each in moment.effects
        if isinstance(each, type(effect))
        and set(_texts(moment.definition.process.elements[each.element_id])) & set(texts)
    ]
    place = next(at for at, each in enumerate(alike) if each is effect)
    return evaluated[min(place, len(evaluated) - 1)]


def _texts(element: Element) -> list[str]:
    timers = [each.timer[1] for each in element.events if each.timer]
    return timers or [element.schedule.due_date or ""]


def _counts(engine: Engine, calendar: Calendar, asked: Asked, at: datetime) -> Iterator[Count]:
    if not asked.text.startswith("="):
        return
    try:
        calls: Sequence[Call] = engine.feel.explain(asked.text[1:], asked.variables, now=at).calls
    except FeelError:
        return
    for call in calls:
        if call.name not in _COUNTS:
            continue
        start, amount = call.arguments
        end = (
            calendar.add_working_time(start, amount)
            if call.name == WORKING_TIME
            else calendar.add_working_days(start, int(amount))
        )
        yield Count(
            kind=call.name,
            start=start,
            amount=amount if call.name == WORKING_TIME else int(amount),
            days=tuple(_COUNTS[call.name](calendar, start, amount)),
            end=end,
        )


def _pauses(session: Session, instance_id: int, since: datetime) -> Iterator[Pause]:
    """Times the case was held after a moment; its outermost instance tells them."""
    root = select(ProcessInstance.root_id).where(ProcessInstance.id == instance_id).scalar_subquery()
    rows = session.execute(
        select(HistoryEvent.type, HistoryEvent.at, HistoryEvent.actor, HistoryEvent.payload)
        .where(
            HistoryEvent.stream == root,
            HistoryEvent.at >= since,
            HistoryEvent.type.in_((_HELD, _LET_GO)),
        )
        .order_by(HistoryEvent.seq)
    ).all()
    held: Any = None
    for row in rows:
        if row.type == _HELD:
            held = row
        elif held is not None:
            yield _pause(held, row.at)
            held = None
    if held is not None:
        yield _pause(held, None)


def _pause(held: Any, ends: datetime | None) -> Pause:
    return Pause(begins=held.at, ends=ends, by=held.actor, reason=history.read(held.payload)["reason"])
