"""Products and stock from files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert as plain_insert
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from engine.aftersales import numbers
from engine.aftersales.imports.rows import Field, Reader
from engine.aftersales.tables import Product, StockLevel, StockMovement, Warehouse
from engine.runtime.context import Context

if TYPE_CHECKING:
    from engine.aftersales.imports.files import Report

PRODUCTS = {
    "sku": Field(Reader.text, required=True),
    "name": Field(Reader.text, required=True),
    "name_zh": Field(Reader.text, empty=""),
    "kind": Field(Reader.text, required=True),
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
    seen: dict[str, int] = {}
    for line, row in rows:
        if row["sku"] in seen:
            report.bad.append((line, f"product {row['sku']} is already in line {seen[row['sku']]}"))
        seen.setdefault(row["sku"], line)
    if rows and not report.bad:
        statement = insert(Product)
        updated = {name: statement.excluded[name] for name in PRODUCTS if name != "sku"}
        ctx.session.execute(
            statement.on_conflict_do_update(index_elements=["sku"], set_=updated), [row for _, row in rows]
        )
        report.written["products"] = len(rows)


def write_stock(ctx: Context, rows: list[tuple[int, dict[str, Any]]], report: Report) -> None:
    """The file says what lies there; the difference to what we know becomes a movement of stock-taking."""
    warehouses = dict(ctx.session.execute(select(Warehouse.key, Warehouse.id)).tuples().all())
    products = dict(ctx.session.execute(select(Product.sku, Product.id)).tuples().all())
    known = {
        (row.warehouse_id, row.product_id): row.on_hand
        for row in ctx.session.execute(
            select(StockLevel.warehouse_id, StockLevel.product_id, StockLevel.on_hand)
        )
    }
    movements = []
    for line, row in rows:
        warehouse, product = warehouses.get(row["warehouse"]), products.get(row["sku"])
        if warehouse is None:
            report.bad.append((line, f"there is no warehouse {row['warehouse']}"))
        elif product is None:
            report.bad.append((line, f"there is no product {row['sku']}"))
        elif difference := row["quantity"] - known.get((warehouse, product), 0):
            known[warehouse, product] = row["quantity"]
            number = numbers.following(ctx, "movement")
            movements.append(
                {
                    "number": number,
                    "direction": "in" if difference > 0 else "out",
                    "type": "stock_taking",
                    "warehouse_id": warehouse,
                    "product_id": product,
                    "quantity": abs(difference),
                    "at": ctx.now,
                    "person": ctx.actor.key,
                    "idempotency_key": f"import:{number}",
                }
            )
    if movements and not report.bad:
        ctx.session.execute(plain_insert(StockMovement), movements)
    report.written["stock movements"] = len(movements)
