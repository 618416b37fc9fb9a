"""Quotes for paid work, from the public price list."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select

from engine.aftersales import products
from engine.aftersales.money import ZERO, cents, number
from engine.aftersales.tables import PriceListItem
from engine.runtime.context import Context
from engine.runtime.jobs import Job


class NoPrice(LookupError):
    """The price list has no price in force: somebody has to enter one."""


def compute(ctx: Context, job: Job) -> dict[str, Any]:
    """`quote.compute`: parts [{sku, quantity}], labourHours, travel -> quote.

    `quote` is {parts, labour, travel, total, lines}.

    `travel`: an area (its price, else the general one), true (the general price), an amount, or nothing. A
    part without a price of its own costs its list price. Raises `NoPrice`.
    """
    day = ctx.now.astimezone(ctx.organisation.tzinfo).date()
    lines: list[dict[str, Any]] = []
    parts = ZERO
    for item in products.items(ctx, job.inputs.get("parts")):
        price = _price(ctx, "part", day, product_id=item.product.id)
        price = item.product.list_price if price is None else price
        amount = cents(price * item.quantity)
        parts += amount
        lines.append(
            {
                "kind": "part",
                "sku": item.product.sku,
                "name": item.product.name,
                "quantity": item.quantity,
                "unitPrice": number(price),
                "amount": number(amount),
            }
        )
    hours = Decimal(str(job.inputs.get("labourHours") or 0))
    labour = ZERO
    if hours:
        rate = _required(_price(ctx, "labour", day), "labour")
        labour = cents(rate * hours)
        lines.append(_line("labour", float(hours), rate, labour))
    travel = _travel(ctx, job.inputs.get("travel"), day)
    if travel:
        lines.append(_line("travel", 1, travel, travel))
    return {
        "quote": {
            "parts": number(parts),
            "labour": number(labour),
            "travel": number(travel),
            "total": number(parts + labour + travel),
            "lines": lines,
        }
    }


def _line(kind: str, quantity: float, price: Decimal, amount: Decimal) -> dict[str, Any]:
    return {"kind": kind, "quantity": quantity, "unitPrice": number(price), "amount": number(amount)}


def _travel(ctx: Context, wanted: Any, day: date) -> Decimal:
    if wanted is None or wanted is False or wanted == "":
        return ZERO
    if isinstance(wanted, int | float) and wanted is not True:
        return cents(wanted)
    area = wanted if isinstance(wanted, str) else ""
    return _required(_price(ctx, "travel", day, area=area), "travel")


def _required(price: Decimal | None, what: str) -> Decimal:
    if price is None:
        raise NoPrice(f"The price list has no price for {what} today")
    return price


def _price(
    ctx: Context, kind: str, day: date, *, product_id: int | None = None, area: str = ""
) -> Decimal | None:
    """The price in force on a day: an area's own before the general one, a later before an earlier one."""
    query = (
        select(PriceListItem.price)
        .where(
            PriceListItem.kind == kind,
            PriceListItem.area.in_(("", area)),
            PriceListItem.valid_from <= day,
            or_(PriceListItem.valid_to.is_(None), PriceListItem.valid_to >= day),
        )
        .order_by(PriceListItem.area.desc(), PriceListItem.valid_from.desc())
        .limit(1)
    )
    if product_id is not None:
        query = query.where(PriceListItem.product_id == product_id)
    return ctx.session.scalar(query)
