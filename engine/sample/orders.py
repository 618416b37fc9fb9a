"""The sample's files: customers, products, orders, serial numbers and stock as CSV in our own import format.

`python -m engine.sample.orders FOLDER` writes them, to look at or to import by hand; same seed and day, same files.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from random import Random
from typing import Any

from config import settings as settings_module
from engine.aftersales.money import CENT
from engine.sample import catalogue
from engine.sample.catalogue import Article

#: In the order they have to be imported.
FILES = ("customers", "products", "orders", "serials", "stock")
#: State of an order -> how many of these moments it has passed.
_MOMENTS = ("paid_at", "shipped_at", "received_at", "completed_at")
_PASSED = {"placed": 0, "cancelled": 0, "paid": 1, "shipped": 2, "received": 3, "completed": 4}
#: Days between a moment and the next, at most.
_PAUSES = {"paid_at": 0.2, "shipped_at": 2, "received_at": 4, "completed_at": 9}

Row = dict[str, Any]


def write(folder: Path, data: Mapping[str, Any], *, now: datetime) -> dict[str, int]:
    """Write the files into a folder; kind -> rows. `now`: the orders lie before it."""
    random = Random(data["seed"])
    articles = catalogue.articles(data, random)
    numbered = {f"C-{10001 + index}": catalogue.buyer(data, random) for index in range(data["customers"])}
    tables = {
        "customers": [{"number": number, **buyer.facts} for number, buyer in numbered.items()],
        "products": [_product(article) for article in articles],
        "orders": _orders(data, random, articles, list(numbered), now),
        "stock": _stock(data, random, articles),
    }
    serialised = {article.sku for article in articles if article.serialised}
    tables["serials"] = _serials(random, tables["orders"], serialised)
    folder.mkdir(parents=True, exist_ok=True)
    for kind in FILES:
        with (folder / f"{kind}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(tables[kind][0]))
            writer.writeheader()
            writer.writerows(tables[kind])
    return {kind: len(tables[kind]) for kind in FILES}


def _product(article: Article) -> Row:
    return {
        "sku": article.sku,
        "name": article.name,
        "name_zh": article.name_zh,
        "kind": article.kind,
        "model": article.model,
        "list_price": article.price,
        "minimum_stock": article.minimum_stock,
        "serialised": "yes" if article.serialised else "no",
    }


def _orders(
    data: Mapping[str, Any], random: Random, articles: list[Article], customers: list[str], now: datetime
) -> list[Row]:
    goods = [article for article in articles if article.kind != "part"]
    rows: list[Row] = []
    for index, state in enumerate(_states(data["order_states"], data["orders"])):
        header = _header(data, random, state, now)
        header |= {"order_number": f"SO-{100001 + index}", "customer_number": random.choice(customers)}
        rows += _lines(data, random, goods, header)
    return rows


def _states(shares: Mapping[str, float], count: int) -> list[str]:
    """As many orders of each state as its share says, at least one."""
    states = [state for state, share in shares.items() for _ in range(max(1, round(share * count)))]
    return states


def _header(data: Mapping[str, Any], random: Random, state: str, now: datetime) -> Row:
    # An order on its way is recent; a completed one may be old.
    passed = _PASSED[state]
    least = sum(_PAUSES[name] for name in _MOMENTS[:passed])
    most = data["days"] if state in ("completed", "cancelled") else least + (2, 4, 9, 20)[passed]
    at = now - timedelta(days=random.uniform(least, max(most, least)))
    header: Row = {"placed_at": _iso(at)}
    for index, name in enumerate(_MOMENTS):
        if index < passed:
            at += timedelta(days=random.uniform(_PAUSES[name] / 4, _PAUSES[name]))
        header[name] = _iso(at) if index < passed else ""
    header["cancelled_at"] = _iso(at + timedelta(hours=3)) if state == "cancelled" else ""
    return {
        "state": state,
        "shop": _picked(random, data["shops"]),
        **header,
        "payment_method": _picked(random, data["payment_methods"]) if passed else "other",
    }


def _lines(data: Mapping[str, Any], random: Random, goods: list[Article], header: Row) -> list[Row]:
    rules = data["order_lines"]
    chosen = [random.choice(goods)]
    while len(chosen) < rules["most_lines"] and random.random() < rules["another"]:
        chosen.append(random.choice(goods))
    lines = []
    for article in dict.fromkeys(chosen):
        quantity = random.randint(2, rules["most_pieces"]) if random.random() < rules["several_pieces"] else 1
        price = Decimal(article.price * quantity)
        discount = Decimal(0)
        if random.random() < rules["discounted"]:
            discount = (price * Decimal(random.uniform(0.02, rules["most_discount"]))).quantize(Decimal(1))
        lines.append(
            {"sku": article.sku, "quantity": quantity, "unit_price": article.price, "discount": discount}
        )
    goods_total = sum((_price(line) for line in lines), Decimal(0))
    coupon = Decimal(0)
    if random.random() < data["coupons"]["share"]:
        coupon = min(
            Decimal(random.choice(data["coupons"]["amounts"])),
            (goods_total * Decimal(str(data["coupons"]["most"]))).quantize(Decimal(1), ROUND_DOWN),
        )
    shipping = random.randrange(len(data["shipping"]["fees"]))
    free = goods_total >= data["shipping"]["free_from"]
    said_once = {
        **header,
        "shipping_fee": 0 if free else data["shipping"]["fees"][shipping],
        "free_shipping": "yes" if free else "no",
        "shipping_cost": data["shipping"]["costs"][shipping] if free else 0,
        "coupon_discount": coupon,
    }
    left = coupon
    for index, line in enumerate(lines):
        last = index == len(lines) - 1
        share = left if last else (coupon * _price(line) / goods_total).quantize(CENT, ROUND_DOWN)
        left -= share
        line["paid_amount"] = _price(line) - share
    return [{**said_once, **line} for line in lines]


def _price(line: Row) -> Decimal:
    return Decimal(line["unit_price"]) * line["quantity"] - line["discount"]


def _serials(random: Random, orders: list[Row], serialised: set[str]) -> list[Row]:
    """A serial number for every piece of serialised goods that was shipped."""
    rows = []
    for order in orders:
        if order["sku"] in serialised and order["shipped_at"]:
            for _ in range(order["quantity"]):
                rows.append(
                    {
                        "number": f"{order['sku'].replace('-', '')}{random.randrange(10**7):07d}",
                        "sku": order["sku"],
                        "order_number": order["order_number"],
                        "delivered_at": order["received_at"],
                        "state": "sold",
                    }
                )
    return list({row["number"]: row for row in rows}.values())


def _stock(data: Mapping[str, Any], random: Random, articles: list[Article]) -> list[Row]:
    rows = []
    for article in articles:
        warehouse, low, high = data["stock"]["parts" if article.kind == "part" else "goods"]
        rows.append({"warehouse": warehouse, "sku": article.sku, "quantity": random.randint(low, high)})
    return rows


def _picked(random: Random, shares: Mapping[str, float]) -> str:
    return random.choices(list(shares), weights=list(shares.values()))[0]


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


if __name__ == "__main__":
    written = write(
        Path(sys.argv[1]),
        catalogue.read(settings_module.load().sample_file),
        now=datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0),
    )
    for kind, count in written.items():
        sys.stdout.write(f"{kind}.csv: {count} rows\n")
