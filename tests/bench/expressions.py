"""FEEL: a gateway's condition, the first time and every time after."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from engine.feel import Feel
from tests.bench.figure import Figure, at_most
from tests.bench.house import House

TIMES, FIRSTS = 5000, 200
VARIABLES = {"request": {"reason": "quality", "amount": 4800.0}, "customer": {"tier": "high_value"}}
NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


def measure(house: House) -> Iterator[Figure]:
    """Milliseconds of one evaluation; the floor is an expression that is nothing but a number."""
    feel = Feel({}, zone="Asia/Shanghai")
    condition = 'request.amount > {} and (request.reason = "quality" or customer.tier = "high_value")'
    # A number no other expression has makes each of them new.
    firsts = [_took(feel, condition.format(1000 + number)) for number in range(FIRSTS)]
    trivial = [_took(feel, str(number)) for number in range(100_000, 100_000 + FIRSTS)]
    times = house.size(TIMES)
    cached = [_took(feel, condition.format(1000)) for _ in range(times)]
    floor = [_took(feel, "100000") for _ in range(times)]
    for name, values, least, most in (
        ("cached", cached, floor, 0.05),
        ("first", firsts, trivial, 3),
    ):
        yield Figure(
            name=f"FEEL condition, {name}",
            value=statistics.median(values) * 1000,
            unit="ms",
            floor=statistics.median(least) * 1000,
            goal=at_most(most),
        )


def _took(feel: Feel, expression: str) -> float:
    began = time.perf_counter()
    feel.evaluate(expression, VARIABLES, now=NOW)
    return time.perf_counter() - began
