"""Builders: an order that was paid, as a shop would have it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

import engine.aftersales.tables as t

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
_numbers = count(1)


def customer(session: Session, **fields) -> t.Customer:
    row = t.Customer(
        **{"number": f"C{next(_numbers):05d}", "name": "Wang Wei", "phone": "13800000001", **fields}
    )
    session.add(row)
    session.flush()
    return row


def product(session: Session, **fields) -> t.Product:
    row = t.Product(
        **{
            "sku": f"SKU{next(_numbers):05d}",
            "name": "Oak chair",
            "kind": "furniture",
            "list_price": Decimal("100.00"),
            **fields,
        }
    )
    session.add(row)
    session.flush()
    return row


def order(
    session: Session,
    *lines: tuple[int, str, str],
    shipping: str = "0.00",
    customer_row: t.Customer | None = None,
    state: str = "paid",
    sales_channel: str = "mall",
    **fields,
) -> t.CustomerOrder:
    """An order of lines (quantity, unit price, paid for the line)."""
    buyer = customer_row or customer(session)
    key = f"shop-{sales_channel}"
    shop = session.scalar(select(t.Shop).where(t.Shop.key == key))
    if shop is None:
        shop = t.Shop(key=key, name=f"Shop {sales_channel}", sales_channel=sales_channel)
        session.add(shop)
        session.flush()
    paid = sum((Decimal(line[2]) for line in lines), Decimal(0)) + Decimal(shipping)
    row = t.CustomerOrder(
        **{
            "number": f"SO{next(_numbers):06d}",
            "customer_id": buyer.id,
            "shop_id": shop.id,
            "state": state,
            "placed_at": NOW - timedelta(days=3),
            "paid_at": NOW - timedelta(days=3),
            "shipping_fee": Decimal(shipping),
            "shipping_paid": Decimal(shipping),
            "paid_total": paid,
            **fields,
        }
    )
    session.add(row)
    session.flush()
    for position, (quantity, price, paid_amount) in enumerate(lines, start=1):
        goods = product(session, list_price=Decimal(price))
        session.add(
            t.OrderLine(
                order_id=row.id,
                line=position,
                product_id=goods.id,
                name=goods.name,
                quantity=quantity,
                unit_price=Decimal(price),
                paid_amount=Decimal(paid_amount),
            )
        )
    session.add(
        t.Payment(
            number=f"PAY{next(_numbers):06d}",
            order_id=row.id,
            amount=paid,
            method="alipay",
            paid_at=row.placed_at,
        )
    )
    session.flush()
    return row


def refund_directly(
    session: Session, row: t.CustomerOrder, line: int, quantity: int, amount: str, *, key: str, **fields
) -> None:
    """A ledger entry by plain SQL, past all Python of the product."""
    payment_id = session.scalar(select(t.Payment.id).where(t.Payment.order_id == row.id))
    line_id = session.scalar(
        select(t.OrderLine.id).where(t.OrderLine.order_id == row.id, t.OrderLine.line == line)
    )
    shipping = Decimal(fields.get("shipping", "0"))
    refund_id = session.scalar(
        insert(t.Refund)
        .values(
            number=f"RF-{key}",
            order_id=row.id,
            goods=Decimal(fields.get("goods", amount)),
            shipping=shipping,
            total=Decimal(fields.get("goods", amount)) + shipping,
            payment_id=payment_id,
            method="alipay",
            paid_at=NOW,
            paid_by="system",
            idempotency_key=key,
        )
        .returning(t.Refund.id)
    )
    session.execute(
        insert(t.RefundLine).values(
            refund_id=refund_id,
            order_line_id=line_id,
            order_id=row.id,
            quantity=quantity,
            amount=Decimal(amount),
        )
    )
