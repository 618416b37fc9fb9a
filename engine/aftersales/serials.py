"""Serial numbers: traced for a case, and moved with the goods that carry them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, insert, select, update

from engine.aftersales import subjects
from engine.aftersales.products import Item
from engine.aftersales.tables import Customer, CustomerOrder, OrderLine, Product, SerialNumber
from engine.runtime.context import Context
from engine.runtime.jobs import Job

_UNSYNCED = {"synchronize_session": False}


def trace(ctx: Context, job: Job) -> dict[str, Any]:
    """`serial.trace`: serialNumber -> product, or null for a number we never sold."""
    row = ctx.session.execute(
        select(SerialNumber, Product, CustomerOrder, Customer.number.label("customer"))
        .join(Product, Product.id == SerialNumber.product_id)
        .outerjoin(OrderLine, OrderLine.id == SerialNumber.order_line_id)
        .outerjoin(CustomerOrder, CustomerOrder.id == OrderLine.order_id)
        .outerjoin(
            Customer, Customer.id == func.coalesce(CustomerOrder.customer_id, SerialNumber.customer_id)
        )
        .where(SerialNumber.number == str(job.inputs.get("serialNumber") or "").strip())
    ).one_or_none()
    if row is None:
        return {"product": None}
    piece, product, order, customer_number = row
    subjects.about_piece(ctx, job.business_key, piece)
    delivered = piece.delivered_at or (order.received_at if order else None)
    replaced_by = (
        ctx.session.scalar(select(SerialNumber.number).where(SerialNumber.id == piece.replaced_by_id))
        if piece.replaced_by_id
        else None
    )
    return {
        "product": {
            "sku": product.sku,
            "name": product.name,
            "kind": product.kind,
            "model": product.model,
            "serialNumber": piece.number,
            "deliveredAt": delivered.astimezone(ctx.organisation.tzinfo).isoformat() if delivered else None,
            "orderNumber": order.number if order else None,
            "customerNumber": customer_number,
            "replacedBy": replaced_by,
        }
    }


def issue(ctx: Context, item: Item) -> list[str]:
    """The serial numbers that leave with an item: those recorded for it, else the longest in stock."""
    numbers = list(item.serials) or (_from_stock(ctx, item) if item.product.serialised else [])
    if not numbers:
        return []
    _write(ctx, item.product.id, numbers, state="sold", delivered_at=ctx.now)
    if item.replaces:
        _replace(ctx, item.replaces, numbers[0])
    return numbers


def receive(ctx: Context, item: Item, *, state: str) -> list[str]:
    """The serial numbers that come in with an item; unknown ones are entered."""
    if item.serials:
        _write(ctx, item.product.id, list(item.serials), state=state)
    return list(item.serials)


def _from_stock(ctx: Context, item: Item) -> list[str]:
    return list(
        ctx.session.scalars(
            select(SerialNumber.number)
            .where(SerialNumber.product_id == item.product.id, SerialNumber.state == "in_stock")
            .order_by(SerialNumber.id)
            .limit(item.quantity)
            .with_for_update(skip_locked=True)
        )
    )


def _write(ctx: Context, product_id: int, numbers: list[str], *, state: str, **values: Any) -> None:
    """Bring pieces into a state. A replaced piece stays replaced: that is what makes it traceable."""
    known = set(
        ctx.session.scalars(
            update(SerialNumber)
            .where(SerialNumber.number.in_(numbers), SerialNumber.state != "replaced")
            .values(state=state, **values)
            .returning(SerialNumber.number),
            execution_options=_UNSYNCED,
        )
    )
    known |= set(ctx.session.scalars(select(SerialNumber.number).where(SerialNumber.number.in_(numbers))))
    new = [
        {"number": number, "product_id": product_id, "state": state, **values}
        for number in numbers
        if number not in known
    ]
    if new:
        ctx.session.execute(insert(SerialNumber), new)


def _replace(ctx: Context, old: str, new: str) -> None:
    """The new piece takes the old one's place in the customer's order."""
    old_row = ctx.session.execute(
        select(SerialNumber.id, SerialNumber.order_line_id, SerialNumber.customer_id).where(
            SerialNumber.number == old
        )
    ).one_or_none()
    if old_row is None:
        return
    new_id = ctx.session.execute(
        update(SerialNumber)
        .where(SerialNumber.number == new)
        .values(order_line_id=old_row.order_line_id, customer_id=old_row.customer_id)
        .returning(SerialNumber.id),
        execution_options=_UNSYNCED,
    ).scalar_one()
    ctx.session.execute(
        update(SerialNumber)
        .where(SerialNumber.id == old_row.id)
        .values(state="replaced", replaced_by_id=new_id),
        execution_options=_UNSYNCED,
    )
