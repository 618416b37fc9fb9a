"""Orders as procedures see them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from engine.aftersales import customers, reasons, subjects
from engine.aftersales.money import number
from engine.aftersales.tables import Customer, CustomerOrder, OrderLine, Product, SerialNumber, Shop
from engine.runtime import history
from engine.runtime.context import Context
from engine.runtime.jobs import BpmnError, Job
from engine.runtime.refusals import NotFound, Refusal


def by_number(ctx: Context, order_number: str) -> CustomerOrder:
    """The order of that number as the database has it now. Raises `NotFound`."""
    row = ctx.session.scalar(
        select(CustomerOrder)
        .where(CustomerOrder.number == order_number)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(what="order", id=order_number)
    return row


def lines(ctx: Context, order: CustomerOrder) -> list[tuple[OrderLine, Product]]:
    """The order's lines with their products, in order."""
    rows = ctx.session.execute(
        select(OrderLine, Product)
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id == order.id)
        .order_by(OrderLine.line)
        .execution_options(populate_existing=True)
    )
    return [(line, product) for line, product in rows]


def variables(ctx: Context, order: CustomerOrder) -> dict[str, Any]:
    """The `order` variable: what was bought, paid, and is left to refund."""
    shop = ctx.session.get_one(Shop, order.shop_id)
    bought = lines(ctx, order)
    serials: dict[int, list[str]] = defaultdict(list)
    for line_id, serial in ctx.session.execute(
        select(SerialNumber.order_line_id, SerialNumber.number)
        .where(SerialNumber.order_line_id.in_([line.id for line, _ in bought]))
        .order_by(SerialNumber.number)
    ):
        serials[line_id].append(serial)
    return {
        "number": order.number,
        "state": order.state,
        "shop": shop.name,
        "salesChannel": shop.sales_channel,
        "placedAt": _iso(ctx, order.placed_at),
        "paidAt": _iso(ctx, order.paid_at),
        "shippedAt": _iso(ctx, order.shipped_at),
        "receivedAt": _iso(ctx, order.received_at),
        "completedAt": _iso(ctx, order.completed_at),
        "shippingFee": number(order.shipping_fee),
        "freeShipping": order.free_shipping,
        "shippingCost": number(order.shipping_cost),
        "couponDiscount": number(order.coupon_discount + order.points_discount),
        "total": number(sum((_price(line) for line, _ in bought), order.shipping_fee)),
        "paidTotal": number(order.paid_total),
        "refundedTotal": number(order.refunded_total),
        "shippingRefunded": number(order.shipping_refunded),
        "contractNumber": order.contract_number,
        "lines": [
            {
                "line": line.line,
                "sku": product.sku,
                "name": line.name,
                "productKind": product.kind,
                "quantity": line.quantity,
                "unitPrice": number(line.unit_price),
                "discount": number(line.discount),
                "paid": number(line.paid_amount),
                "left": line.quantity - line.refunded_quantity,
                "leftAmount": number(line.paid_amount - line.refunded_amount),
                "serials": serials[line.id],
            }
            for line, product in bought
        ],
    }


class OrderNotThere(Refusal):
    """The order has not come to, or is past, the moment after which this can happen."""

    code = "order_not_there"
    sentence = "Order {number} is {state}; only one that is {wanted} can be {becoming}."


def mark_shipped(ctx: Context, order_number: str) -> None:
    """A paid order left the warehouse. Raises `NotFound`, `OrderNotThere`."""
    _move_on(ctx, order_number, "paid", "shipped", "OrderShipped")


def mark_received(ctx: Context, order_number: str) -> None:
    """A shipped order reached the buyer. Raises `NotFound`, `OrderNotThere`."""
    _move_on(ctx, order_number, "shipped", "received", "OrderReceived")


def _move_on(ctx: Context, order_number: str, wanted: str, becoming: str, event: str) -> None:
    moved = ctx.session.execute(
        update(CustomerOrder)
        .where(CustomerOrder.number == order_number, CustomerOrder.state == wanted)
        .values({"state": becoming, f"{becoming}_at": ctx.now})
        .returning(CustomerOrder.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    if moved is None:
        state = by_number(ctx, order_number).state
        raise OrderNotThere(number=order_number, state=state, wanted=wanted, becoming=becoming)
    history.record_organisation(ctx, event, order=order_number)


def lookup(ctx: Context, job: Job) -> dict[str, Any]:
    """`order.lookup`: orderNumber, reason (key) -> order, customer, reason. Throws ORDER_NOT_FOUND.

    The case is about that order from now on. `reason` is null for a key that operations do not keep.
    """
    try:
        order = by_number(ctx, str(job.inputs.get("orderNumber") or ""))
    except NotFound as refusal:
        raise BpmnError("ORDER_NOT_FOUND", str(refusal)) from refusal
    subjects.about_order(ctx, job.business_key, order)
    customer = ctx.session.get_one(Customer, order.customer_id)
    reason = reasons.by_key(ctx, str(job.inputs.get("reason") or ""))
    return {
        "reason": reasons.variables(reason) if reason else None,
        "order": variables(ctx, order),
        "customer": customers.variables(ctx, customer, case_number=job.business_key),
    }


def _price(line: OrderLine) -> Any:
    return line.unit_price * line.quantity - line.discount


def _iso(ctx: Context, at: datetime | None) -> str | None:
    return at.astimezone(ctx.organisation.tzinfo).isoformat() if at else None
