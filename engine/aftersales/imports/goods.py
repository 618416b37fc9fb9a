"""Products and stock from files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from engine.aftersales import numbers
from engine.aftersales.imports.rows import Field, Reader
from engine.aftersales.imports.writing import add_or_update, refuse_repeated
from engine.aftersales.tables import Product, StockLevel, StockMovement, Warehouse
from engine.runtime.context import Context

if TYPE_CHECKING:
    from engine.aftersales.imports.files import Report

PRODUCTS = {
    "sku": Field(Reader.text, required=True),
    "name": Field(Reader.text, required=True),
    "name_zh": Field(Reader.text, empty=""),
    "kind": Field(Reader.key, required=True),
    "model": Field(Reader.text, empty=""),
    "list_price": Field(Reader.money, required=True),
    "minimum_stock": Field(Reader.whole, empty=0),
    "serialised": Field(Reader.flag, empty=False),
}
STOCK = {
    "warehouse": Field(Reader.text, required=True),
    "sku": Field(Reader.text, required=True),
    "quantity": Field(Reader.whole, required=True),
}


def write_products(ctx: Context, rows: list[tuple[int, dict[str, Any]]], report: Report) -> None:
    """New products are added, known ones brought up to date."""
    refuse_repeated(rows, report, "product", "sku")
    if rows and not report.bad:
        add_or_update(ctx, Product, rows, key="sku", fields=report.fields)
        report.written["products"] = len(rows)


def write_stock(ctx: Context, rows: list[tuple[int, dict[str, Any]]], report: Report) -> None:
    """The file says what lies there; the difference to what we know becomes a movement of stock-taking."""
    refuse_repeated(rows, report, "stock of", "warehouse", "sku")
    warehouses = dict(ctx.session.execute(select(Warehouse.key, Warehouse.id)).all())
    products = dict(ctx.session.execute(select(Product.sku, Product.id)).all())
    # Locked: what is counted here must not move until the difference is written.
    known = {
        (level.warehouse_id, level.product_id): level
        for level in ctx.session.execute(
            select(StockLevel.warehouse_id, StockLevel.product_id, StockLevel.on_hand, StockLevel.reserved)
            .order_by(StockLevel.warehouse_id, StockLevel.product_id)
            .with_for_update()
        )
    }
    movements = []
    for line, row in rows:
        warehouse, product = warehouses.get(row["warehouse"]), products.get(row["sku"])
        if warehouse is None:
            report.bad.append((line, f"there is no warehouse {row['warehouse']}"))
            continue
        if product is None:
            report.bad.append((line, f"there is no product {row['sku']}"))
            continue
        level = known.get((warehouse, product))
        if level is not None and row["quantity"] < level.reserved:
            report.bad.append(
                (line, f"{level.reserved} pieces are reserved for cases, so no fewer can lie there")
            )
        elif difference := row["quantity"] - (level.on_hand if level else 0):
            movements.append(_movement(ctx, warehouse, product, difference))
    if movements and not report.bad:
        for movement, number in zip(movements, numbers.block(ctx, "movement", len(movements)), strict=True):
            movement |= {"number": number, "idempotency_key": f"import:{number}"}
        ctx.session.execute(insert(StockMovement), movements)
    report.written["stock movements"] = len(movements)


def _movement(ctx: Context, warehouse_id: int, product_id: int, difference: int) -> dict[str, Any]:
    return {
        "direction": "in" if difference > 0 else "out",
        "type": "stock_taking",
        "warehouse_id": warehouse_id,
        "product_id": product_id,
        "quantity": abs(difference),
        "at": ctx.now,
        "person": ctx.actor.key,
    }
