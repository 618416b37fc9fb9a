"""Customers as procedures see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from engine.aftersales import subjects, visibility
from engine.aftersales.tables import AftersalesCase, Customer, CustomerOrder, Refund, SerialNumber
from engine.aftersales.tables.order import OrderLine
from engine.runtime.context import Context
from engine.runtime.jobs import BpmnError, Job
from engine.runtime.refusals import NotFound


def by_number(ctx: Context, number: str) -> Customer:
    """The customer of that number. Raises `NotFound`."""
    row = ctx.session.scalar(select(Customer).where(Customer.number == number))
    if row is None:
        raise NotFound(what="customer", id=number)
    return row


def named(ctx: Context, text: str) -> tuple[ColumnElement[bool], ...]:
    """What leads to a customer: the whole number or phone; of those the actor sees also the beginning of phone or name.

    Whoever registers a case has the customer before them or on the phone: that is no reason to leaf through all of them.
    """
    begins = or_(
        Customer.phone.startswith(text, autoescape=True),
        func.lower(Customer.name).startswith(text.lower(), autoescape=True),
    )
    return Customer.number == text, Customer.phone == text, and_(visibility.customers(ctx), begins)


def find(ctx: Context, text: str, limit: int = 20) -> list[Customer]:
    """Customers by number, phone, beginning of their name (`named`), order number or serial number."""
    wanted = text.strip()
    if not wanted:
        return []
    by_order = select(CustomerOrder.customer_id).where(CustomerOrder.number == wanted)
    by_serial = (
        select(CustomerOrder.customer_id)
        .join(OrderLine, OrderLine.order_id == CustomerOrder.id)
        .join(SerialNumber, SerialNumber.order_line_id == OrderLine.id)
        .where(SerialNumber.number == wanted)
    )
    return list(
        ctx.session.scalars(
            select(Customer)
            .where(or_(*named(ctx, wanted), Customer.id.in_(by_order), Customer.id.in_(by_serial)))
            .order_by(Customer.name, Customer.id)
            .limit(limit)
        )
    )


def variables(ctx: Context, customer: Customer, *, case_number: str | None = None) -> dict[str, Any]:
    """The `customer` variable. Counts leave out the case it is asked for.

    `trusted` follows the organisation's rule on completed orders and recent refunds.
    """
    house = ctx.organisation.trust
    since = ctx.now - timedelta(days=house.recent_days)
    cases = select(func.count()).where(
        AftersalesCase.customer_id == customer.id, AftersalesCase.number != (case_number or "")
    )
    refunds = (
        select(func.count())
        .select_from(Refund)
        .join(CustomerOrder, CustomerOrder.id == Refund.order_id)
        .where(CustomerOrder.customer_id == customer.id, Refund.paid_at >= since)
    )
    completed = select(func.count()).where(
        CustomerOrder.customer_id == customer.id, CustomerOrder.state == "completed"
    )
    counts = ctx.session.execute(
        select(cases.scalar_subquery(), refunds.scalar_subquery(), completed.scalar_subquery())
    )
    previous_cases, recent_refunds, completed_orders = counts.one()
    return {
        "number": customer.number,
        "name": customer.name,
        "phone": customer.phone,
        "address": customer.address,
        "province": customer.province,
        "city": customer.city,
        "tier": customer.tier,
        "language": customer.language,
        "doNotCall": customer.do_not_call,
        "serviceManager": customer.service_manager,
        "previousCases": previous_cases,
        "recentRefunds": recent_refunds,
        "completedOrders": completed_orders,
        "trusted": completed_orders >= house.completed_orders and recent_refunds <= house.recent_refunds,
    }


def lookup(ctx: Context, job: Job) -> dict[str, Any]:
    """`customer.lookup`: customerNumber -> customer. Throws CUSTOMER_NOT_FOUND."""
    try:
        customer = by_number(ctx, str(job.inputs.get("customerNumber") or ""))
    except NotFound as refusal:
        raise BpmnError("CUSTOMER_NOT_FOUND", str(refusal)) from refusal
    subjects.about_customer(ctx, job.business_key, customer.id)
    return {"customer": variables(ctx, customer, case_number=job.business_key)}
