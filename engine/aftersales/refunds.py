"""Refunds: what a refund comes to. It is paid through `refund_ledger`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sqlalchemy import select

from engine.aftersales import orders, subjects
from engine.aftersales.money import CENT, ZERO, cents, number
from engine.aftersales.tables import CustomerOrder, OrderLine
from engine.runtime.context import Context
from engine.runtime.jobs import BpmnError, Job
from engine.runtime.refusals import NotFound


def share(line: OrderLine, quantity: int) -> Decimal:
    """What `quantity` more pieces of a line are refunded with, in cents.

    The paid amount is spread over the pieces rounded down; what rounding leaves falls to the last piece, so
    that refunds piece by piece come to exactly what was paid. Never more than is left of the line.
    """
    before, after = line.refunded_quantity, line.refunded_quantity + quantity
    amount = _up_to(line, after) - _up_to(line, before)
    return min(amount, line.paid_amount - line.refunded_amount)


def _up_to(line: OrderLine, pieces: int) -> Decimal:
    return (line.paid_amount * pieces / line.quantity).quantize(CENT, rounding=ROUND_DOWN)


def compute(ctx: Context, job: Job) -> dict[str, Any]:
    """`refund.compute`: the paid price of the lines asked for, shipping, deductions.

    Inputs: orderNumber, lines [{line, quantity}], serviceFee, deductions [{reason, amount} or {reason,
    rate}] (a rate is a share of the goods), allowShipping (absent: shipping goes with the whole order),
    extra (coupons and points given back, as such). Throws ORDER_NOT_FOUND.
    """
    try:
        order = orders.by_number(ctx, str(job.inputs.get("orderNumber") or ""))
    except NotFound as refusal:
        raise BpmnError("ORDER_NOT_FOUND", str(refusal)) from refusal
    asked, unknown = _asked(ctx, order, job.inputs.get("lines") or [])
    refunded, over, goods, whole = [], unknown, ZERO, True
    asked_lines: list[tuple[int, int, Decimal | None]] = []
    for line, product in orders.lines(ctx, order):
        left = line.quantity - line.refunded_quantity
        quantity = min(asked.get(line.line, 0), left)
        over = over or asked.get(line.line, 0) > left
        whole = whole and quantity == left
        if quantity > 0:
            amount = share(line, quantity)
            goods += amount
            asked_lines.append((line.id, quantity, amount))
            refunded.append(
                {
                    "line": line.line,
                    "sku": product.sku,
                    "name": line.name,
                    "quantity": quantity,
                    "amount": number(amount),
                }
            )
    whole = whole and bool(refunded)
    subjects.about_lines(ctx, job.business_key, asked_lines)
    shipping = ZERO
    if whole if job.inputs.get("allowShipping") is None else job.inputs["allowShipping"]:
        shipping = order.shipping_paid - order.shipping_refunded
    deductions = deducted(job.inputs, goods=goods, most=goods + shipping)
    extra_left = order.coupon_discount + order.points_discount - order.extra_returned
    return {
        "refund": {
            "lines": refunded,
            "goods": number(goods),
            "shipping": number(shipping),
            "deductions": [{"reason": reason, "amount": number(amount)} for reason, amount in deductions],
            "total": number(goods + shipping - sum((amount for _, amount in deductions), ZERO)),
            "extra": number(min(max(cents(job.inputs.get("extra")), ZERO), extra_left)),
            "wholeOrder": whole,
            "overQuantity": over,
        }
    }


def _asked(
    ctx: Context, order: CustomerOrder, wanted: Iterable[Mapping[str, Any]]
) -> tuple[dict[int, int], bool]:
    """Line -> pieces asked for, and whether something was asked that the order does not have."""
    known = set(ctx.session.scalars(select(OrderLine.line).where(OrderLine.order_id == order.id)))
    asked: dict[int, int] = defaultdict(int)
    unknown = False
    for item in wanted:
        line, quantity = int(item["line"]), float(item.get("quantity") or 0)
        if line not in known or quantity < 0 or quantity != int(quantity):
            unknown = True
        else:
            asked[line] += int(quantity)
    return asked, unknown


def deducted(inputs: Mapping[str, Any], *, goods: Decimal, most: Decimal) -> list[tuple[str, Decimal]]:
    """Service fee and further deductions; together never more than there is to deduct from."""
    wanted: list[tuple[str, Decimal]] = []
    if inputs.get("serviceFee"):
        wanted.append(("service_fee", cents(inputs["serviceFee"])))
    for item in inputs.get("deductions") or []:
        amount = cents(goods * Decimal(str(item["rate"]))) if item.get("rate") else cents(item.get("amount"))
        wanted.append((str(item["reason"]), amount))
    kept, left = [], most
    for reason, amount in wanted:
        amount = min(max(amount, ZERO), left)
        left -= amount
        if amount:
            kept.append((reason, amount))
    return kept
