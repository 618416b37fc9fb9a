"""How soon a web process answers, and how much memory it then takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import psutil

from tests.bench import models, plant
from tests.bench.client import Client
from tests.bench.figure import Figure, at_most
from tests.bench.house import CLERK, House, sign_in
from web import sessions

STARTS, LOOKS = 3, 30
PAGES = ("/inbox", "/inbox?tab=groups", "/start", "/start/small?without", "/preferences")
MEBIBYTE = 1024 * 1024


def measure(house: House) -> Iterator[Figure]:
    """Seconds from `serve` to the first answer, and mebibytes after some pages were looked at."""
    url = house.furnished("starting", [models.small()], shipped=True)
    with house.engine(url) as app:
        token = sign_in(app, CLERK.key)
    took, memory = _started(lambda: plant.web(url), "/sign-in", token)
    floor, floor_memory = _started(plant.empty, "/", token)
    yield Figure(name="serve to first answer", value=took, unit="s", floor=floor, goal=at_most(3))
    yield Figure(
        name="memory of a web process", value=memory, unit="MiB", floor=floor_memory, goal=at_most(160)
    )


def _started(start: Callable[[], plant.Running], path: str, token: str) -> tuple[float, float]:
    took, memory = [], 0.0
    for _ in range(STARTS):
        began = time.perf_counter()
        process = start()
        with plant.running(process):
            assert Client(process.port).get(path).status == 200
            took.append(time.perf_counter() - began)
            client = Client(process.port, cookies={sessions.COOKIE: token})
            for number in range(LOOKS if path != "/" else 0):
                client.get(PAGES[number % len(PAGES)])
            memory = psutil.Process(process.process.pid).memory_info().rss / MEBIBYTE
    return statistics.median(took), memory
