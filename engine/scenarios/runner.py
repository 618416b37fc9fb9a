"""Runs scenarios and adds up which sequence flows they passed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from sqlalchemy import select

from config.settings import Settings
from engine import bpmn
from engine.runtime.bundles import Bundle
from engine.runtime.refusals import InvalidDeployment
from engine.scenarios import differences, expectations, files, world
from engine.scenarios.differences import Difference
from engine.scenarios.files import Scenario, Step
from engine.scenarios.stage import Stage
from engine.store.database import is_away
from engine.store.tables import HistoryEvent, ProcessInstance


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Where a scenario went another way, and what differed there."""

    #: "given", "start", "step" or "end".
    place: str
    #: Number of the step, from 1; 0 elsewhere.
    step: int
    #: The step in a word or two; empty elsewhere.
    about: str
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        place = f"step {self.step} ({self.about})" if self.step else self.place
        return f"{place}: {'; '.join(map(str, self.differences))}"


@dataclass(frozen=True, kw_only=True)
class Result:
    """How one scenario went."""

    scenario: Scenario
    #: None: as expected.
    failure: Failure | None
    #: Process id -> sequence flows that were passed.
    flows: dict[str, set[str]]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """All scenarios and the share of sequence flows they cover."""

    results: list[Result]
    refused: list[InvalidDeployment]
    #: Process id -> all its sequence flows.
    flows: dict[str, set[str]]
    covered: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def failed(self) -> list[Result]:
        """Scenarios that went otherwise than expected."""
        return [result for result in self.results if result.failure]

    @property
    def coverage(self) -> dict[str, float]:
        """Process id -> share of its sequence flows that at least one scenario passed (0..1)."""
        return {
            key: round(len(self.covered[key] & flows) / len(flows), 4) if flows else 1.0
            for key, flows in sorted(self.flows.items())
        }

    @property
    def uncovered(self) -> dict[str, list[str]]:
        """Process id -> flows nobody passed."""
        missing = {key: sorted(flows - self.covered[key]) for key, flows in sorted(self.flows.items())}
        return {key: flows for key, flows in missing.items() if flows}

    @property
    def good(self) -> bool:
        """Nothing refused, nothing failed, every flow passed."""
        return not (self.refused or self.failed or self.uncovered)


def run(
    settings: Settings,
    url: str,
    *,
    bundles: Sequence[Bundle],
    scenarios: Sequence[Scenario],
    progress: Callable[[Result], None] = lambda result: None,
) -> Report:
    """Play every scenario on the real engine, each from the same beginning, and undo it."""
    flows = {bundle.process_key: flows_of(bundle) for bundle in bundles}
    with world.opened(settings, url) as stage_world:
        refused = world.furnish(stage_world, list(bundles))
        report = Report(results=[], refused=refused, flows=flows)
        for scenario in scenarios:
            result = play(stage_world, scenario)
            report.results.append(result)
            for key, passed in result.flows.items():
                report.covered[key] |= passed
            progress(result)
    return report


def flows_of(bundle: Bundle) -> set[str]:
    """The sequence flows of a procedure; none where its diagram cannot be read."""
    try:
        return set(bpmn.parse(bundle.diagram).processes[bundle.process_key].flows)
    except bpmn.InvalidDiagram:
        return set()


def play(stage_world: world.World, scenario: Scenario) -> Result:
    """One scenario from its beginning, undone afterwards."""
    began = time.perf_counter()
    with stage_world.connection.begin_nested() as savepoint:
        failure = _failure(Stage(stage_world, scenario), scenario)
        flows = _passed(stage_world)
        savepoint.rollback()
    return Result(scenario=scenario, failure=failure, flows=flows, seconds=time.perf_counter() - began)


def _failure(stage: Stage, scenario: Scenario) -> Failure | None:
    place, number, about = "given", 0, ""
    try:
        stage.set_up()
        for step in scenario.before:
            act(stage, step)
        place = "start"
        stage.start()
        place = "step"
        for at, step in enumerate(scenario.steps, start=1):
            number, about = at, named(step)
            act(stage, step)
        place, number, about = "end", 0, ""
        expectations.check(stage, scenario.expect)
    except Exception as error:  # whatever a story meets is how it went
        if is_away(error):
            raise
        return Failure(place=place, step=number, about=about, differences=differences.of(error))
    return None


def named(step: Step) -> str:
    """A step in a word or two: "complete review"."""
    kind = next(iter(step.model_fields_set))
    about = getattr(step, kind)
    what = next(
        (found for name in ("task", "element", "type", "name") if (found := getattr(about, name, None))), None
    )
    if what is None and isinstance(about, str):
        what = about
    return f"{kind} {what}" if what else kind


def act(stage: Stage, step: Step) -> None:
    """Do what a step says. Raises `Mismatch`, refusals and what forms raise."""
    if step.complete:
        stage.complete(step.complete)
    elif step.refuse:
        stage.refuse(step.refuse)
    elif step.advance:
        stage.advance(step.advance)
    elif step.message:
        stage.message(step.message)
    elif step.fail:
        stage.services.plan(step.fail.model_copy())
    elif step.answer:
        stage.services.plan(step.answer)
    elif step.change:
        stage.change(step.change)
    elif step.retry:
        stage.retry(step.retry.element)
    elif step.cancel:
        stage.cancel(step.cancel)
    elif step.expect:
        expectations.check(stage, step.expect)


def _passed(stage_world: world.World) -> dict[str, set[str]]:
    passed: dict[str, set[str]] = defaultdict(set)
    with stage_world.session() as session:
        rows = session.execute(
            select(ProcessInstance.process_key, HistoryEvent.payload)
            .join(ProcessInstance, ProcessInstance.id == HistoryEvent.stream)
            .where(HistoryEvent.type == "ElementCompleted")
        )
        for key, payload in rows:
            passed[key].update(orjson.loads(payload)["taken"])
    return passed


def from_folder(folder: Path, process: str | None = None) -> list[Scenario]:
    """The scenarios of a folder, or of one procedure. Raises `engine.scenarios.files.BadScenario`."""
    return [scenario for scenario in files.read(folder) if process in (None, scenario.process)]
