"""The history of a case: the events people care about, a page at a time; which way it took through its diagrams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Text, and_, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from engine.aftersales import attachments, sealed_files
from engine.aftersales.retention import holds
from engine.aftersales.tables import AftersalesCase, CustomerMessage, Note
from engine.runtime import attempts
from engine.runtime.context import Context
from engine.store.tables import HistoryEvent, Person, ProcessInstance
from web import lists
from web.queries import people

Event = HistoryEvent
_PAYLOAD = cast(Event.payload, JSONB)
_SERVICE = _PAYLOAD["service"].astext

#: Service-task types whose results are about money, and about talking to somebody.
MONEY = ("refund.pay", "compensation.pay", "charge.create", "charge.settle", "writeoff.file")
MESSAGES = ("customer.notify", "staff.notify", "call.record", "rating.record")
#: Service-task types that only look something up or keep a note: nothing a person would call an event.
_QUIET = (
    "call.plan",
    "case.record",
    "customer.lookup",
    "order.lookup",
    "refund.compute",
    "sample.draw",
    "serial.trace",
    "stock.check",
    "technician.suggest",
)
_PEOPLE = (
    "UserTaskCompleted",
    "UserTaskClaimed",
    "UserTaskReleased",
    "UserTaskAssigned",
    "UserTaskFollowUpSet",
    "ProcessInstanceStarted",
    "CancelRequested",
    "VariablesCorrected",
    "IncidentRetried",
    "ProcessInstanceSuspended",
    "ProcessInstanceResumed",
    "StepSkipped",
    "TokenMoved",
    attachments.ADDED,
    attempts.EVENT,
    sealed_files.EVENT,
    *holds.EVENTS,
)
_SYSTEM = (
    "TimerFired",
    "DecisionEvaluated",
    "ProcessInstanceCompleted",
    "ProcessInstanceCancelled",
    "IncidentRaised",
    "ServiceTaskErrorThrown",
    "ServiceTaskFailed",
    "ProcessInstanceMoved",
    "ProcessInstanceMovedBack",
)
#: Type of an entry that is a note.
NOTE = "NoteAdded"
KINDS = ("people", "system", "money", "messages")


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A process instance of the case."""

    id: int
    definition_id: int
    process_key: str
    parent_id: int | None
    state: str


def instances(ctx: Context, number: str) -> list[Instance]:
    """The case's instances, each after the one that called it."""
    rows = ctx.session.execute(
        select(
            ProcessInstance.id,
            ProcessInstance.definition_id,
            ProcessInstance.process_key,
            ProcessInstance.parent_id,
            ProcessInstance.state,
        )
        .where(ProcessInstance.business_key == number)
        .order_by(ProcessInstance.id)
    )
    return [Instance(**row) for row in rows.mappings()]


def timeline(
    ctx: Context,
    number: str,
    running: Sequence[Instance],
    *,
    kind: str = "",
    after: str | None = None,
    size: int = 50,
    notes: bool = True,
) -> lists.Page:
    """What happened, newest first, with the name of who did it; notes among what people did."""
    told: Any = _events(number).where(_shown(running, kind))
    if notes and kind in ("", "people"):
        told = told.union_all(_notes(number))
    entry = told.subquery("entry")
    # Events have their order from their ids; one command's bear the same moment.
    query = lists.seek(select(entry), by=entry.c.at, key=entry.c.id, descending=True, after=after)
    found = ctx.session.execute(query.limit(size + 1)).all()
    return lists.page(found, value=lambda row: row.at, key=lambda row: row.id, size=size, after=after)


def during(
    ctx: Context, number: str, running: Sequence[Instance], *, first: int, before: int | None
) -> Sequence[Row[Any]]:
    """What people would tell of the events from `first` on and up to `before`, newest first."""
    query = _events(number).where(_shown(running, ""), Event.id >= first).order_by(Event.id.desc())
    return ctx.session.execute(query if before is None else query.where(Event.id < before)).all()


def _events(number: str) -> Any:
    return (
        select(
            Event.id,
            Event.stream,
            Event.seq,
            Event.at,
            Event.type,
            Event.actor,
            Event.element_id,
            Event.activity_id,
            Event.payload,
            func.coalesce(Person.name, Event.actor).label("who"),
        )
        .outerjoin(Person, Person.key == Event.actor)
        .where(Event.business_key == number)
    )


def _notes(number: str) -> Any:
    """Notes told like events of the type `NOTE`; their ids are below all of events'."""
    return (
        select(
            -Note.id,
            literal(0),
            literal(0),
            Note.at,
            literal(NOTE),
            Note.person,
            literal(None, Text),
            literal(None, BigInteger),
            cast(
                func.jsonb_build_object("text", Note.text, "names", people.names_of(Note.mentions)),
                Text,
            ),
            func.coalesce(Person.name, Note.person),
        )
        .join(AftersalesCase, AftersalesCase.id == Note.case_id)
        .outerjoin(Person, Person.key == Note.person)
        .where(AftersalesCase.number == number)
    )


def _shown(running: Sequence[Instance], kind: str) -> ColumnElement[bool]:
    by_service = Event.type == "ServiceTaskCompleted"
    money, messages = and_(by_service, _SERVICE.in_(MONEY)), and_(by_service, _SERVICE.in_(MESSAGES))
    # What a called procedure begins and ends is told by its caller.
    outermost = [instance.id for instance in running if instance.parent_id is None]
    own = or_(
        Event.type.not_in(("ProcessInstanceStarted", "ProcessInstanceCompleted")), Event.stream.in_(outermost)
    )
    by_people = and_(Event.type.in_(_PEOPLE), own)
    system = or_(
        and_(Event.type.in_(_SYSTEM), own),
        and_(by_service, _SERVICE.not_in((*MONEY, *MESSAGES, *_QUIET))),
    )
    failed_money = and_(Event.type.in_(("ServiceTaskErrorThrown", "ServiceTaskFailed")), _SERVICE.in_(MONEY))
    match kind:
        case "people":
            return by_people
        case "system":
            return system
        case "money":
            return or_(money, failed_money)
        case "messages":
            return or_(messages, Event.type == "MessageCorrelated")
        case _:
            return or_(by_people, system, money, messages, Event.type == "MessageCorrelated")


def message_texts(ctx: Context, numbers: Iterable[str]) -> Mapping[str, str]:
    """What customers were told, by message number."""
    wanted = set(numbers)
    if not wanted:
        return {}
    rows = ctx.session.execute(
        select(CustomerMessage.number, CustomerMessage.text).where(CustomerMessage.number.in_(wanted))
    )
    return {number: text for number, text in rows}


@dataclass(frozen=True, kw_only=True)
class Path:
    """The way one instance took."""

    #: Element -> how often it completed.
    done: Mapping[str, int]
    #: Elements that wait now.
    current: Sequence[str]
    #: Sequence flows that were passed.
    taken: Sequence[str]


def path(ctx: Context, instance_id: int) -> Path:
    """The way of an instance, from its history, in three statements."""
    done = ctx.session.execute(
        select(Event.element_id, func.count())
        .where(Event.stream == instance_id, Event.type == "ElementCompleted")
        .group_by(Event.element_id)
    )
    ended = aliased(Event)
    over = (
        select(ended.id)
        .where(
            ended.stream == Event.stream,
            ended.activity_id == Event.activity_id,
            ended.type.in_(("ElementCompleted", "ElementTerminated")),
        )
        .exists()
    )
    current = ctx.session.scalars(
        select(Event.element_id)
        .distinct()
        .where(Event.stream == instance_id, Event.type == "ElementActivated", ~over)
    )
    flows = func.jsonb_array_elements_text(_PAYLOAD["taken"]).label("flow")
    taken = ctx.session.scalars(
        select(flows).distinct().where(Event.stream == instance_id, Event.type == "ElementCompleted")
    )
    return Path(
        done={element: times for element, times in done if element},
        current=[element for element in current if element],
        taken=list(taken),
    )
