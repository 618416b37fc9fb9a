"""What a case can be about: orders and customers by phone, name, number or serial number; open cases on an order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, or_, select

from engine.aftersales import customers
from engine.aftersales.tables import AftersalesCase, Customer, CustomerOrder, Product, SerialNumber
from engine.aftersales.tables.case import CaseLine
from engine.aftersales.tables.order import OrderLine
from engine.runtime.context import Context

_MOST = 20


def orders(ctx: Context, text: str) -> Sequence[Row[Any]]:
    """Orders that a number, serial number, phone or customer's name leads to, newest first, goods in one text."""
    wanted = text.strip()
    by_serial = (
        select(OrderLine.order_id)
        .join(SerialNumber, SerialNumber.order_line_id == OrderLine.id)
        .where(SerialNumber.number == wanted)
    )
    goods = (
        select(func.string_agg(OrderLine.name, "、"))
        .where(OrderLine.order_id == CustomerOrder.id)
        .correlate(CustomerOrder)
        .scalar_subquery()
    )
    return ctx.session.execute(
        select(
            CustomerOrder.id,
            CustomerOrder.number,
            CustomerOrder.state,
            CustomerOrder.placed_at,
            CustomerOrder.paid_total,
            Customer.number.label("customer_number"),
            Customer.name.label("customer"),
            Customer.phone,
            Customer.tier,
            goods.label("goods"),
        )
        .join(Customer, Customer.id == CustomerOrder.customer_id)
        .where(
            or_(
                CustomerOrder.number == wanted, CustomerOrder.id.in_(by_serial), *customers.named(ctx, wanted)
            )
        )
        .order_by(CustomerOrder.placed_at.desc(), CustomerOrder.id.desc())
        .limit(_MOST)
    ).all()


def open_cases(ctx: Context, order_number: str) -> Sequence[Row[Any]]:
    """Cases on an order that are not closed, with the lines they are about."""
    return ctx.session.execute(
        select(
            AftersalesCase.number,
            AftersalesCase.process_key,
            AftersalesCase.applied_at,
            func.string_agg(func.distinct(Product.sku), ", ").label("goods"),
        )
        .join(CustomerOrder, CustomerOrder.id == AftersalesCase.order_id)
        .outerjoin(CaseLine, CaseLine.case_id == AftersalesCase.id)
        .outerjoin(OrderLine, OrderLine.id == CaseLine.order_line_id)
        .outerjoin(Product, Product.id == OrderLine.product_id)
        .where(CustomerOrder.number == order_number, AftersalesCase.closed_at.is_(None))
        .group_by(AftersalesCase.id)
        .order_by(AftersalesCase.id)
    ).all()
