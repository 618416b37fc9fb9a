"""The acts of a case, in order: each command that moved it on, and where in the histories it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, case, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from engine.runtime import replay
from engine.runtime.context import Context
from engine.store.tables import HistoryEvent as Event
from engine.store.tables import Person

#: Events that say which version an instance is on from then on.
_VERSION = ("ProcessInstanceStarted", "ProcessInstanceMoved", "ProcessInstanceMovedBack")
#: Inputs that one instance of a case gives another within the command that caused them; so it is with starts of called ones.
_WITHIN = frozenset(
    {
        "CalledProcessCompleted",
        "CalledProcessThrewError",
        "CalledProcessEscalated",
        "ProcessCallFailed",
        "EndedByCaller",
    }
)


@dataclass(frozen=True, kw_only=True)
class Act:
    """One command, as the case saw it."""

    #: From 1.
    number: int
    #: Its inputs to the case's instances, in order; the rows of `of_case`.
    inputs: Sequence[Row[Any]]

    @property
    def first(self) -> Row[Any]:
        """What stands for it: what a person did, else what happened first."""
        return next((row for row in self.inputs if row.actor != "system"), self.inputs[0])

    @property
    def at(self) -> datetime:
        """When."""
        at: datetime = self.inputs[0].at
        return at


@dataclass(frozen=True, kw_only=True)
class Reached:
    """How far an instance had come with an act."""

    #: Its last input.
    seq: int
    #: The one before it; None at its start.
    previous: int | None
    definition_id: int


def of_case(ctx: Context, number: str) -> list[Act]:
    """All acts of a case, oldest first, in one statement."""
    payload = cast(Event.payload, JSONB)
    rows = ctx.session.execute(
        select(
            Event.id,
            Event.stream,
            Event.seq,
            Event.at,
            Event.type,
            Event.actor,
            Event.element_id,
            Event.activity_id,
            func.coalesce(Person.name, Event.actor).label("who"),
            case((Event.type.in_(_VERSION), cast(payload["definition_id"].astext, BigInteger))).label(
                "definition_id"
            ),
        )
        .outerjoin(Person, Person.key == Event.actor)
        .where(Event.business_key == number, Event.type.in_(replay.INPUTS))
        .order_by(Event.id)
    )
    acts: list[list[Row[Any]]] = []
    for row in rows:
        if acts and row.at == acts[-1][0].at and (row.type in _WITHIN or row.type == _VERSION[0]):
            acts[-1].append(row)
        else:
            acts.append([row])
    return [Act(number=number_, inputs=inputs) for number_, inputs in enumerate(acts, 1)]


def reached(acts: Sequence[Act]) -> Mapping[int, Reached]:
    """How far each instance had come with the last of these acts."""
    found: dict[int, Reached] = {}
    for act in acts:
        for row in act.inputs:
            before = found.get(row.stream)
            found[row.stream] = Reached(
                seq=row.seq,
                previous=before.seq if before else None,
                definition_id=row.definition_id or (before.definition_id if before else 0),
            )
    return found


def event_id(ctx: Context, number: str, stream: int, seq: int) -> int | None:
    """The id of an event of a case."""
    return ctx.session.scalar(
        select(Event.id).where(Event.stream == stream, Event.seq == seq, Event.business_key == number)
    )


def payload(ctx: Context, event: int) -> str:
    """What an event says."""
    return ctx.session.execute(select(Event.payload).where(Event.id == event)).scalar_one()
