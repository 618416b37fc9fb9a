"""Two people at once: commands let go by a barrier, each on a connection of its own, as in two processes."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from engine import bootstrap
from engine.bootstrap import Application
from engine.runtime import deployments, identity, instances, verifying
from engine.runtime.bundles import Bundle
from engine.runtime.context import Actor
from engine.runtime.refusals import Refusal
from engine.runtime.registry import ServiceTaskType
from engine.store.tables import HistoryEvent, Incident, ProcessInstance, UserTask

ROOT = Path(__file__).resolve().parents[2]
DIAGRAMS = Path(__file__).parent / "diagrams"
#: How often each pair runs; `make races` sets more.
ROUNDS = int(os.environ.get("AFTERCARE_RACE_ROUNDS", "2"))
PEOPLE = ("wang.fang", "gao.yuan")
WON = "won"
#: Seconds one may be ahead of the other.
HEAD_START = 0.004

Action = Callable[["Desk", int, str], Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All races run in one process, one after the other: they need the processors for themselves."""
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.races)
            item.add_marker(pytest.mark.xdist_group("races"))


class Hall:
    """Two processes of Aftercare over one database, and two people who do not know of each other."""

    def __init__(self, processes: list[Application]) -> None:
        self.processes = processes
        self.app = processes[0]
        self.log: dict[str, Counter[str]] = {}
        #: Case numbers by instance.
        self.numbers: dict[int, str] = {}
        self._numbers = count(1)

    def actor(self, key: str) -> Actor:
        return Actor(key=key, name=key, roles=frozenset({"operations", "administrator"}))

    def start(self, process: str, **variables: Any) -> int:
        """A case of its own, under a number no other has."""
        number = f"CASE-{next(self._numbers)}"
        with self.app.commands.begin() as ctx:
            id_ = instances.start(ctx, process, {"caseNumber": number, **variables}, business_key=number).id
        self.numbers[id_] = number
        return id_

    def task(self, instance: int, element: str) -> UserTask:
        with self.app.database.begin() as session:
            return session.execute(
                select(UserTask).where(UserTask.instance_id == instance, UserTask.element_id == element)
            ).scalar_one()

    def in_turn(self, instance: int, actions: tuple[Action, ...], order: tuple[int, ...]) -> list[str]:
        """One after the other, in this order; how each ended."""
        ended = [""] * len(actions)
        for at in order:
            ended[at] = self._ended(actions[at], instance, PEOPLE[at], self.app)
        return ended

    def together(
        self, instance: int, actions: tuple[Action, ...], people: tuple[str, ...] = PEOPLE
    ) -> list[str]:
        """All at once, in different processes by turns; how each ended."""
        barrier = threading.Barrier(len(actions))
        ended: list[str] = [""] * len(actions)

        def run(at: int) -> None:
            app = self.processes[(instance + at) % len(self.processes)] if instance % 3 else self.app
            barrier.wait()
            # Some actions look something up first: without a head start now and then they would always be second.
            time.sleep(random.uniform(0, HEAD_START))
            ended[at] = self._ended(actions[at], instance, people[at % len(people)], app)

        threads = [threading.Thread(target=run, args=(at,)) for at in range(len(actions))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        return ended

    def _ended(self, action: Action, instance: int, who: str, app: Application) -> str:
        try:
            told = action(Desk(self, app), instance, who)
            return told if isinstance(told, str) else WON
        except Refusal as refusal:
            return refusal.code
        except Exception as error:  # what must never happen, told with its name
            return f"{type(error).__name__}: {str(error).splitlines()[0]}"

    def sound(self, instance: int) -> None:
        """The history verifies and nothing is faulted."""
        with self.app.database.begin() as session:
            assert not list(verifying.verify(session, instance))
            assert not session.execute(
                select(Incident.message).where(Incident.instance_id == instance, Incident.kind != "service")
            ).all()

    def tell(self, instance: int) -> tuple[Any, ...]:
        """What there is to see of a case afterwards, without its numbers and moments."""
        with self.app.database.begin() as session:
            state = session.get_one(ProcessInstance, instance).state
            tasks = session.execute(
                select(
                    UserTask.element_id,
                    UserTask.state,
                    UserTask.assignee,
                    UserTask.completed_by,
                    UserTask.draft_by,
                )
                .where(UserTask.instance_id == instance)
                .order_by(UserTask.element_id)
            ).all()
            events = session.execute(
                select(HistoryEvent.type, HistoryEvent.element_id, HistoryEvent.actor)
                .where(HistoryEvent.stream == instance)
                .order_by(HistoryEvent.seq)
            ).all()
        return state, tuple(map(tuple, tasks)), tuple(map(tuple, events))

    def note(self, pair: str, ended: list[str]) -> None:
        """Keep how a round ended."""
        told = self.log.setdefault(pair, Counter())
        told["rounds"] += 1
        told.update(ended)


class Desk:
    """Where one person sits: commands go to their process."""

    def __init__(self, hall: Hall, app: Application) -> None:
        self.hall, self.app = hall, app

    def do(self, who: str, command: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with self.app.commands.begin(self.hall.actor(who)) as ctx:
            return command(ctx, *args, **kwargs)

    def ids(self, column: Any, instance: int, *more: Any) -> list[int]:
        """Row ids of what belongs to an instance."""
        table = column.class_
        with self.app.database.begin() as session:
            return list(session.scalars(select(column).where(table.instance_id == instance, *more)))


@pytest.fixture(scope="session")
def logbook() -> Iterator[dict[str, Counter[str]]]:
    """Counts of all races of this run, printed and written to var/races.json at the end."""
    kept: dict[str, Counter[str]] = {}
    yield kept
    rows = [{"pair": pair, **counts} for pair, counts in sorted(kept.items())]
    (ROOT / "var").mkdir(exist_ok=True)
    (ROOT / "var" / "races.json").write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    print(f"\n{sum(row['rounds'] for row in rows)} races of {len(rows)} pairs (var/races.json)")
    for row in rows:
        how = ", ".join(f"{name} {n}" for name, n in row.items() if name not in ("pair", "rounds"))
        print(f"  {row['pair']:28} {row['rounds']:5} rounds: {how}")


@pytest.fixture
def hall(app: Application, settings: Any, clock: Any, queue: Any, logbook: Any) -> Hall:
    """Two processes, the procedures of these tests, and a service that fails until told otherwise."""
    second = bootstrap.application(settings, database=app.database, clock=clock, queue=queue)
    with app.commands.begin() as ctx:
        for key in PEOPLE:
            identity.create_person(ctx, key, key, roles={"operations"}, password=None)
    for process in (app, second):
        process.engine.registry.add(ServiceTaskType(type="tests.pay", handler=_pay))
    for file in DIAGRAMS.glob("*.bpmn"):
        with app.commands.begin() as ctx:
            deployments.deploy(
                ctx, Bundle(process_key=file.stem, files={("bpmn", file.name): file.read_bytes()})
            )
    # The next version of the step, for cases that are moved to it; new ones go on starting on the first.
    xml = (DIAGRAMS / "step.bpmn").read_bytes().replace(b'name="Decide"', b'name="Decide again"')
    with app.commands.begin() as ctx:
        first = ctx.engine.definitions.current(ctx.session, "step").id
        deployments.deploy(ctx, Bundle(process_key="step", files={("bpmn", "step.bpmn"): xml}))
        deployments.make_current(ctx, first)
    made = Hall([app, second])
    made.log = logbook
    return made


def _pay(_ctx: Any, job: Any) -> dict[str, Any]:
    raise ConnectionError("the bank does not answer")
