"""The world a scenario begins in: a customer, their order, goods in stock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.orm import Session

from engine.aftersales.tables import (
    Customer,
    CustomerOrder,
    OrderLine,
    Payment,
    PriceListItem,
    Product,
    Refund,
    RefundLine,
    SerialNumber,
    Shop,
    StockMovement,
    Warehouse,
)
from engine.scenarios.files import CUSTOMER, ORDER, Change

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
_CUSTOMER = {"doNotCall": "do_not_call", "serviceManager": "service_manager"}


def create(session: Session, given: Mapping[str, Any], *, now: datetime) -> None:
    """Write the given world. Unknown keys raise `KeyError` naming them."""
    unknown = set(given) - {"customer", "order", "stock", "serials", "prices", "products", "people"}
    if unknown:
        raise KeyError(f"given: {', '.join(sorted(unknown))}")
    products = _Products(session, given.get("products") or {})
    about = given.get("customer") or {}
    customer = _customer(session, about, now)
    _past(session, about, customer, products, now)
    order = given.get("order")
    if order is not None:
        _order(session, order, customer, products, now)
    _stock(session, given.get("stock") or {}, products, customer.number, now)
    _prices(session, given.get("prices") or {}, products, now)
    for serial, about in (given.get("serials") or {}).items():
        _serial(session, serial, about, products)
    session.flush()


class _Products:
    """Products by SKU, made as they are named."""

    def __init__(self, session: Session, given: Mapping[str, Any]) -> None:
        self._session, self._given = session, given
        self._made: dict[str, Product] = {}

    def get(self, sku: str, price: Any = None, kind: str | None = None) -> Product:
        if sku not in self._made:
            known = self._session.execute(select(Product).where(Product.sku == sku)).scalar_one_or_none()
            if known is not None:
                self._made[sku] = known
                return known
            facts = dict(self._given.get(sku) or {})
            part = sku.startswith("PART")
            product = Product(
                sku=sku,
                name=facts.get("name", sku),
                name_zh=facts.get("nameZh", ""),
                kind=facts.get("kind", kind or ("part" if part else "furniture")),
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
        number=facts.get("number", CUSTOMER),
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


def _past(
    session: Session, facts: Mapping[str, Any], customer: Customer, products: _Products, now: datetime
) -> None:
    """What the customer did before: `recentRefunds` refunds paid lately; `trusted` buyers have bought often."""
    for number in range(5 if facts.get("trusted") else 0):
        earlier = {
            "number": f"SO-OLD-{customer.number}-{number}",
            "state": "completed",
            "lines": [{"sku": "OLD-01", "unitPrice": 50}],
        }
        _order(session, earlier, customer, products, now - timedelta(days=100))
    for number in range(facts.get("recentRefunds", 0)):
        order = _order(
            session,
            {
                "number": f"SO-BACK-{customer.number}-{number}",
                "state": "paid",
                "lines": [{"sku": "OLD-01", "unitPrice": 50}],
            },
            customer,
            products,
            now - timedelta(days=10),
        )
        _refund(session, order, now - timedelta(days=9))


def _refund(session: Session, order: CustomerOrder, at: datetime) -> None:
    line = session.execute(select(OrderLine).where(OrderLine.order_id == order.id)).scalar_one()
    payment = session.execute(select(Payment).where(Payment.order_id == order.id)).scalar_one()
    refund_id = session.execute(
        insert(Refund).returning(Refund.id),
        [
            {
                "number": f"RF-{order.number}",
                "order_id": order.id,
                "goods": line.paid_amount,
                "total": line.paid_amount,
                "payment_id": payment.id,
                "method": payment.method,
                "paid_at": at,
                "paid_by": "system",
                "idempotency_key": f"given-{order.number}",
            }
        ],
    ).scalar_one()
    session.execute(
        insert(RefundLine),
        [
            {
                "refund_id": refund_id,
                "order_line_id": line.id,
                "order_id": order.id,
                "quantity": 1,
                "amount": line.paid_amount,
            }
        ],
    )


def change(session: Session, change: Change, *, order: str | None, customer: str, now: datetime) -> None:
    """Change the given world: columns of the order and the customer by their names in scenario files, goods in stock."""
    if change.order:
        columns = {_MOMENTS.get(name, name): value for name, value in change.order.items()}
        state = columns.get("state")
        for column, (states, _) in _PASSED.items():
            if state in states:
                columns.setdefault(column, func.coalesce(getattr(CustomerOrder, column), now))
        session.execute(update(CustomerOrder).where(CustomerOrder.number == order).values(columns))
    if change.customer:
        columns = {_CUSTOMER.get(name, name): value for name, value in change.customer.items()}
        if "do_not_call" in columns:
            columns["do_not_call_since"] = now if columns["do_not_call"] else None
        session.execute(update(Customer).where(Customer.number == customer).values(columns))
    known = {row.sku: row.id for row in session.execute(select(Product.sku, Product.id))}
    for sku, quantity in change.stock.items():
        _move(session, known[sku], quantity, key=f"change-{customer}-{now.timestamp()}-{sku}", now=now)


def _order(
    session: Session, facts: Mapping[str, Any], customer: Customer, products: _Products, now: datetime
) -> CustomerOrder:
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
        product = products.get(line["sku"], line.get("unitPrice"), line.get("productKind"))
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
    session.flush()
    return order


def _stock(
    session: Session, stock: Mapping[str, Any], products: _Products, whose: str, now: datetime
) -> None:
    for sku, quantity in stock.items():
        _move(session, products.get(sku).id, quantity, key=f"given-{whose}-{sku}", now=now)


def _move(session: Session, product_id: int, quantity: int, *, key: str, now: datetime) -> None:
    """Goods that come (or, negative, go) for reasons outside the scenario."""
    if quantity == 0:
        return
    warehouse = session.execute(select(Warehouse.id).where(Warehouse.is_default)).scalar_one()
    session.execute(
        insert(StockMovement),
        [
            {
                "number": f"SM-{key}",
                "direction": "in" if quantity > 0 else "out",
                "type": "opening" if quantity > 0 else "after_sales",
                "warehouse_id": warehouse,
                "product_id": product_id,
                "quantity": abs(quantity),
                "at": now,
                "person": "system",
                "idempotency_key": key,
            }
        ],
    )


def _prices(session: Session, prices: Mapping[str, Any], products: _Products, now: datetime) -> None:
    """`labour: 80`, `travel: 50`, or a SKU with its price."""
    for name, price in prices.items():
        kind = name if name in ("labour", "travel") else "part"
        item = {
            "kind": kind,
            "product_id": products.get(name).id if kind == "part" else None,
            "price": Decimal(str(price)),
            "valid_from": now.date() - timedelta(days=365),
        }
        session.execute(insert_unless_there(PriceListItem).values(item).on_conflict_do_nothing())


def _serial(session: Session, serial: str, about: Mapping[str, Any], products: _Products) -> None:
    """A piece by its serial number: its goods, when it was delivered and on which line of the order."""
    product = products.get(about["sku"])
    product.serialised = True
    line = session.execute(select(OrderLine.id).where(OrderLine.product_id == product.id)).scalars().first()
    session.add(
        SerialNumber(
            number=serial,
            product_id=product.id,
            order_line_id=line,
            delivered_at=_moment(about["deliveredAt"]) if about.get("deliveredAt") else None,
            state=about.get("state", "sold"),
        )
    )
