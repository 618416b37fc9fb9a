"""Goods and money of a case: lines, what was paid back, owed, granted, moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, func, select

from engine.aftersales.tables import (
    CaseLine,
    Charge,
    Compensation,
    CustomerOrder,
    OrderLine,
    Product,
    Refund,
    RefundLine,
    StockMovement,
    Warehouse,
    WriteOff,
)
from engine.runtime.context import Context
from engine.store.tables import Person

_MOST = 100


@dataclass(frozen=True, kw_only=True)
class Money:
    """What a case cost or brought, entry by entry."""

    refunds: Sequence[Row[Any]]
    charges: Sequence[Row[Any]]
    compensations: Sequence[Row[Any]]
    write_offs: Sequence[Row[Any]]


def lines(ctx: Context, case_id: int) -> Sequence[Row[Any]]:
    """The order lines the case is about, with what this case paid back on each."""
    back = (
        select(
            RefundLine.order_line_id,
            func.sum(RefundLine.quantity).label("quantity"),
            func.sum(RefundLine.amount).label("amount"),
        )
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.case_id == case_id)
        .group_by(RefundLine.order_line_id)
        .subquery()
    )
    return ctx.session.execute(
        select(
            OrderLine.line,
            Product.sku,
            OrderLine.name,
            Product.name_zh,
            OrderLine.quantity.label("bought"),
            OrderLine.unit_price,
            OrderLine.paid_amount,
            CaseLine.quantity.label("asked"),
            CaseLine.amount_asked,
            OrderLine.refunded_quantity,
            OrderLine.refunded_amount,
            back.c.quantity.label("back"),
            back.c.amount.label("back_amount"),
        )
        .join(CaseLine, CaseLine.order_line_id == OrderLine.id)
        .join(Product, Product.id == OrderLine.product_id)
        .outerjoin(back, back.c.order_line_id == OrderLine.id)
        .where(CaseLine.case_id == case_id)
        .order_by(OrderLine.line)
    ).all()


def worth(line: Row[Any]) -> Decimal:
    """What was paid for the pieces asked back: their part of the line."""
    return (line.amount_asked or line.paid_amount * line.asked / line.bought).quantize(Decimal("0.01"))


def money(ctx: Context, case_id: int) -> Money:
    """Everything that was paid or is owed, in four statements."""
    return Money(
        refunds=ctx.session.execute(
            select(
                *(column for column in Refund.__table__.columns if column.name != "idempotency_key"),
                CustomerOrder.number.label("order_number"),
                func.coalesce(Person.name, Refund.paid_by).label("who"),
            )
            .join(CustomerOrder, CustomerOrder.id == Refund.order_id)
            .outerjoin(Person, Person.key == Refund.paid_by)
            .where(Refund.case_id == case_id)
            .order_by(Refund.id)
        ).all(),
        charges=ctx.session.execute(
            select(
                Charge.number,
                Charge.amount,
                Charge.purpose,
                Charge.state,
                Charge.created_at,
                Charge.settled_at,
            )
            .where(Charge.case_id == case_id)
            .order_by(Charge.id)
        ).all(),
        compensations=ctx.session.execute(
            select(
                Compensation.number,
                Compensation.amount,
                Compensation.purpose,
                Compensation.method,
                Compensation.paid_at,
                func.coalesce(Person.name, Compensation.paid_by).label("who"),
            )
            .outerjoin(Person, Person.key == Compensation.paid_by)
            .where(Compensation.case_id == case_id)
            .order_by(Compensation.id)
        ).all(),
        write_offs=ctx.session.execute(
            select(WriteOff.number, WriteOff.amount, WriteOff.remark, WriteOff.filed_at, WriteOff.photos)
            .where(WriteOff.case_id == case_id)
            .order_by(WriteOff.id)
        ).all(),
    )


def movements(ctx: Context, case_id: int) -> Sequence[Row[Any]]:
    """Goods that moved for the case, oldest first."""
    return ctx.session.execute(
        select(
            StockMovement.number,
            StockMovement.direction,
            StockMovement.type,
            StockMovement.quantity,
            StockMovement.serials,
            StockMovement.at,
            StockMovement.signed_by,
            Product.sku,
            Product.name,
            Product.name_zh,
            Warehouse.name.label("warehouse"),
            Warehouse.name_zh.label("warehouse_zh"),
            func.coalesce(Person.name, StockMovement.person).label("who"),
        )
        .join(Product, Product.id == StockMovement.product_id)
        .join(Warehouse, Warehouse.id == StockMovement.warehouse_id)
        .outerjoin(Person, Person.key == StockMovement.person)
        .where(StockMovement.case_id == case_id)
        .order_by(StockMovement.id)
        .limit(_MOST)
    ).all()
