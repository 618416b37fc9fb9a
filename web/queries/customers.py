"""Customers: found by phone, name or number; and one customer's whole file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select

from engine.aftersales import visibility
from engine.aftersales.tables import (
    AftersalesCase,
    Customer,
    CustomerMessage,
    CustomerOrder,
    OrderLine,
    Product,
    Rating,
    Revisit,
    Shop,
)
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound
from engine.store.tables import Person
from web import lists
from web.filters import Filters

SORTS: dict[str, ColumnElement[Any]] = {
    "name": Customer.name,
    "number": Customer.number,
    "since": Customer.created_at,
}
_MOST = 50


@dataclass(frozen=True, kw_only=True)
class Filter(Filters):
    """What the customers are narrowed to."""

    tier: str = ""
    #: "open" for those with an open case.
    cases: str = ""


def page(
    ctx: Context, chosen: Filter, sort: lists.Sort, *, after: str | None, size: int = lists.PAGE
) -> lists.Page:
    """One page of customers, in one statement."""
    by = SORTS[sort.key]
    query = lists.seek(
        _rows(ctx, chosen).add_columns(by.label("sorted_by")),
        by=by,
        key=Customer.id,
        descending=sort.descending,
        after=after,
    )
    found = ctx.session.execute(query.limit(size + 1)).all()
    return lists.page(found, value=lambda row: row.sorted_by, key=lambda row: row.id, size=size, after=after)


def _rows(ctx: Context, chosen: Filter) -> Any:
    own = AftersalesCase.customer_id == Customer.id
    cases = select(func.count()).where(own).correlate(Customer).scalar_subquery()
    open_cases = (
        select(func.count())
        .where(own, AftersalesCase.closed_at.is_(None))
        .correlate(Customer)
        .scalar_subquery()
    )
    orders = (
        select(func.count())
        .where(CustomerOrder.customer_id == Customer.id)
        .correlate(Customer)
        .scalar_subquery()
    )
    query = select(
        Customer.id,
        Customer.number,
        Customer.name,
        Customer.phone,
        Customer.city,
        Customer.province,
        Customer.tier,
        Customer.do_not_call,
        cases.label("cases"),
        open_cases.label("open_cases"),
        orders.label("orders"),
    ).where(visibility.customers(ctx))
    if chosen.tier:
        query = query.where(Customer.tier == chosen.tier)
    if chosen.cases == "open":
        query = query.where(select(AftersalesCase.id).where(own, AftersalesCase.closed_at.is_(None)).exists())
    if chosen.q:
        query = query.where(
            or_(
                Customer.number == chosen.q,
                Customer.phone.startswith(chosen.q, autoescape=True),
                Customer.name.icontains(chosen.q, autoescape=True),
            )
        )
    return query


@dataclass(frozen=True, kw_only=True)
class File:
    """Everything on one customer."""

    customer: Customer
    service_manager: str | None
    #: Newest first, each with its lines.
    orders: Sequence[Row[Any]]
    lines: dict[int, list[Row[Any]]]
    cases: Sequence[Row[Any]]
    revisits: Sequence[Row[Any]]
    messages: Sequence[Row[Any]]
    ratings: Sequence[Row[Any]]


def file(ctx: Context, number: str) -> File:
    """The file of a customer whom the actor sees, with the cases they see, in seven statements. Raises `NotFound`."""
    found = ctx.session.execute(
        select(Customer, Person.name)
        .outerjoin(Person, Person.key == Customer.service_manager)
        .where(Customer.number == number, visibility.customers(ctx))
    ).one_or_none()
    if found is None:
        raise NotFound(what="customer", id=number)
    customer, manager = found
    orders = _orders(ctx, customer.id)
    return File(
        customer=customer,
        service_manager=manager or customer.service_manager,
        orders=orders,
        lines=_lines(ctx, [order.id for order in orders]),
        cases=_cases(ctx, customer.id),
        revisits=_revisits(ctx, customer.id),
        messages=_messages(ctx, customer.id),
        ratings=_ratings(ctx, customer.id),
    )


def _orders(ctx: Context, customer_id: int) -> Sequence[Row[Any]]:
    return ctx.session.execute(
        select(
            CustomerOrder.id,
            CustomerOrder.number,
            CustomerOrder.state,
            CustomerOrder.placed_at,
            CustomerOrder.received_at,
            CustomerOrder.paid_total,
            CustomerOrder.refunded_total,
            Shop.name.label("shop"),
            Shop.name_zh.label("shop_zh"),
        )
        .join(Shop, Shop.id == CustomerOrder.shop_id)
        .where(CustomerOrder.customer_id == customer_id)
        .order_by(CustomerOrder.placed_at.desc(), CustomerOrder.id.desc())
        .limit(_MOST)
    ).all()


def _lines(ctx: Context, order_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    by_order: dict[int, list[Row[Any]]] = {}
    for row in ctx.session.execute(
        select(
            OrderLine.order_id,
            OrderLine.line,
            OrderLine.name,
            Product.name_zh,
            Product.sku,
            OrderLine.quantity,
            OrderLine.paid_amount,
            OrderLine.refunded_amount,
        )
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id.in_(order_ids))
        .order_by(OrderLine.order_id, OrderLine.line)
    ):
        by_order.setdefault(row.order_id, []).append(row)
    return by_order


def _cases(ctx: Context, customer_id: int) -> Sequence[Row[Any]]:
    return ctx.session.execute(
        select(
            AftersalesCase.number,
            AftersalesCase.process_key,
            AftersalesCase.state,
            AftersalesCase.applied_at,
            AftersalesCase.closed_at,
            func.coalesce(AftersalesCase.amount_approved, AftersalesCase.amount_asked).label("amount"),
        )
        .where(AftersalesCase.customer_id == customer_id, visibility.cases(ctx))
        .order_by(AftersalesCase.applied_at.desc(), AftersalesCase.id.desc())
        .limit(_MOST)
    ).all()


def _revisits(ctx: Context, customer_id: int) -> Sequence[Row[Any]]:
    return ctx.session.execute(
        select(Revisit.interval, Revisit.due_at, Revisit.done_at, AftersalesCase.number)
        .join(AftersalesCase, AftersalesCase.id == Revisit.case_id)
        .where(Revisit.customer_id == customer_id, visibility.cases(ctx))
        .order_by(Revisit.due_at)
        .limit(_MOST)
    ).all()


def _messages(ctx: Context, customer_id: int) -> Sequence[Row[Any]]:
    return ctx.session.execute(
        select(
            CustomerMessage.text,
            CustomerMessage.channel,
            CustomerMessage.created_at,
            AftersalesCase.number.label("case_number"),
        )
        .outerjoin(AftersalesCase, AftersalesCase.id == CustomerMessage.case_id)
        .where(CustomerMessage.customer_id == customer_id)
        .where(or_(CustomerMessage.case_id.is_(None), visibility.cases(ctx)))
        .order_by(CustomerMessage.created_at.desc(), CustomerMessage.id.desc())
        .limit(_MOST)
    ).all()


def _ratings(ctx: Context, customer_id: int) -> Sequence[Row[Any]]:
    return ctx.session.execute(
        select(Rating.about, Rating.rating, Rating.remark, Rating.at)
        .outerjoin(AftersalesCase, AftersalesCase.id == Rating.case_id)
        .where(Rating.customer_id == customer_id)
        .where(or_(Rating.case_id.is_(None), visibility.cases(ctx)))
        .order_by(Rating.at.desc())
        .limit(_MOST)
    ).all()
