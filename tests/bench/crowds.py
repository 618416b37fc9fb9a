"""A user task for each of very many items, all at once."""

from __future__ import annotations

import time
from collections.abc import Iterator

from sqlalchemy import select

from engine.bootstrap import Application
from engine.runtime import instances, user_tasks
from engine.store.tables import UserTask
from tests.bench import models, wire
from tests.bench.figure import Figure, at_most, percentile
from tests.bench.house import CLERK, House

ITEMS, LAST = 1000, 50


def measure(house: House) -> Iterator[Figure]:
    """Creating all of them, and completing the last ones, beside the same statements with no engine."""
    count, last = house.size(ITEMS), min(LAST, house.size(ITEMS) // 2)
    url = house.furnished("crowds", [models.many()])
    with house.engine(url) as app:
        with app.commands.begin(CLERK) as ctx:
            instances.start(ctx, "many", {"items": [1, 2]}, business_key="AS-0")
        app.database.dispose()
        before = house.copy(url, "crowds_floor")
        with wire.kept() as created:
            began = time.perf_counter()
            with app.commands.begin(CLERK) as ctx:
                variables = {"items": list(range(count))}
                instance_id = instances.start(ctx, "many", variables, business_key="AS-1").id
            took = time.perf_counter() - began
        floor = sum(wire.replay(before, created))
        yield Figure(
            name=f"parallel multi-instance of {count:,} user tasks: created",
            value=took,
            unit="s",
            floor=floor,
            goal=at_most(2),
        )
        with app.database.begin() as session:
            query = select(UserTask.id).where(UserTask.instance_id == instance_id).order_by(UserTask.id)
            waiting = list(session.scalars(query))
        _complete(app, waiting[:-last])
        app.database.dispose()
        before = house.copy(url, "crowds_floor")
        with wire.kept() as completed:
            each = _complete(app, waiting[-last:])
        yield Figure(
            name="parallel multi-instance: a completion at the end, p95",
            value=percentile(each, 0.95) * 1000,
            unit="ms",
            floor=percentile(wire.replay(before, completed), 0.95) * 1000,
            goal=at_most(40),
        )


def _complete(app: Application, user_task_ids: list[int]) -> list[float]:
    took = []
    for number, user_task_id in enumerate(user_task_ids):
        began = time.perf_counter()
        with app.commands.begin(CLERK) as ctx:
            user_tasks.complete(ctx, user_task_id, {"given": number})
        took.append(time.perf_counter() - began)
    return took
