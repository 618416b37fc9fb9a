"""The page of a case on which very much happened."""

from __future__ import annotations

import time
from collections.abc import Iterator

from engine.runtime import instances
from engine.store.tables import HistoryEvent
from tests.bench import filling, models, plant
from tests.bench.client import Client
from tests.bench.figure import Figure, at_most, percentile
from tests.bench.house import CLERK, House, sign_in
from web import sessions

EVENTS, LOOKS = 1000, 100
CASE = "AS-1"


def measure(house: House) -> Iterator[Figure]:
    """The 95th percentile of the case page and of its timeline."""
    url = house.furnished("case_pages", [models.small()])
    with house.engine(url) as app:
        token = sign_in(app, CLERK.key)
        with app.commands.begin(CLERK) as ctx:
            variables = {"wish": "a chair", "channel": "phone", "caseNumber": CASE}
            instances.start(ctx, "small", variables, business_key=CASE)
    with filling.unchecked(url) as connection:
        # The page shows what people and the process did; whose hash follows whose is the audit's business.
        where = f"business_key = '{CASE}' AND type = 'UserTaskCreated'"
        changed = {"seq": "100 + g", "at": "one.at + g * interval '1 minute'"}
        filling.multiply(connection, HistoryEvent, where, EVENTS, changed)
    house.analyse(url)
    web, empty = plant.web(url), plant.empty()
    with plant.running(web, empty):
        floor = _looks(Client(empty.port), "/")
        client = Client(web.port, cookies={sessions.COOKIE: token})
        for name, path in (("case page", ""), ("case page, timeline", "?tab=timeline")):
            yield Figure(
                name=f"{name}, {EVENTS:,} history events, p95",
                value=_looks(client, f"/cases/{CASE}{path}"),
                unit="ms",
                floor=floor,
                goal=at_most(80),
            )


def _looks(client: Client, path: str) -> float:
    for _ in range(5):
        answer = client.get(path)
        assert answer.status == 200, answer.status
    took = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        client.get(path)
        took.append(time.perf_counter() - began)
    return percentile(took, 0.95) * 1000
