"""Numbers of cases by what happened in them: who acted, in which role, at which element, with which values.

Each is a set of its own that an index gives: none goes through the history.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

import orjson
from sqlalchemy import ColumnElement, Select, cast, literal, literal_column, or_, select, text, union
from sqlalchemy.dialects.postgresql import JSONB

from engine.store.tables import (
    HistoryEvent,
    Job,
    MessageSubscription,
    ProcessInstance,
    SignalSubscription,
    Timer,
    UserTask,
)
from engine.store.tables.history import VALUED, VALUES

Event = HistoryEvent
#: What waits has a row of its own; those of the instances that run.
_WAITING: tuple[Any, ...] = (Timer, MessageSubscription, SignalSubscription)


class Happened(Protocol):
    """Filters by what happened, "" where one does not narrow."""

    @property
    def person(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def element(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def variable(self) -> str: ...
    @property
    def value(self) -> str: ...


def numbers(chosen: Happened) -> Iterator[Any]:
    """For each filter that narrows, a select of the numbers of the cases that fit it."""
    if chosen.person:
        yield select(Event.business_key).where(Event.actor == chosen.person, Event.business_key.is_not(None))
    if chosen.role:
        yield _role(chosen.role)
    if chosen.element:
        yield _element(chosen.element, chosen.at)
    if chosen.variable and chosen.value:
        yield _value(chosen.variable, chosen.value)


def _role(role: str) -> Any:
    return union(
        select(UserTask.business_key).where(UserTask.lane == role, UserTask.state == "completed"),
        select(UserTask.business_key).where(
            UserTask.state == "created", UserTask.candidate_groups.contains([role])
        ),
    )


def _element(element: str, at: str) -> Any:
    passed = select(Event.business_key).where(
        Event.element_id == element, Event.type == "ElementCompleted", Event.business_key.is_not(None)
    )
    waits = [
        select(UserTask.business_key).where(UserTask.element_id == element, UserTask.state == "created"),
        select(Job.business_key).where(Job.element_id == element, Job.ended_at.is_(None)),
    ]
    for table in _WAITING:
        waits.append(
            select(ProcessInstance.business_key)
            .join(table, table.instance_id == ProcessInstance.id)
            .where(table.element_id == element)
        )
    match at:
        case "passed":
            return passed
        case "waits":
            return union(*waits)
        case _:
            return union(passed, *waits)


def _value(path: str, value: str) -> Select[Any] | Any:
    """Cases in which a variable had a value: registered, filled in, corrected, left at the end, or as it is now.

    The list of event types and the expression are those of the index.
    """
    # PostgreSQL's JSON has no such character, and so no variable has it.
    wanted = list(_documents(path.replace("\0", ""), value.replace("\0", "")))
    told: Any = literal_column(f"({VALUES})", JSONB)
    running: Any = ProcessInstance.variables
    return union(
        select(Event.business_key).where(
            text(f"history_event.type IN ({VALUED})"),
            _contains(told, wanted),
            Event.business_key.is_not(None),
        ),
        select(ProcessInstance.business_key).where(
            ProcessInstance.ended_at.is_(None), _contains(running, wanted)
        ),
    )


def _contains(column: Any, documents: list[str]) -> ColumnElement[bool]:
    return or_(*(column.op("@>")(cast(literal(each), JSONB)) for each in documents))


def _documents(path: str, value: str) -> Iterator[str]:
    """Objects in which the variable `a.b[].c` has what was typed: as the text it is, and as a number or a truth."""
    readings: list[Any] = [value]
    if value in ("true", "false", "null"):
        readings.append(orjson.loads(value))
    elif _is_number(value):
        readings.append(Decimal(value))
    for reading in readings:
        written = str(reading) if isinstance(reading, Decimal) else orjson.dumps(reading).decode()
        for part in reversed(path.split(".")):
            name = orjson.dumps(part.removesuffix("[]")).decode()
            written = f"{{{name}:[{written}]}}" if part.endswith("[]") else f"{{{name}:{written}}}"
        yield written


def _is_number(value: str) -> bool:
    try:
        return Decimal(value).is_finite() and len(value) < 30
    except InvalidOperation:
        return False
