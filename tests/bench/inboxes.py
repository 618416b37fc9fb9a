"""The inbox with ever more open user tasks, and ten times that in history."""

from __future__ import annotations

import time
from collections.abc import Iterator

from engine.aftersales.tables import AftersalesCase
from engine.runtime import instances
from engine.store.tables import HistoryEvent, UserTask
from tests.bench import filling, models, plant
from tests.bench.client import Client
from tests.bench.figure import Figure, at_most, percentile
from tests.bench.house import CLERK, House, sign_in
from web import sessions

OPEN = (10_000, 200_000, 1_000_000)
HISTORY_PER_TASK = 10
#: What the clerk has taken, at every size.
MINE = 60
LOOKS = 120
PATHS = ("/inbox", "/inbox?tab=groups")


def measure(house: House) -> Iterator[Figure]:
    """The 95th percentile of the page with its counts, at each size."""
    url = house.furnished("inboxes", [models.small()])
    roles: list[str] = []
    with house.engine(url) as app:
        roles = sorted(app.engine.organisation().roles)
        token = sign_in(app, CLERK.key)
        with app.commands.begin(CLERK) as ctx:
            variables = {"wish": "a chair", "channel": "phone", "caseNumber": "AS-0"}
            instances.start(ctx, "small", variables, business_key="AS-0")
    there, smallest = 0, 0.0
    web, empty = plant.web(url), plant.empty()
    with plant.running(web, empty):
        floor = _looks(Client(empty.port), ("/",)) * 1000
        for size in OPEN:
            wanted = house.size(size)
            _fill(url, wanted - there, there, roles)
            there = wanted
            house.analyse(url)
            took = _looks(Client(web.port, cookies={sessions.COOKIE: token}), PATHS) * 1000
            smallest = smallest or took
            yield Figure(
                name=f"inbox page and counts, {wanted:,} open user tasks, p95",
                value=took,
                unit="ms",
                floor=floor,
                goal=at_most(50),
            )
    yield Figure(
        name="inbox: the largest beside the smallest",
        value=took,
        unit="ms",
        floor=smallest,
        goal=at_most(1.5, of_floor=True),
    )


def _fill(url: str, count: int, there: int, roles: list[str]) -> None:
    """So many more open user tasks with a case each, spread over all roles, and their history."""
    listed = "ARRAY[" + ", ".join(f"'{role}'" for role in roles) + "]"
    number = f"'AS-' || ({there} + g)"
    with filling.unchecked(url) as connection:
        filling.multiply(
            connection,
            AftersalesCase,
            "number = 'AS-0'",
            count,
            {"number": number, "process_instance_id": "NULL"},
        )
        filling.multiply(
            connection,
            UserTask,
            "business_key = 'AS-0'",
            count,
            {
                "business_key": number,
                "activity_id": f"1000 + {there} + g",
                "candidate_groups": f"ARRAY[({listed})[1 + g % {len(roles)}]]",
                "assignee": f"CASE WHEN {there} + g <= {MINE} THEN '{CLERK.key}'"
                " WHEN g % 3 = 0 THEN 'person-' || g % 5000 END",
                "due_at": "one.due_at + g * interval '7 seconds'",
                "priority": "30 + g % 5 * 10",
                "turn": "(70 - g % 5 * 10) * 1e11 + extract(epoch FROM one.due_at) + 7 * g",
            },
        )
        filling.multiply(
            connection,
            HistoryEvent,
            "business_key = 'AS-0'",
            count * HISTORY_PER_TASK,
            {
                "stream": f"1000000 + 2 * {there} + g / {HISTORY_PER_TASK}",
                "seq": f"1 + g % {HISTORY_PER_TASK}",
                "business_key": f"'AS-' || ({there} + g / {HISTORY_PER_TASK})",
            },
        )


def _looks(client: Client, paths: tuple[str, ...]) -> float:
    """The 95th percentile of so many looks, in seconds; the first of each path only warms up."""
    took = []
    for path in paths:
        for _ in range(5):
            assert client.get(path).status == 200
    for number in range(LOOKS):
        began = time.perf_counter()
        client.get(paths[number % len(paths)])
        took.append(time.perf_counter() - began)
    return percentile(took, 0.95)
