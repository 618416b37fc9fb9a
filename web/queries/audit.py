"""What auditors read: cases found by anything about them, and every event of one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, func, literal_column, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB

from engine.aftersales import visibility
from engine.aftersales.tables import AftersalesCase, Customer, CustomerOrder
from engine.mining import Selection
from engine.runtime.context import Context
from engine.store.tables import HistoryEvent, Person, ProcessInstance
from web import lists
from web.filters import Filters, between, days

Case, Event = AftersalesCase, HistoryEvent
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
    #: Key of somebody who acted in it.
    person: str = ""
    procedure: str = ""
    state: str = ""
    applied_from: str = ""
    applied_to: str = ""


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
    by = SORTS[sort.key]
    events = select(func.count()).where(Event.business_key == Case.number).correlate(Case).scalar_subquery()
    query = (
        select(
            Case.id,
            Case.number,
            Case.process_key,
            Case.state,
            Case.outcome,
            Case.applied_at,
            Case.closed_at,
            Customer.name.label("customer"),
            Customer.tier,
            CustomerOrder.number.label("order_number"),
            events.label("events"),
            by.label("sorted_by"),
        )
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(CustomerOrder, CustomerOrder.id == Case.order_id)
        .where(visibility.cases(ctx), *_narrowed(ctx, chosen))
    )
    query = lists.seek(query, by=by, key=Case.id, descending=sort.descending, after=after)
    found = ctx.session.execute(query.limit(size + 1)).all()
    return lists.page(found, value=lambda row: row.sorted_by, key=lambda row: row.id, size=size, after=after)


def _narrowed(ctx: Context, chosen: Filter) -> list[ColumnElement[bool]]:
    conditions = days(ctx, Case.applied_at, chosen.applied_from, chosen.applied_to)
    if chosen.q:
        conditions.append(Case.number.icontains(chosen.q, autoescape=True))
    if chosen.customer:
        conditions.append(
            or_(
                Customer.name.icontains(chosen.customer, autoescape=True),
                Customer.phone.startswith(chosen.customer, autoescape=True),
                Customer.number == chosen.customer,
            )
        )
    if chosen.order:
        conditions.append(CustomerOrder.number.icontains(chosen.order, autoescape=True))
    if chosen.person:
        acted = select(Event.business_key).where(
            Event.actor == chosen.person, Event.business_key.is_not(None)
        )
        conditions.append(Case.number.in_(acted))
    if chosen.procedure:
        conditions.append(Case.process_key == chosen.procedure)
    if chosen.state:
        conditions.append(Case.state == chosen.state)
    return conditions


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
