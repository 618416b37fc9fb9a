"""Orders to the factory for what is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from engine.aftersales import cases, numbers, products, stock, workers
from engine.aftersales.tables import Product, Purchase, PurchaseLine
from engine.runtime.context import Context
from engine.runtime.jobs import Job
from engine.runtime.refusals import NotFound


def order(ctx: Context, job: Job) -> dict[str, Any]:
    """`purchase.order`: items, promisedDate, person -> purchase {number, promisedDate, state}."""
    case = cases.of(ctx, job)
    promised = job.inputs.get("promisedDate")
    row = ctx.session.scalars(
        insert(Purchase).returning(Purchase),
        [
            {
                "number": numbers.following(ctx, "purchase"),
                "case_id": case.id if case else None,
                "ordered_at": ctx.now,
                "ordered_by": workers.of(ctx, job),
                "promised_on": date.fromisoformat(str(promised)[:10]) if promised else None,
                "idempotency_key": job.idempotency_key,
            }
        ],
    ).one()
    lines = [
        {"purchase_id": row.id, "product_id": item.product.id, "quantity": item.quantity}
        for item in products.items(ctx, job.inputs.get("items"))
    ]
    if lines:
        ctx.session.execute(insert(PurchaseLine), lines)
    return {"purchase": _variable(row)}


def arrive(ctx: Context, job: Job) -> dict[str, Any]:
    """`purchase.arrive`: purchaseNumber, warehouse -> purchase, movements (stocked in). A second arrival moves nothing.

    Raises `NotFound`.
    """
    number = str(job.inputs["purchaseNumber"])
    arrived = ctx.session.execute(
        update(Purchase)
        .where(Purchase.number == number, Purchase.state == "ordered")
        .values(state="arrived", arrived_at=ctx.now)
        .returning(Purchase.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    row = ctx.session.scalar(
        select(Purchase).where(Purchase.number == number).execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(what="purchase", id=number)
    movements: list[str] = []
    if arrived is not None:
        lines = ctx.session.execute(
            select(Product.sku, PurchaseLine.quantity)
            .join(Product, Product.id == PurchaseLine.product_id)
            .where(PurchaseLine.purchase_id == row.id)
        )
        items = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
        movements = stock.take_in(ctx, job, items, "purchase")
    return {"purchase": _variable(row), "movements": movements}


def _variable(row: Purchase) -> dict[str, Any]:
    return {
        "number": row.number,
        "promisedDate": row.promised_on.isoformat() if row.promised_on else None,
        "state": row.state,
    }
