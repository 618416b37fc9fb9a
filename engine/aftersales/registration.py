"""Registration: what is known of a customer and their order before a case is opened."""

from __future__ import annotations

from typing import Any

from engine.aftersales import customers, orders
from engine.aftersales.tables import Customer
from engine.runtime.context import Context


def known(
    ctx: Context, *, order_number: str | None = None, customer_number: str | None = None
) -> dict[str, Any]:
    """`order` and `customer` as the registration form and the process read them. Raises `NotFound`."""
    found: dict[str, Any] = {}
    customer = customers.by_number(ctx, customer_number) if customer_number else None
    if order_number:
        order = orders.by_number(ctx, order_number)
        found["order"] = orders.variables(ctx, order)
        found["orderNumber"] = order.number
        customer = ctx.session.get_one(Customer, order.customer_id)
    if customer is not None:
        found["customer"] = customers.variables(ctx, customer)
    return found
