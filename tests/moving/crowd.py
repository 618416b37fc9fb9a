"""A crowd of cases: shipped scenarios stopped at every waiting point, each with a customer and an order of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import text

from engine.forms import FormErrors
from engine.runtime.refusals import Refusal
from engine.scenarios import expectations, given
from engine.scenarios.differences import Mismatch
from engine.scenarios.files import Act, Scenario
from engine.scenarios.runner import act
from engine.scenarios.stage import Stage
from engine.scenarios.world import World
from tests.moving.versions import ADDED

#: Timers of other cases stand still while one is played: each case has a calendar of its own.
_STILL = "UPDATE timer SET due_at = due_at + interval '1000 years' WHERE due_at < '2500-01-01'"
_GOING = "UPDATE timer SET due_at = due_at - interval '1000 years' WHERE due_at > '2500-01-01'"
_WRONG = (Mismatch, Refusal, FormErrors, LookupError)


class Player(Stage):
    """A stage on which steps may have another id by now."""

    def __init__(self, world: World, scenario: Scenario, names: dict[str, str]) -> None:
        super().__init__(world, scenario)
        self._names = names

    def _find(self, act: Act) -> int:
        try:
            return super()._find(act)
        except Mismatch:
            return super()._find(act.model_copy(update={"task": self._names.get(act.task, act.task)}))

    def open_tasks(self, *, linked: bool = False) -> list[str]:
        back = {new: old for old, new in self._names.items()}
        return sorted(back.get(id_, id_) for id_ in super().open_tasks(linked=linked))


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """A case in the middle of its scenario."""

    stage: Player
    scenario: Scenario
    #: Steps done so far.
    steps: int
    clock: datetime
    number: str


@dataclass
class Crowd:
    """The cases, all in one world."""

    world: World
    #: Old id -> new id of every step that has another one in the next versions.
    names: dict[str, str] = field(default_factory=dict)
    #: Scenarios that do not come out as written with other numbers, even when nothing is moved.
    left_out: set[str] = field(default_factory=set)

    def gather(self, scenarios: Sequence[Scenario], size: int) -> list[Stopped]:
        """So many cases, in turn of the waiting points, those in the middle of nothing left out."""
        points = [(scenario, n) for scenario in scenarios for n in _points(scenario)]
        Random(size).shuffle(points)
        found: list[Stopped] = []
        number = 0
        while len(found) < size:
            scenario, steps = points[number % len(points)]
            number += 1
            stopped = self._play(copied(scenario, number), steps)
            if stopped is not None:
                found.append(stopped)
        self._run(_GOING)
        return found

    def _play(self, scenario: Scenario, steps: int) -> Stopped | None:
        """Play a beginning; nothing is left of one that does not come out as written."""
        world = self.world
        self._run(_STILL)
        with world.connection.begin_nested() as attempt:
            world.clock.set(scenario.clock)
            world.queue.work.clear()
            stage = Player(world, scenario, self.names)
            try:
                with world.session() as session:
                    given.create(session, scenario.given, now=scenario.clock)
                for step in scenario.before:
                    act(stage, step)
                stage.start()
                for step in scenario.steps[:steps]:
                    act(stage, step)
                stopped = Stopped(
                    stage=stage,
                    scenario=scenario,
                    steps=steps,
                    clock=world.clock.now(),
                    number=stage.case_number,
                )
            except _WRONG as error:
                self.left_out.add(f"{scenario.path.name}: {scenario.name}: {error}")
                attempt.rollback()
                return None
        return stopped

    def finish(self, stopped: Stopped) -> str:
        """Play a case to its end and undo that; what differed from the scenario, else nothing."""
        world, stage, scenario = self.world, stopped.stage, stopped.scenario
        planned = [each.model_copy() for each in stage.services.planned]
        with world.connection.begin_nested() as attempt:
            self._run(
                _STILL + " AND root_id NOT IN (SELECT id FROM process_instance WHERE business_key = :n)",
                stopped,
            )
            self._run(
                _GOING + " AND root_id IN (SELECT id FROM process_instance WHERE business_key = :n)", stopped
            )
            world.clock.set(stopped.clock)
            world.queue.work.clear()
            try:
                self._look_again(stage)
                for step in scenario.steps[stopped.steps :]:
                    act(stage, step)
                    self._look_again(stage)
                expectations.check(stage, scenario.expect.model_copy(update={"history": None}))
                return ""
            except _WRONG as error:
                return f"{scenario.path.name}: {scenario.name}: {error}"
            finally:
                stage.services.planned = planned
                attempt.rollback()

    def _look_again(self, stage: Player) -> None:
        """The steps that the next version adds are done as soon as they are there."""
        while True:
            added = [
                id_ for id_ in stage.open_tasks() + stage.open_tasks(linked=True) if id_.startswith(ADDED)
            ]
            if not added:
                return
            for id_ in added:
                own = id_ in stage.open_tasks()
                stage.complete(Act(task=id_, by="admin", case=None if own else "linked"))

    def _run(self, statement: str, stopped: Stopped | None = None) -> None:
        self.world.connection.execute(text(statement), {"n": stopped.number} if stopped else {})


def _points(scenario: Scenario) -> Iterator[int]:
    """After how many steps a scenario waits for something new."""
    yield 0
    for number, step in enumerate(scenario.steps[:-1], start=1):
        if not (step.expect or step.refuse or step.fail or step.answer):
            yield number


def copied(scenario: Scenario, number: int) -> Scenario:
    """The same story of another customer, another order, other goods."""
    document = scenario.model_dump(by_alias=True, exclude_unset=True, exclude={"path"})
    world = document.setdefault("given", {})
    world.setdefault("customer", {})
    world["customer"]["number"] = scenario.customer_number
    if world.get("order"):
        world["order"]["number"] = scenario.order_number
    names = {scenario.customer_number, *(world.get("stock") or {}), *(world.get("serials") or {})}
    names |= {*(world.get("products") or {}), *(world.get("prices") or {})} - {"labour", "travel"}
    names |= {line["sku"] for line in (world.get("order") or {}).get("lines") or []}
    names |= {about["sku"] for about in (world.get("serials") or {}).values()}
    names |= {scenario.order_number} if scenario.order_number else set()
    pattern = re.compile(
        "|".join(rf"(?<![\w-]){re.escape(each)}(?![\w-])" for each in sorted(names, key=len)[::-1])
    )

    def renamed(text: str) -> str:
        return pattern.sub(lambda found: f"{found[0]}-{number}", text)

    made = Scenario.model_validate(_each(document, renamed))
    return made.model_copy(update={"path": scenario.path})


def _each(value: Any, renamed: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {_each(key, renamed): _each(inner, renamed) for key, inner in value.items()}
    if isinstance(value, list):
        return [_each(inner, renamed) for inner in value]
    return renamed(value) if isinstance(value, str) else value
