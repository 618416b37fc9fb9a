"""What a refund comes to, and that it is paid once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

import engine.aftersales.tables as t
from engine.aftersales.refund_ledger import PaymentAccountClosed
from engine.aftersales.refunds import share
from engine.runtime.jobs import BpmnError
from tests.aftersales import shop


def compute(desk, order, lines, **inputs):
    lines = [{"line": line, "quantity": quantity} for line, quantity in lines]
    return desk.do("refund.compute", orderNumber=order.number, lines=lines, **inputs)["refund"]


def pay(desk, order, refund, **fields):
    return desk.do("refund.pay", orderNumber=order.number, refund=refund, reason="wrong_size", **fields)[
        "payment"
    ]


@given(
    paid=st.decimals(0, 99999, places=2),
    quantity=st.integers(1, 60),
    data=st.data(),
)
def test_refunds_piece_by_piece_come_to_exactly_what_was_paid(paid, quantity, data):
    line = t.OrderLine(quantity=quantity, paid_amount=paid, refunded_quantity=0, refunded_amount=Decimal(0))
    amounts = []
    while line.refunded_quantity < quantity:
        pieces = data.draw(st.integers(1, quantity - line.refunded_quantity))
        amount = share(line, pieces)
        amounts.append(amount)
        line.refunded_quantity += pieces
        line.refunded_amount += amount

    assert sum(amounts) == paid
    assert all(amount >= 0 and amount == round(amount, 2) for amount in amounts)


def test_the_remainder_falls_to_the_last_piece():
    line = t.OrderLine(quantity=3, paid_amount=Decimal(100), refunded_quantity=0, refunded_amount=Decimal(0))
    assert share(line, 1) == Decimal("33.33")
    line.refunded_quantity, line.refunded_amount = 2, Decimal("66.66")
    assert share(line, 1) == Decimal("33.34")


def test_part_of_an_order_leaves_shipping_alone_and_the_whole_takes_it_along(desk):
    order = desk.write(lambda s: shop.order(s, (2, "100", "180.00"), (1, "50", "50.00"), shipping="12.00"))

    part = compute(desk, order, [(1, 1)])
    assert (part["goods"], part["shipping"], part["total"], part["wholeOrder"]) == (90, 0, 90, False)
    whole = compute(desk, order, [(1, 2), (2, 1)])
    assert (whole["goods"], whole["shipping"], whole["total"], whole["wholeOrder"]) == (230, 12, 242, True)


def test_shipping_follows_operations_when_they_decide(desk):
    order = desk.write(lambda s: shop.order(s, (1, "100", "100.00"), (1, "50", "50.00"), shipping="12.00"))
    assert compute(desk, order, [(1, 1)], allowShipping=True)["shipping"] == 12
    assert compute(desk, order, [(1, 1), (2, 1)], allowShipping=False)["shipping"] == 0


@pytest.mark.parametrize("lines", [[(1, 3)], [(1, 1), (1, 2)], [(9, 1)], [(1, -1)], [(1, 1.5)]])
def test_more_than_is_left_is_said(desk, lines):
    order = desk.write(lambda s: shop.order(s, (2, "100", "200.00")))
    refund = compute(desk, order, lines)
    assert refund["overQuantity"] is True
    assert refund["goods"] <= 200


def test_deductions_are_amounts_or_shares_and_never_more_than_the_refund(desk):
    order = desk.write(lambda s: shop.order(s, (1, "200", "199.99")))

    fees = compute(
        desk,
        order,
        [(1, 1)],
        serviceFee=10,
        deductions=[{"reason": "mall_fee", "rate": 0.055}, {"reason": "none", "amount": 0}],
    )
    assert fees["deductions"] == [
        {"reason": "service_fee", "amount": 10},
        {"reason": "mall_fee", "amount": 11},
    ]
    assert fees["total"] == 178.99
    greedy = compute(desk, order, [(1, 1)], deductions=[{"reason": "damage", "amount": 500}])
    assert (greedy["total"], greedy["deductions"]) == (0, [{"reason": "damage", "amount": 199.99}])


def test_coupons_and_points_come_back_as_such_and_only_as_many_as_were_used(desk):
    order = desk.write(lambda s: shop.order(s, (1, "200", "170.00"), coupon_discount=Decimal(30)))
    refund = compute(desk, order, [(1, 1)], extra=50)
    assert (refund["total"], refund["extra"]) == (170, 30)
    pay(desk, order, refund)
    assert desk.one(t.CustomerOrder).extra_returned == 30


def test_an_unknown_order_is_an_error_the_diagram_can_catch(desk):
    with pytest.raises(BpmnError) as caught:
        desk.do("refund.compute", orderNumber="SO-nowhere", lines=[])
    assert caught.value.code == "ORDER_NOT_FOUND"


def test_a_refund_is_paid_to_the_original_payment_and_kept_on_the_case(desk):
    order = desk.write(lambda s: shop.order(s, (3, "100", "250.00"), shipping="8.00"))
    desk.case(order_id=order.id, customer_id=order.customer_id)

    payment = pay(desk, order, compute(desk, order, [(1, 2)], serviceFee=5))

    assert (payment["amount"], payment["method"]) == (161.66, "alipay")
    ledger = desk.one(t.Refund)
    assert (ledger.goods, ledger.deducted, ledger.total) == (Decimal("166.66"), Decimal(5), Decimal("161.66"))
    assert desk.one(t.AftersalesCase).refunded == Decimal("161.66")
    assert desk.one(t.CaseLine).quantity == 2
    rest = compute(desk, order, [(1, 1)])
    assert (rest["goods"], rest["shipping"], rest["wholeOrder"]) == (83.34, 8, True)


def test_the_same_job_done_again_pays_nothing_again(desk):
    order = desk.write(lambda s: shop.order(s, (1, "100", "100.00")))
    refund = compute(desk, order, [(1, 1)])
    first = pay(desk, order, refund, job={"idempotency_key": "one"})
    assert pay(desk, order, refund, job={"idempotency_key": "one"}) == first
    assert len(desk.all(t.Refund)) == 1


def test_a_second_refund_of_the_same_pieces_is_refused_and_nothing_is_paid(desk):
    order = desk.write(lambda s: shop.order(s, (1, "100", "100.00"), (1, "100", "100.00")))
    refund = compute(desk, order, [(1, 1)])
    pay(desk, order, refund)

    with pytest.raises(BpmnError) as caught:
        pay(desk, order, refund)

    assert caught.value.code == "REFUND_REFUSED"
    assert len(desk.all(t.Refund)) == 1


def test_twenty_jobs_refunding_the_same_line_never_pay_beyond_what_was_paid(desk):
    order = desk.write(lambda s: shop.order(s, (7, "20", "99.99"), (1, "500", "500.00"), shipping="8.00"))
    refund = {**compute(desk, order, [(1, 1)]), "shipping": 2, "total": 16.28}

    outcomes = desk.at_once(lambda _: pay(desk, order, refund))

    # Shipping is the tighter bound here: 8.00 in steps of 2.00.
    assert sum(isinstance(outcome, dict) for outcome in outcomes) == 4
    assert {error.code for error in outcomes if isinstance(error, BpmnError)} == {"REFUND_REFUSED"}
    assert desk.one(t.CustomerOrder).shipping_refunded == 8
    assert desk.one(t.OrderLine, t.OrderLine.line == 1).refunded_amount == sum(
        r.goods for r in desk.all(t.Refund)
    )


def test_a_closed_account_is_finances_to_mend_and_then_pays(desk):
    order = desk.write(lambda s: shop.order(s, (1, "100", "100.00")))
    refund = compute(desk, order, [(1, 1)])
    desk.write(lambda s: s.execute(update(t.Payment).values(accepts_refunds=False)))
    with pytest.raises(PaymentAccountClosed, match="takes no refunds"):
        pay(desk, order, refund, job={"idempotency_key": "again"})
    assert desk.all(t.Refund) == []

    desk.write(lambda s: s.execute(update(t.Payment).values(accepts_refunds=True)))
    assert pay(desk, order, refund, job={"idempotency_key": "again"})["amount"] == 100


def test_an_order_refunded_whole_before_shipping_is_not_shipped(desk):
    order = desk.write(lambda s: shop.order(s, (2, "100", "200.00")))
    pay(desk, order, compute(desk, order, [(1, 1)]))
    assert desk.one(t.CustomerOrder).state == "paid"
    pay(desk, order, compute(desk, order, [(1, 1)]))
    assert desk.one(t.CustomerOrder).state == "cancelled"


def test_an_order_without_payment_is_refused(desk):
    order = desk.write(lambda s: shop.order(s, (1, "100", "100.00")))
    desk.write(lambda s: s.query(t.Payment).delete())
    with pytest.raises(BpmnError, match="Nothing was paid"):
        pay(desk, order, compute(desk, order, [(1, 1)]))
