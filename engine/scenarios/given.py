"""The world a scenario begins in: a customer, their order, goods in stock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.aftersales.tables import (
    Carrier,
    Customer,
    CustomerOrder,
    OrderLine,
    Payment,
    PriceListItem,
    Product,
    SerialNumber,
    Shop,
    StockMovement,
    Warehouse,
)

#: What of the given order is the order's own column, by its name in scenario files and process variables.
_MOMENTS = {
    "placedAt": "placed_at",
    "paidAt": "paid_at",
    "shippedAt": "shipped_at",
    "receivedAt": "received_at",
    "completedAt": "completed_at",
    "cancelledAt": "cancelled_at",
}
#: States in which each moment has passed, for orders whose moments are not given: days before the scenario's clock.
_PASSED = {
    "placed_at": (("placed", "paid", "shipped", "received", "completed", "cancelled"), 6),
    "paid_at": (("paid", "shipped", "received", "completed"), 5),
    "shipped_at": (("shipped", "received", "completed"), 4),
    "received_at": (("received", "completed"), 2),
    "completed_at": (("completed",), 1),
    "cancelled_at": (("cancelled",), 1),
}
ORDER = "SO-1"
CUSTOMER = "C-1"


def create(session: Session, given: Mapping[str, Any], *, now: datetime) -> None:
    """Write the given world. Unknown keys raise `KeyError` naming them."""
    unknown = set(given) - {"customer", "order", "stock", "serials", "prices", "products"}
    if unknown:
        raise KeyError(f"given: {', '.join(sorted(unknown))}")
    products = _Products(session, given.get("products") or {})
    customer = _customer(session, given.get("customer") or {}, now)
    order = given.get("order")
    if order is not None:
        _order(session, order, customer, products, now)
    _stock(session, given.get("stock") or {}, products, now)
    _prices(session, given.get("prices") or {}, products, now)
    for serial, about in (given.get("serials") or {}).items():
        _serial(session, serial, about, customer, products, now)
    session.flush()


class _Products:
    """Products by SKU, made as they are named."""

    def __init__(self, session: Session, given: Mapping[str, Any]) -> None:
        self._session, self._given = session, given
        self._made: dict[str, Product] = {}

    def get(self, sku: str, price: Any = None) -> Product:
        if sku not in self._made:
            facts = dict(self._given.get(sku) or {})
            part = sku.startswith("PART")
            product = Product(
                sku=sku,
                name=facts.get("name", sku),
                kind=facts.get("kind", "part" if part else "furniture"),
                model=facts.get("model", ""),
                list_price=Decimal(str(facts.get("price", price if price is not None else 100))),
                minimum_stock=facts.get("minimumStock", 0),
                serialised=facts.get("serialised", False),
            )
            self._session.add(product)
            self._session.flush()
            self._made[sku] = product
        return self._made[sku]


def _customer(session: Session, facts: Mapping[str, Any], now: datetime) -> Customer:
    customer = Customer(
        number=CUSTOMER,
        name=facts.get("name", "Wang Xiaoming"),
        phone=facts.get("phone", "13800000000"),
        address=facts.get("address", "1 Lake Road"),
        province=facts.get("province", "Zhejiang"),
        city=facts.get("city", "Hangzhou"),
        tier=facts.get("tier", "standard"),
        language=facts.get("language", "en"),
        do_not_call=facts.get("doNotCall", False),
        do_not_call_since=now - timedelta(days=1) if facts.get("doNotCall") else None,
    )
    session.add(customer)
    session.flush()
    return customer


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _order(
    session: Session, facts: Mapping[str, Any], customer: Customer, products: _Products, now: datetime
) -> None:
    state = facts.get("state", "paid")
    shop = session.execute(
        select(Shop).where(Shop.sales_channel == facts.get("salesChannel", "mall")).limit(1)
    ).scalar_one()
    moments = {
        column: now - timedelta(days=days) if state in states else None
        for column, (states, days) in _PASSED.items()
    }
    moments |= {_MOMENTS[name]: _moment(facts[name]) for name in _MOMENTS if facts.get(name)}
    paid = moments["paid_at"] is not None
    fee = Decimal(str(facts.get("shippingFee", 0)))
    goods = Decimal(0)
    lines = []
    for index, line in enumerate(facts.get("lines") or [], start=1):
        product = products.get(line["sku"], line.get("unitPrice"))
        price, quantity = Decimal(str(line.get("unitPrice", 100))), line.get("quantity", 1)
        discount = Decimal(str(line.get("discount", 0)))
        amount = Decimal(str(line["paid"])) if "paid" in line else price * quantity - discount
        goods += amount
        lines.append((index, product, quantity, price, discount, amount if paid else Decimal(0)))
    order = CustomerOrder(
        number=facts.get("number", ORDER),
        customer_id=customer.id,
        shop_id=shop.id,
        state=state,
        shipping_fee=fee,
        shipping_paid=fee if paid else 0,
        free_shipping=facts.get("freeShipping", False),
        shipping_cost=Decimal(str(facts.get("shippingCost", 0))),
        coupon_discount=Decimal(str(facts.get("couponDiscount", 0))),
        points_discount=Decimal(str(facts.get("pointsDiscount", 0))),
        paid_total=goods + fee if paid else 0,
        contract_number=facts.get("contractNumber", ""),
        **moments,
    )
    session.add(order)
    session.flush()
    for index, product, quantity, price, discount, amount in lines:
        session.add(
            OrderLine(
                order_id=order.id,
                line=index,
                product_id=product.id,
                name=product.name,
                quantity=quantity,
                unit_price=price,
                discount=discount,
                paid_amount=amount,
            )
        )
    if paid:
        session.add(
            Payment(
                number=f"PAY-{order.number}",
                order_id=order.id,
                amount=goods + fee,
                method=facts.get("method", "alipay"),
                paid_at=moments["paid_at"],
                accepts_refunds=facts.get("acceptsRefunds", True),
            )
        )


def _stock(session: Session, stock: Mapping[str, Any], products: _Products, now: datetime) -> None:
    warehouse = session.execute(select(Warehouse).where(Warehouse.is_default)).scalar_one()
    for number, (sku, quantity) in enumerate(stock.items(), start=1):
        product = products.get(sku)
        if quantity:
            session.add(
                StockMovement(
                    number=f"SM-given-{number}",
                    direction="in",
                    type="opening",
                    warehouse_id=warehouse.id,
                    product_id=product.id,
                    quantity=quantity,
                    at=now,
                    person="system",
                    idempotency_key=f"given-{number}",
                )
            )


def _prices(session: Session, prices: Mapping[str, Any], products: _Products, now: datetime) -> None:
    """`labour: 80`, `travel: 50`, or a SKU with its price."""
    for name, price in prices.items():
        kind = name if name in ("labour", "travel") else "part"
        session.add(
            PriceListItem(
                kind=kind,
                product_id=products.get(name).id if kind == "part" else None,
                price=Decimal(str(price)),
                valid_from=now.date() - timedelta(days=365),
            )
        )


def _serial(
    session: Session,
    serial: str,
    about: Mapping[str, Any],
    customer: Customer,
    products: _Products,
    now: datetime,
) -> None:
    product = products.get(about["sku"])
    product.serialised = True
    session.add(
        SerialNumber(
            number=serial,
            product_id=product.id,
            delivered_at=_moment(about["deliveredAt"]) if about.get("deliveredAt") else None,
            **({"customer_id": customer.id} if hasattr(SerialNumber, "customer_id") else {}),
        )
    )


def base(session: Session) -> None:
    """What every scenario finds: shops of all channels, a warehouse, carriers, labour and travel prices, reasons."""
    for channel in ("mall", "store", "website", "wechat"):
        session.add(Shop(key=channel, name=channel.title(), sales_channel=channel))
    session.add(Warehouse(key="main", name="Main warehouse", is_default=True))
    session.add(Carrier(key="sf", name="SF Express"))
    session.flush()
