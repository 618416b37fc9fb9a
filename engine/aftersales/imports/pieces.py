"""Serial numbers from a file: which piece went to whom, and when its warranty began."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import any_, select

from engine.aftersales.imports.rows import Field, Reader, one_of
from engine.aftersales.imports.writing import add_or_update, ids, refuse_repeated
from engine.aftersales.tables import Customer, CustomerOrder, OrderLine, Product, SerialNumber
from engine.runtime.context import Context

if TYPE_CHECKING:
    from engine.aftersales.imports.files import Report

FIELDS = {
    "number": Field(Reader.text, required=True),
    "sku": Field(Reader.text, required=True),
    "order_number": Field(Reader.text, empty=""),
    "customer_number": Field(Reader.text, empty=""),
    "delivered_at": Field(Reader.moment),
    "state": Field(one_of("in_stock", "sold", "returned"), empty="sold"),
}
#: Field of a row -> column it becomes.
_COLUMNS = {
    "number": "number",
    "sku": "product_id",
    "order_number": "order_line_id",
    "customer_number": "customer_id",
    "delivered_at": "delivered_at",
    "state": "state",
}

Rows = list[tuple[int, dict[str, Any]]]


def write(ctx: Context, rows: Rows, report: Report) -> None:
    """New pieces are added, known ones brought up to date; a piece of an order belongs to its line of that product."""
    refuse_repeated(rows, report, "serial number", "number")
    products = ids(ctx, Product.sku, Product.id, {row["sku"] for _, row in rows})
    customers = ids(ctx, Customer.number, Customer.id, {row["customer_number"] for _, row in rows})
    lines = _order_lines(ctx, rows)
    written: Rows = []
    for line, row in rows:
        wrong = _wrong(row, products, customers, lines)
        if wrong is not None:
            report.bad.append((line, wrong))
            continue
        written.append(
            (
                line,
                {
                    "number": row["number"],
                    "product_id": products[row["sku"]],
                    "order_line_id": lines.get((row["order_number"], row["sku"])),
                    "customer_id": customers.get(row["customer_number"]),
                    "delivered_at": row["delivered_at"],
                    "state": row["state"],
                },
            )
        )
    if written and not report.bad:
        fields = frozenset(_COLUMNS[name] for name in report.fields)
        add_or_update(ctx, SerialNumber, written, key="number", fields=fields)
        report.written["serial numbers"] = len(written)


def _wrong(row: dict[str, Any], products: Any, customers: Any, lines: Any) -> str | None:
    if row["sku"] not in products:
        return f"there is no product {row['sku']}"
    if row["customer_number"] and row["customer_number"] not in customers:
        return f"there is no customer {row['customer_number']}"
    if row["order_number"] and (row["order_number"], row["sku"]) not in lines:
        return f"order {row['order_number']} has no line with {row['sku']}"
    return None


def _order_lines(ctx: Context, rows: Rows) -> dict[tuple[str, str], int]:
    """(order number, SKU) -> row id of the order's first line with it."""
    wanted = list({row["order_number"] for _, row in rows if row["order_number"]})
    found = ctx.session.execute(
        select(CustomerOrder.number, Product.sku, OrderLine.id)
        .join(OrderLine, OrderLine.order_id == CustomerOrder.id)
        .join(Product, Product.id == OrderLine.product_id)
        .where(CustomerOrder.number == any_(wanted))
        .order_by(OrderLine.line.desc())
    )
    return {(number, sku): id_ for number, sku, id_ in found}
