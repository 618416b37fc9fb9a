"""A past case as the beginning of a play: its goods and amounts as they stood when it was registered, and what was entered.

Names, telephone numbers and addresses stay where they are: a play, and a scenario made of it, has ordinary ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import select

from engine.aftersales import visibility
from engine.aftersales.tables import (
    AftersalesCase,
    Customer,
    CustomerOrder,
    OrderLine,
    Product,
    SerialNumber,
    Shop,
)
from engine.forms.components import Component, Form
from engine.runtime import task_forms
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound
from engine.scenarios.files import Story
from engine.store.tables import HistoryEvent

_STATES = (
    ("completed", "completed_at"),
    ("received", "received_at"),
    ("shipped", "shipped_at"),
    ("paid", "paid_at"),
)


def story(ctx: Context, process_key: str, number: str) -> tuple[Story, dict[str, Any]]:
    """What a case of the procedure began with, and its registration: {"by", "form"}. Raises `NotFound`."""
    case = ctx.session.execute(
        select(AftersalesCase).where(
            AftersalesCase.number == number, AftersalesCase.process_key == process_key, visibility.cases(ctx)
        )
    ).scalar_one_or_none()
    if case is None:
        raise NotFound(what="case of this procedure", id=number)
    given: dict[str, Any] = {}
    if case.customer_id is not None:
        given["customer"] = _customer(ctx.session.get_one(Customer, case.customer_id))
    order = ctx.session.get(CustomerOrder, case.order_id) if case.order_id else None
    if order is not None:
        given |= _order(ctx, case, order)
    begun = Story(process=process_key, clock=case.applied_at.astimezone(ctx.organisation.tzinfo), given=given)
    return begun, {"by": case.opened_by, "form": _entered(ctx, case, order.number if order else None)}


def _customer(customer: Customer) -> dict[str, Any]:
    facts: dict[str, Any] = {"tier": customer.tier, "language": customer.language}
    if customer.province:
        facts |= {"province": customer.province, "city": customer.city}
    return facts | ({"doNotCall": True} if customer.do_not_call else {})


def _order(ctx: Context, case: AftersalesCase, order: CustomerOrder) -> dict[str, Any]:
    """The order as it stood when the case was registered."""
    passed = {
        column: at
        for _, column in (*_STATES, ("placed", "placed_at"))
        if (at := getattr(order, column)) is not None and at <= case.applied_at
    }
    state = next((state for state, column in _STATES if column in passed), "placed")
    channel = ctx.session.execute(select(Shop.sales_channel).where(Shop.id == order.shop_id)).scalar_one()
    facts: dict[str, Any] = {"state": state, "salesChannel": channel}
    zone = ctx.organisation.tzinfo
    for column, at in passed.items():
        head, _, tail = column.partition("_")
        facts[head + tail.capitalize()] = at.astimezone(zone).isoformat()
    amounts = {
        "shippingFee": order.shipping_fee,
        "shippingCost": order.shipping_cost,
        "couponDiscount": order.coupon_discount,
        "pointsDiscount": order.points_discount,
    }
    facts |= {name: float(amount) for name, amount in amounts.items() if amount}
    facts |= {"freeShipping": True} if order.free_shipping else {}
    rows = ctx.session.execute(
        select(OrderLine, Product)
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id == order.id)
        .order_by(OrderLine.line)
    ).all()
    facts["lines"] = [
        {
            "sku": product.sku,
            "quantity": line.quantity,
            "unitPrice": float(line.unit_price),
            **({"discount": float(line.discount)} if line.discount else {}),
            "paid": float(line.paid_amount),
        }
        for line, product in rows
    ]
    given: dict[str, Any] = {
        "order": facts,
        "products": {product.sku: {"name": product.name, "kind": product.kind} for _, product in rows},
    }
    skus = {line.id: product.sku for line, product in rows}
    pieces = ctx.session.scalars(select(SerialNumber).where(SerialNumber.order_line_id.in_(skus))).all()
    if pieces:
        given["serials"] = {
            piece.number: {
                "sku": skus[piece.order_line_id or 0],
                **(
                    {"deliveredAt": piece.delivered_at.astimezone(zone).isoformat()}
                    if piece.delivered_at
                    else {}
                ),
            }
            for piece in pieces
        }
    return given


def _entered(ctx: Context, case: AftersalesCase, order_number: str | None) -> dict[str, Any]:
    """What the registration form asked and was told, the order's number replaced by the play's own."""
    payload = ctx.session.execute(
        select(HistoryEvent.payload).where(
            HistoryEvent.stream == case.process_instance_id, HistoryEvent.type == "ProcessInstanceStarted"
        )
    ).scalar()
    _, form = task_forms.start_form(ctx.engine.definitions.current(ctx.session, case.process_key))
    if payload is None or form is None:
        return {}
    values = asked(form, orjson.loads(payload).get("variables") or {})
    return _with(values, order_number)


def asked(form: Form, values: dict[str, Any]) -> dict[str, Any]:
    """The part of some variables that a form asks for."""
    found: dict[str, Any] = {}
    for component in _outermost(form.components):
        value: Any = values
        for step in component.path:
            value = value.get(step) if isinstance(value, dict) else None
        if value in (None, "", []):
            continue
        into = found
        for step in component.path[:-1]:
            into = into.setdefault(step, {})
        into.setdefault(component.path[-1], value)
    return found


def _outermost(components: tuple[Component, ...]) -> Iterator[Component]:
    """What asks for a value of its own: groups opened, lists as a whole."""
    for component in components:
        if component.type == "group":
            yield from _outermost(component.components)
        elif component.path and (component.is_input or component.type == "dynamiclist"):
            yield component


def _with(values: Any, order_number: str | None) -> Any:
    if isinstance(values, dict):
        return {key: _with(value, order_number) for key, value in values.items()}
    if isinstance(values, list):
        return [_with(value, order_number) for value in values]
    return "$order" if order_number is not None and values == order_number else values
