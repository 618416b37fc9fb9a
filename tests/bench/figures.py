"""The monthly figures and the flow of work over 100,000 cases: every time the pages offer, and a year's filters."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from tests.bench import plant
from tests.bench.client import Client
from tests.bench.figure import Figure, at_most
from tests.bench.house import House, sign_in
from tests.web import measured
from web import sessions

CASES = 100_000
AUDITOR = "shen.ke"
LOOKS = 4
_PERIODS = re.compile(r'<select[^>]* name="period".*?</select>', re.S)


def measure(house: House) -> Iterator[Figure]:
    """The best of a few looks at each; the slowest of all times offered counts."""
    url, now = house.furnished("figures", shipped=True), datetime.now(UTC)
    cases = house.size(CASES)
    with house.engine(url) as app:
        token = sign_in(app, AUDITOR)
        measured.fill(app, cases, now=now)
    web = plant.web(url)
    with plant.running(web):
        client = Client(web.port, cookies={sessions.COOKIE: token})
        offered = re.findall(r'value="([\d-]*)"', _PERIODS.findall(client.get("/insights").body.decode())[0])
        year = f"period={now.year}"
        looks = {
            f"insights of {cases:,} cases, the slowest of the {len(offered)} times offered": [
                f"/insights?period={period}" for period in offered
            ],
            "insights, a year of one procedure": [f"/insights?{year}&procedure=return_and_refund"],
            "insights, a year of one tier": [
                f"/insights?{year}&tier={tier}" for tier in ("standard", "high_value")
            ],
            "insights, a year of one reason": [f"/insights?{year}&reason=damaged"],
            "report to print, a year": [f"/insights/report?{year}"],
            "flow of a procedure's work, a year": [f"/insights/flow?procedure=complaint&{year}"],
        }
        for name, addresses in looks.items():
            slowest = max(min(_look(client, address) for _ in range(LOOKS)) for address in addresses)
            yield Figure(name=name, value=slowest * 1000, unit="ms", goal=at_most(500))


def _look(client: Client, address: str) -> float:
    began = time.perf_counter()
    assert client.get(address).status == 200, address
    return time.perf_counter() - began
