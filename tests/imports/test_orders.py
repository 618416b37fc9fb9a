"""Orders, their serial numbers and stock from files."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.aftersales import imports
from engine.aftersales.tables import (
    Customer,
    CustomerOrder,
    OrderLine,
    Payment,
    Product,
    SerialNumber,
    StockLevel,
    StockMovement,
)

HEAD = "order_number,customer_number,shop,state,placed_at,sku,quantity,unit_price"
ORDERS = f"""{HEAD},shipping_fee,discount
SO-1,C-1,website,received,2026-10-01 09:30,CHAIR,2,199.00,10.00,20.00
SO-1,C-1,website,received,2026-10-01 09:30,TABLE,1,899.00,10.00,
SO-2,C-2,mall_flagship,placed,2026-10-02T10:00:00+08:00,CHAIR,1,199.00,0,
"""
MAPPING = Path(__file__).parents[2] / "processes" / "imports" / "online_retail.toml"
#: The same form as the export of the real shop: byte-order mark, semicolons, decimal comma, day first, stray spaces.
EXPORT = """\ufeffInvoiceNo;StockCode;Description;Quantity;InvoiceDate;UnitPrice;CustomerID;Country
536365;85123A;WHITE HANGING HEART  T-LIGHT HOLDER ;6;01/12/2010 08:26;2,55;17850;United Kingdom
536365;71053;WHITE METAL LANTERN;6;01/12/2010 08:26;3,39;17850;United Kingdom
536414;22139;;56;01/12/2010 11:52;0;;United Kingdom
C536379;D;Discount;-1;01/12/2010 09:41;27,5;14527;United Kingdom
536589;21777;;-10;01/12/2010 16:50;0;;United Kingdom
"""


def test_orders_come_with_their_customers_products_lines_and_payment(shop, bring_in):
    report = bring_in("orders", ORDERS)
    assert report.written == {"orders": 2, "order lines": 3, "payments": 1}
    with shop.commands.begin() as ctx:
        order = ctx.session.scalars(select(CustomerOrder).where(CustomerOrder.number == "SO-1")).one()
        lines = ctx.session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)).all()
        payment = ctx.session.scalars(select(Payment)).one()
        customers = ctx.session.scalar(select(func.count()).select_from(Customer))
    assert (order.state, order.placed_at.isoformat()) == ("received", "2026-10-01T01:30:00+00:00")
    assert [line.paid_amount for line in lines] == [Decimal("378.00"), Decimal("899.00")]
    assert order.paid_total == payment.amount == Decimal("1287.00")
    assert customers == 2


def test_the_same_file_again_changes_nothing(shop, bring_in):
    bring_in("orders", ORDERS)
    again = bring_in("orders", ORDERS)
    assert again.good
    assert again.written == {}
    assert [line for line, _ in again.skipped] == [2, 3, 4]
    with shop.commands.begin() as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(OrderLine)) == 3


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("SO-9,C-1,moon,paid,2026-10-01,CHAIR,1,10", "there is no shop moon"),
        ("SO-9,C-1,website,lost,2026-10-01,CHAIR,1,10", "state: “lost” is not one of placed, paid"),
        (
            "SO-9,C-1,website,paid,1.10.2026,CHAIR,1,10",
            "placed_at: “1.10.2026” is not a date of the form iso",
        ),
        ("SO-9,C-1,website,paid,2026-10-01,CHAIR,0,10", "quantity: 0 pieces"),
        ("SO-9,,website,paid,2026-10-01,CHAIR,1,10", "customer_number is empty"),
    ],
)
def test_a_bad_order_row_keeps_the_whole_file_out(shop, bring_in, row, said):
    report = bring_in("orders", f"{HEAD}\nSO-8,C-1,website,paid,2026-10-01,CHAIR,1,10\n{row}\n")
    assert len(report.bad) == 1
    assert (report.bad[0][0], said in report.bad[0][1]) == (3, True), report.bad
    with shop.commands.begin() as ctx:
        for table in (CustomerOrder, Customer, Product):
            assert ctx.session.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.parametrize(
    ("columns", "values", "said"),
    [
        ("discount", "11", "the discount is more than the price"),
        ("paid_amount", "11", "more was paid than the price less the discount"),
        ("coupon_discount", "2", "paid_amount is empty, and with a coupon"),
        ("received_at", "2026-10-05", "received_at is given, but the order is only paid"),
        ("paid_at", "2026-09-05", "paid_at is before placed_at"),
        ("payment_method", "Ali Pay", "payment_method: “Ali Pay” is not a key"),
    ],
)
def test_what_contradicts_itself_is_a_bad_row(bring_in, columns, values, said):
    report = bring_in("orders", f"{HEAD},{columns}\nSO-9,C-1,website,paid,2026-10-01,CHAIR,1,10,{values}\n")
    assert [line for line, _ in report.bad] == [2]
    assert said in report.bad[0][1]


def test_lines_of_one_order_must_agree_on_what_is_said_of_the_order(bring_in):
    report = bring_in(
        "orders",
        f"{HEAD}\nSO-9,C-1,website,paid,2026-10-01,A,1,10\nSO-9,C-2,website,paid,2026-10-01,B,1,10\n",
    )
    assert report.bad == [(3, "customer_number differs from an earlier line of order SO-9")]


def test_somebody_elses_export_goes_in_through_a_mapping_as_it_is(shop, bring_in):
    how = imports.read(MAPPING)
    report = bring_in("orders", EXPORT, **how.model_dump(exclude={"kind"}))
    assert report.written == {"orders": 2, "order lines": 3, "payments": 1}
    assert report.skipped == [(5, "a cancellation, not a sale"), (6, "an adjustment of stock, not a sale")]
    with shop.commands.begin() as ctx:
        line = ctx.session.scalars(select(OrderLine).order_by(OrderLine.id)).first()
    assert line is not None
    assert (line.name, line.paid_amount) == ("WHITE HANGING HEART T-LIGHT HOLDER", Decimal("15.30"))


def test_serial_numbers_belong_to_lines_of_orders(shop, bring_in):
    bring_in("orders", ORDERS)
    report = bring_in(
        "serials",
        "number,sku,order_number,delivered_at\nSN-1,CHAIR,SO-1,2026-10-05\nSN-2,TABLE,SO-1,\n",
    )
    assert report.written == {"serial numbers": 2}
    wrong = bring_in(
        "serials",
        "number,sku,order_number\nSN-3,SOFA,\nSN-4,TABLE,SO-2\nSN-5,CHAIR,SO-7\nSN-6,CHAIR,\nSN-6,CHAIR,\n",
    )
    assert [line for line, _ in wrong.bad] == [2, 3, 4, 6]
    with shop.commands.begin() as ctx:
        assert sorted(ctx.session.scalars(select(SerialNumber.number))) == ["SN-1", "SN-2"]


def test_stock_is_brought_to_what_was_counted(shop, bring_in):
    bring_in("products", "sku,name,kind,list_price\nCHAIR,Chair,furniture,1\n")
    bring_in("stock", "warehouse,sku,quantity\nhangzhou,CHAIR,7\n")
    assert bring_in("stock", "warehouse,sku,quantity\nhangzhou,CHAIR,5\n").written == {"stock movements": 1}
    assert bring_in("stock", "warehouse,sku,quantity\nhangzhou,CHAIR,5\n").written == {"stock movements": 0}
    with shop.commands.begin() as ctx:
        moved = ctx.session.execute(
            select(StockMovement.direction, StockMovement.quantity).order_by(StockMovement.id)
        )
        assert [tuple(row) for row in moved] == [("in", 7), ("out", 2)]
        assert ctx.session.scalar(select(StockLevel.on_hand)) == 5


def test_stock_of_what_is_not_there_or_said_twice_is_bad(bring_in):
    bring_in("products", "sku,name,kind,list_price\nCHAIR,Chair,furniture,1\n")
    report = bring_in(
        "stock",
        "warehouse,sku,quantity\nhangzhou,SOFA,1\nmoon,CHAIR,1\nhangzhou,CHAIR,1\nhangzhou,CHAIR,2\n",
    )
    assert [line for line, _ in report.bad] == [2, 3, 5]


def test_fewer_than_are_reserved_cannot_lie_there(shop, bring_in):
    bring_in("products", "sku,name,kind,list_price\nCHAIR,Chair,furniture,1\n")
    bring_in("stock", "warehouse,sku,quantity\nhangzhou,CHAIR,7\n")
    with shop.commands.begin() as ctx:
        ctx.session.execute(StockLevel.__table__.update().values(reserved=4))
    report = bring_in("stock", "warehouse,sku,quantity\nhangzhou,CHAIR,3\n")
    assert report.bad == [(2, "4 pieces are reserved for cases, so no fewer can lie there")]
