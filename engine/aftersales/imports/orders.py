"""Orders from a file, one row a line: customers and products they name are added where they are not known yet."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert as plain_insert
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from engine.aftersales.imports.rows import Field, Reader, one_of
from engine.aftersales.imports.writing import ids
from engine.aftersales.tables import Customer, CustomerOrder, OrderLine, Payment, Product, Shop
from engine.aftersales.tables.order import ORDER_STATES
from engine.runtime.context import Context

if TYPE_CHECKING:
    from engine.aftersales.imports.files import Report

FIELDS = {
    "order_number": Field(Reader.text, required=True),
    "customer_number": Field(Reader.text, required=True),
    "customer_name": Field(Reader.text),
    "customer_address": Field(Reader.text, empty=""),
    "shop": Field(Reader.text, required=True),
    "state": Field(one_of(*ORDER_STATES), empty="paid"),
    "placed_at": Field(Reader.moment, required=True),
    "paid_at": Field(Reader.moment),
    "shipped_at": Field(Reader.moment),
    "received_at": Field(Reader.moment),
    "completed_at": Field(Reader.moment),
    "cancelled_at": Field(Reader.moment),
    "shipping_fee": Field(Reader.money, empty=Decimal(0)),
    "free_shipping": Field(Reader.flag, empty=False),
    "shipping_cost": Field(Reader.money, empty=Decimal(0)),
    "coupon_discount": Field(Reader.money, empty=Decimal(0)),
    "payment_method": Field(Reader.key, empty="other"),
    "contract_number": Field(Reader.text, empty=""),
    "sku": Field(Reader.text, required=True),
    "product_name": Field(Reader.text),
    "product_kind": Field(Reader.key, empty="goods"),
    "quantity": Field(Reader.pieces, required=True),
    "unit_price": Field(Reader.money, required=True),
    "discount": Field(Reader.money, empty=Decimal(0)),
    "paid_amount": Field(Reader.money),
}
#: What the lines of one order must agree on, since it is said once of the order.
_OF_THE_ORDER = (
    "customer_number",
    "shop",
    "state",
    "paid_at",
    "shipped_at",
    "received_at",
    "completed_at",
    "cancelled_at",
    "shipping_fee",
    "free_shipping",
    "shipping_cost",
    "coupon_discount",
    "payment_method",
    "contract_number",
)
#: Moments that must have passed in a state; a missing one is taken to be the one before it.
_PASSED = {
    "placed": (),
    "cancelled": (),
    "paid": ("paid_at",),
    "shipped": ("paid_at", "shipped_at"),
    "received": ("paid_at", "shipped_at", "received_at"),
    "completed": ("paid_at", "shipped_at", "received_at", "completed_at"),
}

Rows = list[tuple[int, dict[str, Any]]]


def write(ctx: Context, rows: Rows, report: Report) -> None:
    """Write the orders of a file; those known already are left out and reported so."""
    shops = dict(ctx.session.execute(select(Shop.key, Shop.id)).all())
    wanted = {row["order_number"] for _, row in rows}
    known = ids(ctx, CustomerOrder.number, CustomerOrder.id, wanted)
    by_order: dict[str, Rows] = defaultdict(list)
    for line, row in rows:
        if row["order_number"] in known:
            report.skipped.append((line, f"order {row['order_number']} was imported before"))
        elif row["shop"] not in shops:
            report.bad.append((line, f"there is no shop {row['shop']}"))
        else:
            by_order[row["order_number"]].append((line, row))
    for lines in by_order.values():
        _agree(lines, report)
    if report.bad or not by_order:
        return
    taken = [row for lines in by_order.values() for _, row in lines]
    customers = _customers(ctx, taken)
    products = _products(ctx, taken)
    orders = [_order(lines, shops, customers) for lines in by_order.values()]
    order_ids = _insert_many(ctx, CustomerOrder, orders, key="number")
    line_rows, payments = [], []
    for order in orders:
        lines = by_order[order["number"]]
        line_rows += [
            _line(order_ids[order["number"]], position, row, products, paid=order["paid_at"] is not None)
            for position, (_, row) in enumerate(lines, start=1)
        ]
        if order["paid_total"] > 0:
            payments.append(_payment(order_ids[order["number"]], order, lines[0][1]))
    ctx.session.execute(plain_insert(OrderLine), line_rows)
    if payments:
        ctx.session.execute(plain_insert(Payment), payments)
    report.written |= {"orders": len(orders), "order lines": len(line_rows), "payments": len(payments)}


def _agree(lines: Rows, report: Report) -> None:
    _, first = lines[0]
    for line, row in lines[1:]:
        for name in _OF_THE_ORDER:
            if row[name] != first[name]:
                report.bad.append(
                    (line, f"{name} differs from an earlier line of order {row['order_number']}")
                )
    _moments_agree(lines, report)
    for line, row in lines:
        price = row["unit_price"] * row["quantity"]
        if row["discount"] > price:
            report.bad.append((line, "the discount is more than the price"))
        elif row["paid_amount"] is None and row["coupon_discount"]:
            report.bad.append(
                (line, "paid_amount is empty, and with a coupon only the shop knows each line's share")
            )
        elif row["paid_amount"] is not None and row["paid_amount"] > price - row["discount"]:
            report.bad.append((line, "more was paid than the price less the discount"))


def _moments_agree(lines: Rows, report: Report) -> None:
    """An order has passed what its state says and nothing beyond, each moment after the one before."""
    line, first = lines[0]
    passed = _PASSED[first["state"]]
    if first["state"] != "cancelled":
        for name in _PASSED["completed"]:
            if first[name] is not None and name not in passed:
                report.bad.append((line, f"{name} is given, but the order is only {first['state']}"))
    before, at = "placed_at", first["placed_at"]
    for name in _PASSED["completed"]:
        if first[name] is not None:
            if first[name] < at:
                report.bad.append((line, f"{name} is before {before}"))
            before, at = name, first[name]


def _customers(ctx: Context, rows: list[dict[str, Any]]) -> dict[str, int]:
    """Customer number -> row id. A name or address in the file is kept for new customers only."""
    named: dict[str, dict[str, Any]] = {}
    for row in rows:
        named.setdefault(
            row["customer_number"],
            {
                "number": row["customer_number"],
                "name": row["customer_name"] or row["customer_number"],
                "address": row["customer_address"],
            },
        )
    ctx.session.execute(
        insert(Customer).on_conflict_do_nothing(index_elements=["number"]), list(named.values())
    )
    return ids(ctx, Customer.number, Customer.id, named)


def _products(ctx: Context, rows: list[dict[str, Any]]) -> dict[str, tuple[int, str]]:
    """SKU -> (row id, name). A product the file names first is added with that line's price."""
    named: dict[str, dict[str, Any]] = {}
    for row in rows:
        named.setdefault(
            row["sku"],
            {
                "sku": row["sku"],
                "name": row["product_name"] or row["sku"],
                "kind": row["product_kind"],
                "list_price": row["unit_price"],
            },
        )
    ctx.session.execute(insert(Product).on_conflict_do_nothing(index_elements=["sku"]), list(named.values()))
    known = ids(ctx, Product.sku, Product.id, named)
    return {sku: (known[sku], facts["name"]) for sku, facts in named.items()}


def _order(lines: Rows, shops: dict[str, int], customers: dict[str, int]) -> dict[str, Any]:
    _, first = lines[0]
    moments = {
        name: first[name] for name in ("paid_at", "shipped_at", "received_at", "completed_at", "cancelled_at")
    }
    before = first["placed_at"]
    for name in _PASSED[first["state"]]:
        before = moments[name] = moments[name] or before
    if first["state"] == "cancelled":
        moments["cancelled_at"] = moments["cancelled_at"] or moments["paid_at"] or first["placed_at"]
    paid = moments["paid_at"] is not None
    fee = first["shipping_fee"]
    goods = sum((_paid_amount(row) for _, row in lines), Decimal(0))
    return {
        "number": first["order_number"],
        "customer_id": customers[first["customer_number"]],
        "shop_id": shops[first["shop"]],
        "state": first["state"],
        "placed_at": first["placed_at"],
        **moments,
        "shipping_fee": fee,
        "shipping_paid": fee if paid else Decimal(0),
        "free_shipping": first["free_shipping"],
        "shipping_cost": first["shipping_cost"],
        "coupon_discount": first["coupon_discount"],
        "paid_total": goods + fee if paid else Decimal(0),
        "contract_number": first["contract_number"],
    }


def _paid_amount(row: dict[str, Any]) -> Decimal:
    given = row["paid_amount"]
    return given if given is not None else row["unit_price"] * row["quantity"] - row["discount"]


def _line(
    order_id: int, position: int, row: dict[str, Any], products: dict[str, tuple[int, str]], *, paid: bool
) -> dict[str, Any]:
    product_id, name = products[row["sku"]]
    return {
        "order_id": order_id,
        "line": position,
        "product_id": product_id,
        "name": row["product_name"] or name,
        "quantity": row["quantity"],
        "unit_price": row["unit_price"],
        "discount": row["discount"],
        "paid_amount": _paid_amount(row) if paid else Decimal(0),
    }


def _payment(order_id: int, order: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": f"PAY-{order['number']}",
        "order_id": order_id,
        "amount": order["paid_total"],
        "method": row["payment_method"],
        "paid_at": order["paid_at"],
    }


def _insert_many(ctx: Context, table: Any, rows: list[dict[str, Any]], *, key: str) -> dict[str, int]:
    column = getattr(table, key)
    return dict(ctx.session.execute(plain_insert(table).returning(column, table.id), rows).all())
