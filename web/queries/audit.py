"""What auditors read: cases found by anything about them, and every event of one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, cast, func, literal_column, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB

from engine.aftersales import visibility
from engine.aftersales.tables import AftersalesCase, Customer, CustomerOrder, SerialNumber
from engine.mining import Selection
from engine.runtime.context import Context
from engine.store.tables import HistoryEvent, Person, ProcessDefinition, ProcessInstance
from web import lists
from web.filters import Filters, amounts, between, days
from web.queries import finding

Case, Event = AftersalesCase, HistoryEvent
#: The amount people speak of: what was approved, before that what was asked for, else what was paid back.
AMOUNT = func.coalesce(
    Case.amount_approved, Case.amount_asked, func.nullif(Case.refunded, literal_column("0"))
)
SORTS: dict[str, ColumnElement[Any]] = {
    "number": Case.number,
    "applied": Case.applied_at,
    "procedure": Case.process_key,
}
#: Events of the organisation about which versions of a procedure cases run on.
VERSIONS = (
    "ProcessDeployed",
    "ProcessVersionMadeCurrent",
    "ProcessStartReached",
    "ProcedureRetired",
    "ProcedureBroughtBack",
    "VersionSuspended",
    "VersionResumed",
)


@dataclass(frozen=True, kw_only=True)
class Filter(Filters):
    """What the cases are narrowed to."""

    customer: str = ""
    order: str = ""
    serial: str = ""
    #: Key of somebody who acted in it.
    person: str = ""
    #: Key of a role that did a step of it, or that a step of it waits for.
    role: str = ""
    procedure: str = ""
    #: Row id of the version it runs on, or ended on.
    version: str = ""
    #: Id of an element, and whether it is one the case "passed" or one it "waits" at; either, where it does not say.
    element: str = ""
    at: str = ""
    state: str = ""
    least: str = ""
    most: str = ""
    #: A variable as its path, `refund.lines[].sku`, and the value it had at any time.
    variable: str = ""
    value: str = ""
    applied_from: str = ""
    applied_to: str = ""
    closed_from: str = ""
    closed_to: str = ""


#: Filters behind "More filters".
MORE = (
    *("serial", "role", "version", "element", "at", "least", "most", "variable", "value"),
    *("applied_from", "applied_to", "closed_from", "closed_to"),
)


@dataclass(frozen=True, kw_only=True)
class Export(Filters):
    """Which cases are exported."""

    procedure: str = ""
    applied_from: str = ""
    applied_to: str = ""

    def selection(self, ctx: Context) -> Selection:
        """The same for the export, among the cases the actor sees."""
        begins, ends = between(ctx, self.applied_from, self.applied_to)
        seen = None if visibility.sees_all(ctx) else select(Case.number).where(visibility.cases(ctx))
        return Selection(process=self.procedure, begins=begins, ends=ends, among=seen)


def cases(
    ctx: Context, chosen: Filter, sort: lists.Sort, *, after: str | None, size: int = lists.PAGE
) -> lists.Page:
    """One page of cases, in one statement."""
    query, by = _found(ctx, chosen), SORTS[sort.key]
    return lists.sorted_page(ctx.session, query, sort, by=by, key=Case.id, after=after, size=size)


def whole(ctx: Context, chosen: Filter, sort: lists.Sort) -> Select[Any]:
    """All that was found in the order shown, for a file."""
    return lists.whole(_found(ctx, chosen), sort, by=SORTS[sort.key], key=Case.id)


def _found(ctx: Context, chosen: Filter) -> Select[Any]:
    events = select(func.count()).where(Event.business_key == Case.number).correlate(Case).scalar_subquery()
    return (
        select(
            Case.id,
            Case.number,
            Case.process_key,
            Case.state,
            Case.outcome,
            Case.applied_at,
            Case.closed_at,
            AMOUNT.label("amount"),
            Customer.name.label("customer"),
            Customer.tier,
            CustomerOrder.number.label("order_number"),
            SerialNumber.number.label("serial_number"),
            ProcessDefinition.version,
            events.label("events"),
        )
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(CustomerOrder, CustomerOrder.id == Case.order_id)
        .outerjoin(SerialNumber, SerialNumber.id == Case.serial_number_id)
        .outerjoin(ProcessDefinition, ProcessDefinition.id == Case.definition_id)
        .where(visibility.cases(ctx), *_narrowed(ctx, chosen))
    )


def _narrowed(ctx: Context, chosen: Filter) -> list[ColumnElement[bool]]:
    conditions = days(ctx, Case.applied_at, chosen.applied_from, chosen.applied_to)
    conditions += days(ctx, Case.closed_at, chosen.closed_from, chosen.closed_to)
    conditions += amounts(AMOUNT, chosen.least, chosen.most)
    if chosen.q:
        conditions.append(Case.number.icontains(chosen.q, autoescape=True))
    if chosen.customer:
        # Found first, by themselves: then their cases come from an index.
        named = select(Customer.id).where(
            or_(
                Customer.name.icontains(chosen.customer, autoescape=True),
                Customer.phone.startswith(chosen.customer, autoescape=True),
                Customer.number == chosen.customer,
            )
        )
        conditions.append(Case.customer_id.in_(named))
    if chosen.order:
        ordered = select(CustomerOrder.id).where(
            CustomerOrder.number.icontains(chosen.order, autoescape=True)
        )
        conditions.append(Case.order_id.in_(ordered))
    if chosen.serial:
        same = select(SerialNumber.id).where(SerialNumber.number.icontains(chosen.serial, autoescape=True))
        conditions.append(Case.serial_number_id.in_(same))
    if chosen.procedure:
        conditions.append(Case.process_key == chosen.procedure)
    if chosen.version.isdecimal():
        conditions.append(Case.definition_id == int(chosen.version[:9]))
    if chosen.state:
        conditions.append(Case.state == chosen.state)
    conditions += [Case.number.in_(numbers) for numbers in finding.numbers(chosen)]
    return conditions


def versions(ctx: Context, process_key: str) -> list[tuple[int, str]]:
    """(row id, version) of a procedure, newest first, for a filter."""
    rows = ctx.session.execute(
        select(ProcessDefinition.id, ProcessDefinition.version)
        .where(ProcessDefinition.process_key == process_key)
        .order_by(ProcessDefinition.version.desc())
    )
    return [(id_, str(version)) for id_, version in rows]


def people(ctx: Context) -> list[tuple[str, str]]:
    """(key, name) of everybody, those who left too, for a filter."""
    return [
        (key, name)
        for key, name in ctx.session.execute(select(Person.key, Person.name).order_by(Person.name))
    ]


@dataclass(frozen=True, kw_only=True)
class Meanwhile:
    """What went on with the case's procedures while it ran: events of the organisation that belong to no case."""

    procedures: Collection[str]
    begins: datetime
    #: None while the case runs.
    ends: datetime | None

    def events(self) -> Any:
        """The condition on events."""
        return and_(
            # Said outright, so that PostgreSQL sees that the index of the organisation's events has them.
            Event.stream == literal_column("0"),
            Event.type.in_(VERSIONS),
            cast(Event.payload, JSONB)["process"].astext.in_(self.procedures),
            Event.at > self.begins,
            Event.at <= self.ends if self.ends else true(),
        )


def events(
    ctx: Context,
    number: str,
    *,
    kind: str = "",
    after: str | None = None,
    size: int = 200,
    meanwhile: Meanwhile | None = None,
) -> lists.Page:
    """Every event of a case, and what went on meanwhile, oldest first, a page at a time; `kind` keeps one type's."""
    told: Any = _events().where(Event.business_key == number)
    if meanwhile is not None:
        told = told.union_all(_events().where(meanwhile.events()))
    event = told.subquery("event")
    query = select(event)
    if kind:
        query = query.where(event.c.type == kind)
    query = lists.seek(query, by=event.c.id, key=event.c.id, descending=False, after=after)
    found = ctx.session.execute(query.limit(size + 1)).all()
    return lists.page(found, value=lambda row: row.id, key=lambda row: row.id, size=size, after=after)


def _events() -> Any:
    return select(
        Event.id,
        Event.stream,
        Event.seq,
        Event.at,
        Event.type,
        Event.actor,
        Event.element_id,
        Event.activity_id,
        Event.payload,
        Event.hash,
        func.coalesce(Person.name, Event.actor).label("who"),
    ).outerjoin(Person, Person.key == Event.actor)


def types(ctx: Context, number: str) -> list[tuple[str, int]]:
    """(event type, how many) of a case."""
    return [
        (type_, n)
        for type_, n in ctx.session.execute(
            select(Event.type, func.count())
            .where(Event.business_key == number)
            .group_by(Event.type)
            .order_by(Event.type)
        )
    ]


def streams(ctx: Context, number: str) -> list[int]:
    """The instances whose histories make the case's."""
    return list(
        ctx.session.scalars(
            select(ProcessInstance.id)
            .where(ProcessInstance.business_key == number)
            .order_by(ProcessInstance.id)
        )
    )
