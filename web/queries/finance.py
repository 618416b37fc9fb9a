"""The finance list: cases in which money was approved, line by line, with where the payment stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Numeric,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from engine.aftersales import visibility
from engine.aftersales.tables import (
    AftersalesCase,
    CaseLine,
    Charge,
    Customer,
    CustomerOrder,
    OrderLine,
    Product,
    Refund,
    RefundLine,
)
from engine.runtime.context import Context
from engine.store.tables import Incident, Job, ProcessInstance, UserTask
from web import lists
from web.filters import Filters, amounts, days
from web.queries.case_history import MONEY

Case = AftersalesCase
_PAID = Case.refunded + Case.compensated
#: The refund as the procedure computed it.
_COMPUTED = cast(ProcessInstance.variables["refund"]["total"].astext, Numeric(12, 2))
#: What was approved; before finance agreed, what operations sent them; a payment without a review as its rule had it.
APPROVED = func.coalesce(Case.amount_approved, func.nullif(_PAID, 0), _COMPUTED, 0)
SORTS: dict[str, ColumnElement[Any]] = {
    "number": Case.number,
    "amount": APPROVED,
    "paid": _PAID,
    "approved": func.coalesce(Case.reviewed_at, Case.applied_at),
    "due": func.coalesce(Case.due_at, datetime(3000, 1, 1, tzinfo=UTC)),
}
STATES = ("incident", "review", "waiting", "paid", "closed")


@dataclass(frozen=True, kw_only=True)
class Filter(Filters):
    """What the finance list is narrowed to."""

    #: One of `STATES`.
    state: str = ""
    type: str = ""
    least: str = ""
    most: str = ""
    approved_from: str = ""
    approved_to: str = ""


def reviewers(ctx: Context) -> frozenset[str]:
    """Roles that review amounts: those that work steps and have this list."""
    roles = ctx.organisation.roles
    return frozenset(key for key, role in roles.items() if {"finance", "inbox"} <= set(role.places))


def _waiting_task(ctx: Context) -> ColumnElement[bool]:
    groups = cast(sorted(reviewers(ctx)), ARRAY(Text))
    return and_(
        UserTask.business_key == Case.number,
        UserTask.state == "created",
        UserTask.candidate_groups.op("&&")(groups),
    )


def _stuck() -> ColumnElement[bool]:
    """A payment that failed for good: an incident on the job that pays."""
    return exists(
        select(literal(1))
        .select_from(Incident)
        .join(Job, and_(Job.instance_id == Incident.instance_id, Job.activity_id == Incident.activity_id))
        .where(Incident.business_key == Case.number, Incident.resolved_at.is_(None), Job.type.in_(MONEY))
    )


def state_of(ctx: Context) -> ColumnElement[str]:
    """Where the payment of a case stands."""
    review = exists().where(_waiting_task(ctx))
    return case(
        (_stuck(), "incident"),
        (review, "review"),
        (_PAID > 0, "paid"),
        (Case.closed_at.is_not(None), "closed"),
        else_="waiting",
    )


def page(
    ctx: Context, chosen: Filter, sort: lists.Sort, *, after: str | None, size: int = lists.PAGE
) -> lists.Page:
    """One page, in one statement."""
    query, by = rows(ctx, chosen), SORTS[sort.key]
    return lists.sorted_page(ctx.session, query, sort, by=by, key=Case.id, after=after, size=size)


def whole(ctx: Context, chosen: Filter, sort: lists.Sort) -> Select[Any]:
    """All of it, for a file."""
    return lists.whole(rows(ctx, chosen), sort, by=SORTS[sort.key], key=Case.id)


def rows(ctx: Context, chosen: Filter) -> Select[Any]:
    """Approved cases, unordered; `task_id` is the step of finance that waits."""
    task = select(func.min(UserTask.id)).where(_waiting_task(ctx)).correlate(Case).scalar_subquery()
    charged = (
        select(func.sum(Charge.amount))
        .where(Charge.case_id == Case.id, Charge.state == "open")
        .correlate(Case)
        .scalar_subquery()
    )
    return (
        select(
            Case.id,
            Case.number,
            Case.process_key,
            Case.state,
            Case.closed_at,
            Case.amount_asked,
            APPROVED.label("approved"),
            Case.deducted,
            Case.refunded,
            Case.compensated,
            func.coalesce(Case.reviewed_at, Case.applied_at).label("approved_at"),
            Customer.name.label("customer"),
            Customer.tier,
            CustomerOrder.number.label("order_number"),
            state_of(ctx).label("payment"),
            task.label("task_id"),
            charged.label("charged"),
            ProcessInstance.variables["refund"].label("computed"),
        )
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(CustomerOrder, CustomerOrder.id == Case.order_id)
        .outerjoin(ProcessInstance, ProcessInstance.id == Case.process_instance_id)
        .where(or_(Case.amount_approved.is_not(None), _PAID > 0, exists().where(_waiting_task(ctx))))
        # A step of theirs about a case in which no money is at stake is in their inbox, not here.
        .where(or_(APPROVED > 0, charged.is_not(None)))
        .where(visibility.cases(ctx), *_narrowed(ctx, chosen))
    )


def _narrowed(ctx: Context, chosen: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.state in STATES:
        conditions.append(state_of(ctx) == chosen.state)
    if chosen.type:
        conditions.append(Case.process_key == chosen.type)
    conditions += amounts(APPROVED, chosen.least, chosen.most)
    conditions += days(ctx, SORTS["approved"], chosen.approved_from, chosen.approved_to)
    if chosen.q:
        conditions.append(
            or_(
                Case.number.icontains(chosen.q, autoescape=True),
                CustomerOrder.number.icontains(chosen.q, autoescape=True),
                Customer.name.icontains(chosen.q, autoescape=True),
            )
        )
    return conditions


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a case's amount."""

    case_id: int
    sku: str
    name: str
    name_zh: str
    quantity: int
    amount: Any


def lines(ctx: Context, found: Sequence[Any]) -> dict[int, list[Line]]:
    """Lines by case: what was paid back on each, else what was computed, in one statement."""
    ids = [row.id for row in found]
    paid = (
        select(
            Refund.case_id,
            RefundLine.order_line_id,
            func.sum(RefundLine.quantity).label("quantity"),
            func.sum(RefundLine.amount).label("amount"),
        )
        .join(RefundLine, RefundLine.refund_id == Refund.id)
        .where(Refund.case_id.in_(ids))
        .group_by(Refund.case_id, RefundLine.order_line_id)
        .subquery()
    )
    asked = (
        select(CaseLine.case_id, OrderLine.line, Product.sku, OrderLine.name, Product.name_zh)
        .add_columns(
            CaseLine.quantity, paid.c.quantity.label("paid_quantity"), paid.c.amount.label("paid_amount")
        )
        .join(OrderLine, OrderLine.id == CaseLine.order_line_id)
        .join(Product, Product.id == OrderLine.product_id)
        .outerjoin(paid, and_(paid.c.case_id == CaseLine.case_id, paid.c.order_line_id == OrderLine.id))
        .where(CaseLine.case_id.in_(ids))
        .order_by(CaseLine.case_id, OrderLine.line)
    )
    computed = {row.id: _computed(row.computed) for row in found}
    by_case: dict[int, list[Line]] = {}
    for row in ctx.session.execute(asked):
        quantity, amount = computed.get(row.case_id, {}).get(row.line, (row.quantity, None))
        by_case.setdefault(row.case_id, []).append(
            Line(
                case_id=row.case_id,
                sku=row.sku,
                name=row.name,
                name_zh=row.name_zh,
                quantity=row.paid_quantity or quantity,
                amount=row.paid_amount if row.paid_amount is not None else amount,
            )
        )
    return by_case


def _computed(refund: Any) -> dict[int, tuple[int, Any]]:
    """Order line -> pieces and amount, of the `refund` variable."""
    found = refund.get("lines") if isinstance(refund, dict) else None
    return {
        line["line"]: (line.get("quantity", 0), line.get("amount"))
        for line in found or ()
        if isinstance(line, dict) and "line" in line
    }
