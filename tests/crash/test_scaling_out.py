"""Three web processes and three workers on one PostgreSQL, behind a round-robin; one of each is killed midway."""

from __future__ import annotations

import time
from itertools import cycle

import httpx
import pytest
from sqlalchemy import func, select

from engine.aftersales.tables import AftersalesCase, CustomerOrder, Refund
from tests.crash.conftest import Clerk, Plant, create_orders, tell

CASES, OF_EACH = 18, 3
FORM = {"request.reason": "changed_mind", "channel": "phone", "urgency": "general"}

pytestmark = [pytest.mark.crash, pytest.mark.xdist_group("crash"), pytest.mark.timeout(300)]


class AnyDoor(Clerk):
    """Somebody whose every request goes to another web process, as behind a load balancer."""

    def __init__(self, webs: list[Plant], key: str) -> None:
        super().__init__(webs[0], key)
        doors = [httpx.Client(base_url=web.address, timeout=20) for web in webs]
        for door in doors:
            # One browser: one set of cookies, and pages that all come from the same place.
            door._cookies = self._client.cookies
            door.headers["sec-fetch-site"] = "same-origin"
        self.served = dict.fromkeys((web.address for web in webs), 0)
        self._doors = cycle(doors)

    def ask(self, method: str, path: str, **kwargs) -> httpx.Response:
        deadline = time.monotonic() + 90
        while True:
            door = next(self._doors)
            try:
                answer = door.request(method, path, **kwargs)
                self.served[str(door.base_url).rstrip("/")] += 1
                return answer
            except httpx.TransportError:
                self.unanswered += 1
                assert time.monotonic() < deadline, f"nothing answers {path}"
                time.sleep(0.05)


@pytest.fixture
def webs(application_and_url, tmp_path):
    """Web processes, each on a port of its own."""
    started = [Plant(application_and_url[1], tmp_path) for _ in range(OF_EACH)]
    for web in started:
        web.start_web()
    yield started
    for web in started:
        web.stop()


@pytest.fixture
def workers(application_and_url, tmp_path):
    """Workers, each a process."""
    started = [Plant(application_and_url[1], tmp_path) for _ in range(OF_EACH)]
    for worker in started:
        worker.start_worker()
    yield started
    for worker in started:
        worker.stop()


def test_cases_go_on_with_two_of_three_web_processes_and_workers(application_and_url, webs, workers):
    app, _ = application_and_url
    clerk = AnyDoor(webs, "li.na")
    clerk.sign_in()
    for number, order in enumerate(create_orders(app, CASES)):
        clerk.register("refund_only", order, FORM)
        if number == CASES // 3:
            webs[0].kill("web")
            workers[0].kill("worker")
            before = dict(clerk.served)
    _until_closed(app)

    survivors = [web.address for web in webs[1:]]
    assert clerk.unanswered > 0, "the killed one still answered"
    assert all(clerk.served[address] > before[address] for address in survivors), (
        "the rest did not share the work"
    )
    assert clerk.served[webs[0].address] == before[webs[0].address]
    assert _books(app) == {"cases": CASES, "refunds": CASES, "refunded": CASES * 210}
    verified = webs[0].cli("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    tell("scaling out", {"cases": CASES, "refused connections": clerk.unanswered, **clerk.served})


def _until_closed(app) -> None:
    """What the killed worker had in hand is taken over, so all of them close."""
    deadline = time.monotonic() + 90
    still = select(func.count()).select_from(AftersalesCase).where(AftersalesCase.closed_at.is_(None))
    while True:
        with app.database.begin() as session:
            open_cases = session.scalar(still)
        if not open_cases:
            return
        assert time.monotonic() < deadline, f"{open_cases} cases are stuck"
        time.sleep(0.2)


def _books(app) -> dict[str, int]:
    with app.database.begin() as session:
        return {
            "cases": session.scalar(select(func.count()).select_from(AftersalesCase)),
            "refunds": session.scalar(select(func.count()).select_from(Refund)),
            "refunded": int(session.scalar(select(func.sum(CustomerOrder.refunded_total)))),
        }
