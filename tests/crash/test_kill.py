"""Web, worker and database are killed at random while people register cases: nothing is lost, nothing done twice."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from itertools import count

import pytest
from sqlalchemy import func, select

from engine.aftersales.tables import AftersalesCase, CustomerOrder, OrderLine, Refund, RefundLine
from engine.store.tables import Incident, ProcessInstance
from tests.crash.conftest import Clerk, create_orders, tell, until

#: Killings; `make crash` asks for more.
ROUNDS = int(os.environ.get("AFTERCARE_CRASH_ROUNDS", "4"))
CLERKS = 2
#: At most so many seconds between somebody's success and the next killing.
PEACE = 1.0
FORM = {"request.reason": "changed_mind", "channel": "phone", "urgency": "general"}

pytestmark = [pytest.mark.crash, pytest.mark.xdist_group("crash"), pytest.mark.timeout(300 + 15 * ROUNDS)]


class Office:
    """Clerks who register one case after the other until they are told to stop."""

    def __init__(self, app, plant):
        self.app = app
        self.clerks = [Clerk(plant, "li.na") for _ in range(CLERKS)]
        self.registered = []
        self.failures = []
        self._numbers = count()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(clerk,)) for clerk in self.clerks]

    def open(self):
        for clerk in self.clerks:
            clerk.sign_in()
        self.orders = iter(create_orders(self.app, 40 * (ROUNDS + 5)))
        for thread in self._threads:
            thread.start()

    def close(self):
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=120)
        assert not self.failures, self.failures[0]

    def _work(self, clerk):
        try:
            while not self._over.is_set():
                order = next(self.orders)
                clerk.register("refund_only", order, FORM)
                self.registered.append(order)
        except BaseException as error:
            self.failures.append(error)


def _kill(victim, plant, own_server):
    match victim:
        case "web":
            plant.kill("web")
            plant.start_web()
        case "worker":
            plant.kill("worker")
            plant.start_worker()
        case "database":
            own_server.kill()
            own_server.start()
        case "connection":
            own_server.kill_backend()


def test_nothing_is_lost_and_nothing_done_twice_whatever_is_killed(application_and_url, plant, own_server):
    app, _ = application_and_url
    office, killed, seed = Office(app, plant), Counter(), random.randrange(10**6)
    chance = random.Random(seed)
    office.open()
    # All are killed equally often, in an order left to chance.
    victims = (["web", "worker", "database", "connection"] * (ROUNDS // 4 + 1))[:ROUNDS]
    chance.shuffle(victims)
    for victim in victims:
        # In the middle of work: only once somebody got on with theirs since the last time.
        done = len(office.registered)
        until(lambda done=done: len(office.registered) > done, 60, lambda: "nobody gets on")
        time.sleep(chance.uniform(0, PEACE))
        _kill(victim, plant, own_server)
        killed[victim] += 1
    time.sleep(1)
    office.close()
    registered = len(office.registered)
    began = time.monotonic()
    until(lambda: _open_cases(app) == 0, 120, lambda: f"cases are stuck: {_stuck(app)}")
    settled = time.monotonic() - began

    told = {
        "rounds": ROUNDS,
        "seed": seed,
        **{f"killed_{victim}": number for victim, number in sorted(killed.items())},
        "registered": registered,
        "unanswered": sum(clerk.unanswered for clerk in office.clerks),
        "answered_database_away": sum(clerk.away for clerk in office.clerks),
        "settled_after_seconds": round(settled, 1),
        **_books(app, office.registered),
    }
    tell("kill", told)
    assert told["cases"] == told["refunds"] == registered, told
    assert told["lost"] == told["twice"] == told["paid_beyond"] == told["incidents"] == told["stuck"] == 0, (
        told
    )
    verified = plant.cli("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def _books(app, registered):
    """What the database says of everything that was acknowledged."""
    with app.database.begin() as session:

        def number(query):
            return session.scalar(query)

        per_order = Counter(
            session.scalars(
                select(CustomerOrder.number).join(AftersalesCase, AftersalesCase.order_id == CustomerOrder.id)
            )
        )
        refunds = number(select(func.count()).select_from(Refund))
        assert number(select(func.sum(RefundLine.amount))) == refunds * 200
        assert number(select(func.sum(CustomerOrder.refunded_total))) == refunds * 210
        beyond = OrderLine.refunded_amount > OrderLine.paid_amount
        return {
            "cases": per_order.total(),
            "refunds": refunds,
            "lost": len(set(registered) - set(per_order)),
            "twice": sum(1 for times in per_order.values() if times > 1),
            "paid_beyond": number(select(func.count()).select_from(OrderLine).where(beyond)),
            "incidents": number(select(func.count()).select_from(Incident)),
            "stuck": number(
                select(func.count())
                .select_from(ProcessInstance)
                .where(ProcessInstance.process_key == "refund_only", ProcessInstance.ended_at.is_(None))
            ),
        }


def _open_cases(app):
    with app.database.begin() as session:
        still = AftersalesCase.closed_at.is_(None)
        return session.scalar(select(func.count()).select_from(AftersalesCase).where(still))


def _stuck(app):
    with app.database.begin() as session:
        query = "SELECT status, task_name, count(*) FROM procrastinate_jobs GROUP BY 1, 2"
        queued = session.connection().exec_driver_sql(query).all()
        messages = session.scalars(select(Incident.message).limit(3)).all()
    return {"open": _open_cases(app), "queued": list(map(tuple, queued)), "incidents": messages}
