"""Completing user tasks by the engine alone, in one process, against the same statements with no engine."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from sqlalchemy import select

from engine.bootstrap import Application
from engine.runtime import instances, user_tasks
from engine.store.tables import UserTask
from tests.bench import models, wire
from tests.bench.figure import Figure, at_least
from tests.bench.house import CLERK, House

INSTANCES = 2000
#: Of which so many before the clock runs: what a process reads and compiles once.
FIRST = 20
#: What each of the three forms gave.
VALUES = {
    "describe": {"pieces": 3, "price": 19.9, "remark": "As agreed on the telephone."},
    "agree": {"agreed": True, "agreedBy": "Wang Wei"},
    "file": {"decision": "file"},
}


def measure(house: House) -> Iterator[Figure]:
    """Completed user tasks a second."""
    url = house.furnished("completing", [models.small()])
    with house.engine(url) as app:
        started = _start(app, FIRST + house.size(INSTANCES))
        _complete_all(app, started[:FIRST])
        app.database.dispose()
        house.analyse(url)
        before = [house.copy(url, f"completing_floor_{number}") for number in (1, 2)]
        with wire.kept() as transactions:
            began = time.perf_counter()
            _complete_all(app, started[FIRST:])
            took = time.perf_counter() - began
    floor = wire.replay(before[0], transactions)
    pipelined = wire.replay(before[1], transactions, pipelined=True)
    name, rate = "complete a user task, engine only, 1 process", len(transactions) / took
    unit = "a second"
    yield Figure(
        name=name,
        value=rate,
        unit=unit,
        floor=len(transactions) / sum(floor),
        goal=at_least(0.5, of_floor=True),
    )
    yield Figure(
        name=f"{name}; floor pipelined too", value=rate, unit=unit, floor=len(transactions) / sum(pipelined)
    )


def _start(app: Application, count: int) -> list[int]:
    """Instances at their first user task; their ids."""
    started = []
    for number in range(count):
        with app.commands.begin(CLERK) as ctx:
            variables = {"wish": "a chair", "channel": "phone", "caseNumber": f"AS-{number}"}
            started.append(instances.start(ctx, "small", variables, business_key=f"AS-{number}").id)
    return started


def _complete_all(app: Application, started: Sequence[int]) -> None:
    """Three rounds over all instances, so that no instance is still at hand from its last step."""
    for element, values in VALUES.items():
        with app.database.begin() as session:
            query = select(UserTask.id).where(
                UserTask.instance_id.in_(started), UserTask.element_id == element
            )
            waiting = list(session.scalars(query.order_by(UserTask.id)))
        for user_task_id in waiting:
            with app.commands.begin(CLERK) as ctx:
                user_tasks.complete(ctx, user_task_id, values)
