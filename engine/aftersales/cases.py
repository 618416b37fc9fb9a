"""Cases: opened under one number for every channel, moved by the diagram, linked to each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, insert, select, update
from sqlalchemy import case as sql_case

from config import insights
from engine.aftersales import (
    applications,
    attachments,
    customers,
    following,
    numbers,
    orders,
    reasons,
    subjects,
)
from engine.aftersales.applications import Application
from engine.aftersales.money import cents
from engine.aftersales.tables import (
    AftersalesCase,
    CaseLine,
    CaseLink,
    Customer,
    CustomerOrder,
    OrderLine,
    Product,
    SerialNumber,
    Shop,
)
from engine.runtime import instances
from engine.runtime.context import Context
from engine.runtime.jobs import Job
from engine.runtime.refusals import NotFound
from engine.store.base import Base
from engine.store.tables import UserTask

#: Variables that a case may have from its registration, whatever its form asks: what `open_case` and whoever opens it give.
GIVEN = (
    "caseNumber",
    "initiator",
    "customer",
    "order",
    "orderNumber",
    "serialNumber",
    "startedByCase",
    "channel",
    "urgency",
    "category",
)

#: State of a case until its diagram sets one.
REGISTERED = "registered"
_UNSYNCED = {"synchronize_session": False}


def of(ctx: Context, job: Job) -> AftersalesCase | None:
    """The case a job works for; None for a process that runs without one."""
    return by_number(ctx, job.business_key)


def by_number(ctx: Context, case_number: str) -> AftersalesCase | None:
    """The case of that number as the database has it now."""
    return ctx.session.scalar(
        select(AftersalesCase)
        .where(AftersalesCase.number == case_number)
        .execution_options(populate_existing=True)
    )


def open_case(
    ctx: Context,
    process_key: str,
    variables: Mapping[str, Any],
    *,
    order_number: str | None = None,
    customer_number: str | None = None,
    serial_number: str | None = None,
    about: str | None = None,
    idempotency_key: str | None = None,
    start_event: str | None = None,
) -> AftersalesCase:
    """Open a case and start its procedure.

    The standard variables (`caseNumber`, `initiator`, `customer`, `order`) are filled in. The same
    `idempotency_key` opens one case, however often it is sent. Raises `NotFound` for an unknown order or
    customer, `ReasonNotOffered`, `NothingCurrent`.
    """
    if idempotency_key is not None:
        # Sent twice at once, the second waits here until the first has its case.
        ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(idempotency_key, 0))))
        existing = ctx.session.scalar(
            select(AftersalesCase).where(AftersalesCase.idempotency_key == idempotency_key)
        )
        if existing is not None:
            return existing
    asked = applications.read(variables)
    order = _order(ctx, order_number, asked)
    customer = _customer(ctx, order, customer_number)
    reasons.check_offered(ctx, process_key, asked.reason)
    case_number = numbers.case(ctx)
    complete = {**variables, "caseNumber": case_number, "initiator": ctx.actor.key}
    if customer is not None:
        complete.setdefault("customer", customers.variables(ctx, customer, case_number=case_number))
    if order is not None:
        complete.setdefault("order", orders.variables(ctx, order))
    about_id = _about(ctx, about, asked)
    piece = _piece(ctx, serial_number or asked.serial_number)
    case_id = ctx.session.execute(
        insert(AftersalesCase).returning(AftersalesCase.id),
        [
            {
                "number": case_number,
                "process_key": process_key,
                "state": REGISTERED,
                "customer_id": customer.id if customer else None,
                "order_id": order.id if order else None,
                "shop_id": order.shop_id if order else _id(ctx, Shop, Shop.key, asked.shop),
                "serial_number_id": piece.id if piece else None,
                "product_id": piece.product_id if piece else _id(ctx, Product, Product.sku, asked.sku),
                "channel": asked.channel,
                "urgency": asked.urgency,
                "category": asked.category,
                "reason": asked.reason,
                "summary": asked.summary,
                "amount_asked": asked.amount_asked,
                "applied_at": ctx.now,
                "ordered_at": order.placed_at if order else None,
                "opened_by": ctx.actor.key,
                "about_case_id": about_id,
                "idempotency_key": idempotency_key,
            }
        ],
    ).scalar_one()
    if order is not None:
        subjects.about_lines(ctx, case_number, _lines(ctx, order, asked))
    if about_id is not None:
        link(ctx, case_id, about_id, "about")
    attachments.adopt(ctx, case_number, complete)
    following.take_up(ctx, case_id)
    # The listener of ProcessInstanceStarted ties the instance to the case.
    instances.start(ctx, process_key, complete, business_key=case_number, start_event=start_event)
    return ctx.session.get_one(AftersalesCase, case_id, populate_existing=True)


def _order(ctx: Context, number: str | None, asked: Application) -> CustomerOrder | None:
    """The order named, or the one the form asked for; what a form got wrong is its procedure's to answer."""
    if number:
        return orders.by_number(ctx, number)
    if not asked.order_number:
        return None
    return ctx.session.scalar(select(CustomerOrder).where(CustomerOrder.number == asked.order_number))


def _about(ctx: Context, number: str | None, asked: Application) -> int | None:
    """The case named, or the one the form asked for, with the same difference."""
    if number and by_number(ctx, number) is None:
        raise NotFound(what="case", id=number)
    return _id(ctx, AftersalesCase, AftersalesCase.number, number or asked.about)


def _piece(ctx: Context, serial: str) -> SerialNumber | None:
    return ctx.session.scalar(select(SerialNumber).where(SerialNumber.number == serial)) if serial else None


def _id(ctx: Context, table: type[Base], column: Any, value: str) -> int | None:
    return ctx.session.scalar(select(table.id).where(column == value)) if value else None  # type: ignore[attr-defined]


def known(
    ctx: Context, *, order_number: str | None = None, customer_number: str | None = None
) -> dict[str, Any]:
    """What a registration form may read before there is a case: `order` and `customer`. Raises `NotFound`."""
    order = orders.by_number(ctx, order_number) if order_number else None
    customer = _customer(ctx, order, customer_number)
    found: dict[str, Any] = {}
    if order is not None:
        found["order"] = orders.variables(ctx, order)
    if customer is not None:
        found["customer"] = customers.variables(ctx, customer)
    return found


def _customer(ctx: Context, order: CustomerOrder | None, number: str | None) -> Customer | None:
    if order is not None:
        return ctx.session.get_one(Customer, order.customer_id)
    return customers.by_number(ctx, number) if number else None


def _lines(ctx: Context, order: CustomerOrder, asked: Application) -> list[tuple[int, int, Decimal | None]]:
    """The order lines the application names; those the order does not have are the procedure's to refuse."""
    ids = ctx.session.execute(
        select(OrderLine.line, OrderLine.id).where(
            OrderLine.order_id == order.id, OrderLine.line.in_(asked.lines)
        )
    )
    return [(line_id, asked.lines[line], None) for line, line_id in ids]


def link(ctx: Context, from_id: int, to_id: int, kind: str) -> None:
    """Tie two cases together. The same link a second time changes nothing."""
    known = select(CaseLink.id).where(
        CaseLink.from_case_id == from_id, CaseLink.to_case_id == to_id, CaseLink.kind == kind
    )
    if ctx.session.scalar(known) is None:
        ctx.session.execute(
            insert(CaseLink).values(
                from_case_id=from_id,
                to_case_id=to_id,
                kind=kind,
                created_at=ctx.now,
                created_by=ctx.actor.key,
            )
        )


def open_on_lines(ctx: Context, order_number: str, lines: list[int] | None = None) -> list[AftersalesCase]:
    """Open cases on these order lines (or on the order at all), newest first: a new application is warned."""
    query = (
        select(AftersalesCase)
        .join(CustomerOrder, CustomerOrder.id == AftersalesCase.order_id)
        .where(CustomerOrder.number == order_number, AftersalesCase.closed_at.is_(None))
        .order_by(AftersalesCase.id.desc())
    )
    if lines is not None:
        on_lines = (
            select(CaseLine.case_id)
            .join(OrderLine, OrderLine.id == CaseLine.order_line_id)
            .where(OrderLine.line.in_(lines))
        )
        query = query.where(AftersalesCase.id.in_(on_lines))
    return list(ctx.session.scalars(query))


def set_state(ctx: Context, job: Job) -> dict[str, Any]:
    """`case.state`: the header `state` becomes the case's business state; `label` is its English name.

    Leaving the first state a diagram set counts as reviewed.
    """
    state = job.headers["state"]
    case = of(ctx, job)
    if case is None:
        return {}
    measured = insights.read(ctx.engine.settings.insights_file)
    values: dict[str, Any] = {"state": state}
    if case.reviewed_at is None and case.state not in (REGISTERED, state):
        values["reviewed_at"] = ctx.now
    if case.first_answered_at is None:
        values["first_answered_at"] = first_step()
    if case.proposed_at is None and state in measured.proposals.states:
        values["proposed_at"] = ctx.now
    if case.solved_at is None and state in measured.solved.states:
        values["solved_at"] = ctx.now
    _update(ctx, case.id, values)
    return {}


def first_step() -> ScalarSelect[Any]:
    """When somebody first completed a step of the case; null while nobody has."""
    return (
        select(func.min(UserTask.ended_at))
        .where(UserTask.business_key == AftersalesCase.number, UserTask.state == "completed")
        .correlate(AftersalesCase)
        .scalar_subquery()
    )


def first_answer() -> ColumnElement[Any]:
    """When the case was first answered, known or not yet kept."""
    return func.coalesce(
        AftersalesCase.first_answered_at, sql_case((AftersalesCase.closed_at.is_(None), first_step()))
    )


#: Input of `case.record` -> column.
_RECORDED = {
    "cause": "cause",
    "department": "department",
    "improvement": "improvement",
    "returnContact": "return_contact",
    "returnAddress": "return_address",
    "urgency": "urgency",
    "category": "category",
}
_RECORDED_AMOUNTS = {
    "amountAsked": "amount_asked",
    "amountApproved": "amount_approved",
    "deducted": "deducted",
}


def record(ctx: Context, job: Job) -> dict[str, Any]:
    """`case.record`: keep what was found out or decided; inputs that are absent or null change nothing.

    Inputs: amountAsked, amountApproved (the most its compensations may come to), deducted, cause, department,
    improvement, returnContact, returnAddress, urgency, category, dueAt (ISO).
    """
    case = of(ctx, job)
    if case is None:
        return {}
    given = {name: value for name, value in job.inputs.items() if value is not None}
    values: dict[str, Any] = {column: str(given[name]) for name, column in _RECORDED.items() if name in given}
    values |= {column: cents(given[name]) for name, column in _RECORDED_AMOUNTS.items() if name in given}
    if isinstance(given.get("dueAt"), str):
        values["due_at"] = ctx.engine.feel.instant(given["dueAt"])
    if values:
        _update(ctx, case.id, values)
    return {}


def set_due(ctx: Context, case_id: int, due_at: datetime | None) -> None:
    """Set by when the case has to be solved."""
    _update(ctx, case_id, {"due_at": due_at})


def _update(ctx: Context, case_id: int, values: Mapping[str, Any]) -> None:
    ctx.session.execute(
        update(AftersalesCase).where(AftersalesCase.id == case_id).values(values), execution_options=_UNSYNCED
    )
