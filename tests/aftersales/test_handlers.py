"""Charges, compensations, quotes, parcels, pickups, ratings, samples, technicians, look-ups, records."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import engine.aftersales.tables as t
from engine.aftersales.quotes import NoPrice
from engine.aftersales.samples import drawn
from engine.runtime import identity
from engine.runtime.jobs import BpmnError
from tests.aftersales import shop


def test_an_order_is_told_with_what_is_left_of_it(desk):
    order = desk.write(
        lambda s: shop.order(s, (2, "100", "180.00"), shipping="10.00", coupon_discount=Decimal(20))
    )
    desk.case()
    found = desk.do("order.lookup", orderNumber=order.number)
    assert found["order"]["lines"][0] | {"sku": "", "name": ""} == {
        "line": 1,
        "sku": "",
        "name": "",
        "productKind": "furniture",
        "quantity": 2,
        "unitPrice": 100,
        "discount": 0,
        "paid": 180,
        "left": 2,
        "leftAmount": 180,
        "serials": [],
    }
    assert (found["order"]["salesChannel"], found["order"]["paidTotal"], found["order"]["total"]) == (
        "mall",
        190,
        210,
    )
    assert (found["customer"]["trusted"], found["customer"]["previousCases"]) == (False, 0)
    assert desk.one(t.AftersalesCase).order_id == order.id, "the case is about the order from now on"


def test_an_order_nobody_has_is_an_error_the_diagram_can_catch(desk):
    with pytest.raises(BpmnError) as caught:
        desk.do("order.lookup", orderNumber="SO-nowhere")
    assert caught.value.code == "ORDER_NOT_FOUND"


def test_a_buyer_with_completed_orders_and_few_refunds_is_trusted(desk):
    def build(session):
        buyer = shop.customer(session)
        for _ in range(3):
            shop.order(session, (1, "10", "10.00"), customer_row=buyer, state="completed")
        return buyer

    buyer = desk.write(build)
    customer = desk.do("customer.lookup", customerNumber=buyer.number)["customer"]
    assert (customer["trusted"], customer["completedOrders"], customer["recentRefunds"]) == (True, 3, 0)


def test_a_charge_is_settled_once(desk):
    desk.case()
    charge = desk.do("charge.create", amount=120.5, purpose="paid_repair", job={"idempotency_key": "c"})[
        "charge"
    ]
    assert (
        desk.do("charge.create", amount=120.5, purpose="paid_repair", job={"idempotency_key": "c"})["charge"]
        == charge
    )
    assert (charge["amount"], charge["state"]) == (120.5, "open")
    assert desk.do("charge.settle", chargeNumber=charge["number"], paid=True)["charge"]["state"] == "paid"
    assert desk.do("charge.settle", chargeNumber=charge["number"], paid=False)["charge"]["state"] == "paid"


def test_compensations_stay_within_what_was_approved_however_many_pay(desk):
    desk.case()
    desk.do("case.record", amountApproved=500, cause="scratched", department=None)
    outcomes = desk.at_once(lambda _: desk.do("compensation.pay", amount=200, purpose="goodwill"))
    assert sum(isinstance(outcome, dict) for outcome in outcomes) == 2
    assert {error.code for error in outcomes if isinstance(error, BpmnError)} == {"COMPENSATION_REFUSED"}
    case = desk.one(t.AftersalesCase)
    assert (case.compensated, case.cause, case.department) == (400, "scratched", "")
    for statement in ("UPDATE aftersales_case SET compensated = 0", "DELETE FROM compensation"):
        with pytest.raises(DBAPIError):
            desk.write(lambda s, statement=statement: s.execute(text(statement)))


def test_a_compensation_is_paid_once_for_one_key(desk):
    desk.case()
    paid = [
        desk.do("compensation.pay", amount=50, purpose="delay", job={"idempotency_key": "k"})["payment"][
            "number"
        ]
        for _ in range(2)
    ]
    assert paid[0] == paid[1]
    assert desk.one(t.AftersalesCase).compensated == 50


def test_a_quote_takes_the_prices_in_force(desk):
    def prices(session):
        hinge = shop.product(session, sku="HINGE", kind="part", list_price=Decimal(9))
        shop.product(session, sku="KNOB", kind="part", list_price=Decimal("3.50"))
        for kind, product, area, price, since in (
            ("part", hinge.id, "", "8", date(2025, 1, 1)),
            ("part", hinge.id, "", "7.25", date(2026, 1, 1)),
            ("part", hinge.id, "", "1", date(2027, 1, 1)),
            ("labour", None, "", "80", date(2026, 1, 1)),
            ("travel", None, "", "50", date(2026, 1, 1)),
            ("travel", None, "Tibet", "300", date(2026, 1, 1)),
        ):
            session.add(
                t.PriceListItem(
                    kind=kind, product_id=product, area=area, price=Decimal(price), valid_from=since
                )
            )

    desk.write(prices)
    parts = [{"sku": "HINGE", "quantity": 2}, {"sku": "KNOB", "quantity": 1}]
    quote = desk.do("quote.compute", parts=parts, labourHours=1.5, travel=True)["quote"]
    assert (quote["parts"], quote["labour"], quote["travel"], quote["total"]) == (18, 120, 50, 188)
    assert [line["kind"] for line in quote["lines"]] == ["part", "part", "labour", "travel"]
    assert desk.do("quote.compute", parts=[], travel="Tibet")["quote"]["total"] == 300
    assert desk.do("quote.compute", parts=[], travel="Zhejiang")["quote"]["total"] == 50


def test_a_quote_without_a_price_for_labour_is_an_incident(desk):
    with pytest.raises(NoPrice, match="labour"):
        desk.do("quote.compute", parts=[], labourHours=1)


@pytest.fixture
def carriers(desk):
    def build(session):
        session.add(t.Carrier(key="zto", name="ZTO", name_zh="中通", position=1))
        session.add(t.Carrier(key="sf", name="SF Express", name_zh="顺丰", position=2, picks_up=True))

    desk.write(build)


def test_a_parcel_goes_with_the_first_carrier_unless_one_is_named(desk, carriers):
    customer = desk.write(lambda s: shop.customer(s, address="8 Lake Road"))
    desk.write(lambda s: shop.product(s, sku="CHAIR"))
    desk.case(customer_id=customer.id)
    parcel = desk.do("parcel.ship", items=[{"sku": "CHAIR", "quantity": 1}])["parcel"]
    assert parcel["carrier"] == "ZTO"
    assert desk.one(t.Parcel).address == "8 Lake Road"
    back = desk.do("parcel.register", direction="inbound", carrier="顺丰", tracking=" SF123 ")["parcel"]
    assert (back["carrier"], back["tracking"]) == ("SF Express", "SF123")
    strange = desk.do("parcel.register", direction="inbound", carrier="Pigeon", tracking="P1")["parcel"]
    assert strange["carrier"] == "Pigeon"


def test_only_a_parcel_under_way_is_intercepted(desk, carriers, clock):
    shipped = desk.write(
        lambda s: shop.order(
            s, (1, "10", "10.00"), state="shipped", shipped_at=clock.now() - timedelta(days=1)
        )
    )
    received = desk.write(
        lambda s: shop.order(
            s, (1, "10", "10.00"), state="received", shipped_at=clock.now(), received_at=clock.now()
        )
    )
    paid = desk.write(lambda s: shop.order(s, (1, "10", "10.00")))
    outcome = [
        desk.do("parcel.intercept", orderNumber=order.number)["parcel"]["intercepted"]
        for order in (shipped, received, paid, shipped)
    ]
    assert outcome == [True, False, False, True]


def test_a_pickup_comes_in_working_hours(desk, carriers, clock):
    customer = desk.write(lambda s: shop.customer(s, address="8 Lake Road"))
    desk.case(customer_id=customer.id)
    assert desk.do("pickup.book")["pickup"]["at"] == "2026-11-02T10:00:00+08:00"
    clock.advance(timedelta(hours=10))
    pickup = desk.do("pickup.book")["pickup"]
    assert (pickup["carrier"], pickup["address"], pickup["at"]) == (
        "SF Express",
        "8 Lake Road",
        "2026-11-03T09:00:00+08:00",
    )


def test_a_rating_is_kept_and_no_rating_is_none(desk):
    desk.case()
    desk.do("rating.record", rating=None, about="service")
    desk.do("rating.record", rating=4, about="service", remark="quick")
    assert desk.one(t.Rating).rating == 4
    with pytest.raises(DBAPIError):
        desk.do("rating.record", rating=6, about="service")


def test_a_sample_is_the_same_for_everybody_and_of_the_size_asked_for(desk):
    cases = [f"AS-2026-{number:06d}" for number in range(5000)]
    chosen = [number for number in cases if drawn(number, 0.1)]
    assert 400 < len(chosen) < 600
    assert set(chosen) <= {number for number in cases if drawn(number, 0.2)}
    assert desk.do("sample.draw", share=1) == {"selected": True}
    assert desk.do("sample.draw", share=0) == {"selected": False}
    with pytest.raises(ValueError, match="between 0 and 1"):
        desk.do("sample.draw", share=10)


def test_technicians_of_the_area_come_first(desk):
    with desk.app.commands.begin() as ctx:
        for key, skills, areas in (
            ("far", ["appliance"], ["Jiangsu"]),
            ("near", ["appliance", "furniture"], ["Zhejiang"]),
            ("other", ["furniture"], ["Zhejiang"]),
        ):
            identity.create_person(
                ctx, key, key.title(), roles={"technician"}, skills=skills, areas=areas, password=None
            )
    found = desk.do("technician.suggest", skill="appliance", area="Zhejiang")["technicians"]
    assert [(one["value"], one["label"], one["inArea"]) for one in found] == [
        ("near", "Near (0)", True),
        ("far", "Far (0)", False),
    ]


def test_the_first_state_left_counts_as_reviewed(desk):
    desk.case()
    desk.do("case.state", job={"headers": {"state": "pending_review"}})
    assert desk.one(t.AftersalesCase).reviewed_at is None
    desk.do("case.state", job={"headers": {"state": "approved"}})
    case = desk.one(t.AftersalesCase)
    assert (case.state, case.reviewed_at is not None) == ("approved", True)


def test_a_write_off_keeps_its_photos(desk):
    desk.case()
    filed = desk.do("writeoff.file", amount=3000, photos=[{"attachment": 7, "name": "crack.jpg"}])["writeOff"]
    assert filed["amount"] == 3000
    assert desk.one(t.WriteOff).photos == [7]


def test_a_visit_and_the_receipt_for_goods_taken_in_are_on_record(desk):
    desk.case()
    desk.do(
        "visit.record",
        technician="zhang.qiang",
        work="new hinge",
        hours=1.5,
        parts=[{"sku": "HINGE", "quantity": 1}],
    )
    assert desk.one(t.RepairVisit).hours == Decimal("1.50")
    receipt = desk.do("receipt.issue", goods="Oak chair", condition="one leg loose")["receipt"]["number"]
    assert desk.do("receipt.return", receiptNumber=receipt) == {"returned": True}
    assert desk.do("receipt.return", receiptNumber=receipt) == {"returned": False}
