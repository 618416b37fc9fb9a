"""Stock is held, issued and received without ever being wrong."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

import engine.aftersales.tables as t
from engine.aftersales.products import UnknownProduct
from engine.runtime.jobs import BpmnError
from tests.aftersales import shop


@pytest.fixture
def chair(desk):
    def build(session):
        session.add(t.Warehouse(key="main", name="Main", is_default=True))
        session.add(t.Warehouse(key="old", name="Old parts", receives=["old_part"]))
        product = shop.product(session, sku="CHAIR", minimum_stock=2)
        shop.product(session, sku="LAMP", serialised=True, kind="appliance")
        return product

    product = desk.write(build)
    receive(desk, {"CHAIR": 5})
    return product


def items(**quantities):
    return [{"sku": sku, "quantity": quantity} for sku, quantity in quantities.items()]


def receive(desk, quantities, kind="purchase", **inputs):
    return desk.do("stock.receive", items=items(**quantities), kind=kind, **inputs)["movements"]


def level(desk):
    return [(row.on_hand, row.reserved) for row in desk.all(t.StockLevel)]


def test_what_is_missing_is_named(desk, chair):
    assert desk.do("stock.check", items=items(CHAIR=5)) == {"available": True, "missing": []}
    assert desk.do("stock.check", items=items(CHAIR=7, LAMP=1)) == {
        "available": False,
        "missing": [{"sku": "CHAIR", "quantity": 2}, {"sku": "LAMP", "quantity": 1}],
    }


def test_all_is_held_or_nothing(desk, chair):
    refused = desk.do("stock.reserve", items=items(CHAIR=1, LAMP=1))
    assert (refused["reserved"], refused["reservation"], level(desk)) == (False, None, [(5, 0)])
    held = desk.do("stock.reserve", items=items(CHAIR=4))
    assert (held["reserved"], level(desk)) == (True, [(5, 4)])
    assert desk.do("stock.check", items=items(CHAIR=2))["available"] is False


def test_a_reservation_is_issued_or_released_once(desk, chair):
    held = desk.do("stock.reserve", items=items(CHAIR=2))["reservation"]
    assert desk.do("stock.release", reservation=held) == {"released": True}
    assert desk.do("stock.release", reservation=held) == {"released": False}
    assert level(desk) == [(5, 0)]

    held = desk.do("stock.reserve", items=items(CHAIR=2))["reservation"]
    issued = desk.do("stock.issue", reservation=held, kind="parts", signedBy="sun.lei")
    assert len(issued["movements"]) == 1
    assert level(desk) == [(3, 0)]
    movement = desk.one(t.StockMovement, t.StockMovement.direction == "out")
    assert (movement.type, movement.quantity, movement.signed_by) == ("parts", 2, "sun.lei")


def test_issuing_more_than_is_free_is_an_error_and_moves_nothing(desk, chair):
    desk.do("stock.reserve", items=items(CHAIR=4))
    with pytest.raises(BpmnError) as caught:
        desk.do("stock.issue", items=items(CHAIR=2), kind="after_sales")
    assert caught.value.code == "OUT_OF_STOCK"
    assert caught.value.variables["missing"] == [{"sku": "CHAIR", "quantity": 1}]
    assert level(desk) == [(5, 4)]


def test_stock_below_its_minimum_is_told(desk, chair):
    assert desk.do("stock.issue", items=items(CHAIR=3), kind="after_sales")["belowMinimum"] == []
    assert desk.do("stock.issue", items=items(CHAIR=1), kind="after_sales")["belowMinimum"] == ["CHAIR"]


def test_a_replacement_is_traced_by_its_serial_number(desk, chair):
    def sold(session):
        order = shop.order(session, (1, "300", "300.00"))
        lamp = session.scalar(select(t.Product).where(t.Product.sku == "LAMP"))
        line = session.scalar(select(t.OrderLine).where(t.OrderLine.order_id == order.id))
        session.add(t.SerialNumber(number="OLD-1", product_id=lamp.id, order_line_id=line.id, state="sold"))
        return order

    order = desk.write(sold)
    receive(desk, {}, kind="purchase")
    desk.do(
        "stock.receive", items=[{"sku": "LAMP", "quantity": 2, "serials": "NEW-1, NEW-2"}], kind="purchase"
    )

    issued = desk.do(
        "stock.issue", items=[{"sku": "LAMP", "quantity": 1, "replaces": "OLD-1"}], kind="exchange"
    )

    assert issued["serials"] == ["NEW-1"]
    new = desk.do("serial.trace", serialNumber="NEW-1")["product"]
    assert (new["orderNumber"], new["sku"]) == (order.number, "LAMP")
    assert desk.do("serial.trace", serialNumber="OLD-1")["product"]["replacedBy"] == "NEW-1"
    assert desk.do("serial.trace", serialNumber="nobody's") == {"product": None}


def test_old_parts_come_to_their_own_warehouse(desk, chair):
    receive(desk, {"CHAIR": 1}, kind="old_part")
    assert sorted(level(desk)) == [(1, 0), (5, 0)]
    assert desk.do("stock.check", items=items(CHAIR=6))["available"] is False


def test_twenty_people_reserving_the_last_pieces_hold_no_more_than_there_are(desk, chair):
    desk.do("stock.receive", items=items(LAMP=20), kind="purchase")
    orders = [items(CHAIR=1, LAMP=1), items(LAMP=1, CHAIR=1)]
    outcomes = desk.at_once(lambda n: desk.do("stock.reserve", items=orders[n % 2])["reserved"])
    assert sorted(outcomes) == [False] * 15 + [True] * 5
    assert (5, 5) in level(desk)


def test_a_factory_order_is_stocked_in_when_it_arrives_and_only_once(desk, chair):
    purchase = desk.do("purchase.order", items=items(CHAIR=3), promisedDate="2026-11-22")["purchase"]
    assert purchase["promisedDate"] == "2026-11-22"
    arrived = desk.do("purchase.arrive", purchaseNumber=purchase["number"])
    assert (arrived["purchase"]["state"], len(arrived["movements"])) == ("arrived", 1)
    assert desk.do("purchase.arrive", purchaseNumber=purchase["number"])["movements"] == []
    assert level(desk) == [(8, 0)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stock_level SET on_hand = 100",
        "UPDATE stock_level SET reserved = 100",
        "UPDATE stock_movement SET quantity = 1",
        "DELETE FROM stock_movement",
        "TRUNCATE stock_movement",
    ],
)
def test_stock_is_the_sum_of_its_movements_whoever_writes(desk, chair, statement):
    with pytest.raises(DBAPIError):
        desk.write(lambda session: session.execute(text(statement)))
    moved = desk.write(lambda s: s.scalar(select(func.sum(t.StockMovement.quantity))))
    assert level(desk) == [(moved, 0)]


def test_an_unknown_sku_or_a_half_piece_is_an_incident(desk, chair):
    with pytest.raises(UnknownProduct, match="SOFA"):
        desk.do("stock.check", items=items(SOFA=1))
    with pytest.raises(ValueError, match="number of pieces"):
        desk.do("stock.check", items=items(CHAIR=Decimal("0.5")))
