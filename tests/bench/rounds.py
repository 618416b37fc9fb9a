"""One instance that goes round and round through two user tasks: no round may cost more than the ones before."""

from __future__ import annotations

import time
from collections.abc import Iterator

from sqlalchemy import func, select

from engine.bootstrap import Application
from engine.runtime import instances, user_tasks
from engine.store.tables import ProcessInstance, UserTask
from tests.bench import models
from tests.bench.figure import Figure, at_most
from tests.bench.house import CLERK, House

ROUNDS, COMPARED, FIRST = 3000, 100, 10


def measure(house: House) -> Iterator[Figure]:
    """The last rounds beside the first, and the size of the state."""
    url = house.furnished("rounds", [models.looping()])
    count, took = house.size(ROUNDS), []
    with house.engine(url) as app:
        with app.commands.begin(CLERK) as ctx:
            instance_id = instances.start(ctx, "looping", {"again": True}, business_key="AS-1").id
        for number in range(count + FIRST):
            began = time.perf_counter()
            for _ in range(2):
                _complete(app, instance_id, {"again": True, "round": number})
            took.append(time.perf_counter() - began)
        with app.database.begin() as session:
            query = select(func.octet_length(ProcessInstance.blob)).where(ProcessInstance.id == instance_id)
            state = session.scalar(query)
    compared = min(COMPARED, count // 3)
    first, last = (sum(part) / compared * 1000 for part in (took[FIRST : FIRST + compared], took[-compared:]))
    yield Figure(
        name=f"loop of {count:,}: a round at the end, beside one of the first",
        value=last,
        unit="ms",
        floor=first,
        goal=at_most(1.5, of_floor=True),
    )
    yield Figure(name="loop: state at the end", value=float(state or 0), unit="octets", goal=at_most(4096))


def _complete(app: Application, instance_id: int, values: dict[str, object]) -> None:
    with app.commands.begin(CLERK) as ctx:
        query = select(UserTask.id).where(UserTask.instance_id == instance_id, UserTask.state == "created")
        user_tasks.complete(ctx, ctx.session.execute(query).scalar_one(), values)
