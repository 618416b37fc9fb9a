"""Web and worker are killed in the middle of fifty cases; after a restart all of them finish."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import func, select

from engine.aftersales.tables import AftersalesCase, CustomerOrder, OrderLine, Refund, RefundLine
from tests.crash.conftest import Clerk, create_orders

CASES = 50

pytestmark = [pytest.mark.crash, pytest.mark.xdist_group("crash")]


def _closed(app) -> int:
    with app.database.begin() as session:
        return session.scalar(
            select(func.count()).select_from(AftersalesCase).where(AftersalesCase.closed_at.is_not(None))
        )


def _until(condition, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def test_fifty_cases_survive_the_killing_of_web_and_worker(application_and_url, plant):
    app, _ = application_and_url
    orders = create_orders(app, CASES)
    clerk = Clerk(plant, "li.na")
    clerk.sign_in()
    registered: list[str] = []

    def register_all() -> None:
        for order in orders:
            form = {"request.reason": "changed_mind", "channel": "phone", "urgency": "general"}
            clerk.register("refund_only", order, form)
            registered.append(order)

    people = threading.Thread(target=register_all)
    people.start()
    _until(lambda: len(registered) >= 12, 90, "no case was registered")
    plant.kill("worker")
    _until(lambda: len(registered) >= 20, 90, "the web does not go on without a worker")
    plant.start_worker()
    _until(lambda: len(registered) >= 28, 90, "the web does not go on")
    plant.kill("web")
    plant.kill("worker")
    time.sleep(1)
    plant.start_web()
    plant.start_worker()
    people.join(timeout=120)

    assert registered == orders, "an acknowledged registration was lost or never answered"
    assert clerk.unanswered > 0, "the web was killed while somebody waited"
    _until(lambda: _closed(app) == CASES, 120, "cases are stuck")

    with app.database.begin() as session:
        assert session.scalar(select(func.count()).select_from(AftersalesCase)) == CASES, "no case twice"
        refunds = session.scalars(select(Refund)).all()
        assert len(refunds) == CASES, "no refund twice, none missing"
        assert {refund.total for refund in refunds} == {210}
        beyond = session.scalar(
            select(func.count())
            .select_from(OrderLine)
            .where(OrderLine.refunded_amount > OrderLine.paid_amount)
        )
        assert beyond == 0
        assert session.scalar(select(func.sum(RefundLine.amount))) == CASES * 200
        assert session.scalar(select(func.sum(CustomerOrder.refunded_total))) == CASES * 210
    verified = plant.cli("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
