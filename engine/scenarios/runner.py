"""Runs scenarios and adds up which sequence flows they passed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from sqlalchemy import select

from config.settings import Settings
from engine import bpmn
from engine.aftersales import numbers
from engine.forms import FormErrors
from engine.runtime.bundles import Bundle
from engine.runtime.house import Version
from engine.runtime.refusals import InvalidDeployment, Refusal
from engine.scenarios import expectations, files, given, world
from engine.scenarios.files import Scenario, Step
from engine.scenarios.stage import Mismatch, Stage
from engine.store.tables import HistoryEvent, ProcessInstance


@dataclass(frozen=True, kw_only=True)
class Result:
    """How one scenario went."""

    scenario: Scenario
    #: None: as expected. Otherwise at which step and what differed.
    failure: str | None
    #: Process id -> sequence flows that were passed.
    flows: dict[str, set[str]]


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
    house: Version | None = None,
) -> Report:
    """Play every scenario on the real engine, each from the same beginning, and undo it.

    `house`: the organisation and the calendar in force, where they are not those of the files."""
    flows = {bundle.process_key: _flows(bundle) for bundle in bundles}
    with world.opened(settings, url, house=house) as stage_world:
        refused = world.furnish(stage_world, list(bundles))
        report = Report(results=[], refused=refused, flows=flows)
        for scenario in scenarios:
            with stage_world.connection.begin_nested() as savepoint:
                result = _play(stage_world, scenario)
                savepoint.rollback()
            report.results.append(result)
            for key, passed in result.flows.items():
                report.covered[key] |= passed
            progress(result)
    return report


def _flows(bundle: Bundle) -> set[str]:
    try:
        return set(bpmn.parse(bundle.diagram).processes[bundle.process_key].flows)
    except bpmn.InvalidDiagram:
        return set()


def _play(stage_world: world.World, scenario: Scenario) -> Result:
    stage_world.clock.set(scenario.clock)
    stage_world.queue.work.clear()
    stage = Stage(stage_world, scenario)
    failure, place = None, "given"
    try:
        with stage_world.session() as session:
            numbers.restart(session, "case")
            given.create(session, scenario.given, now=scenario.clock)
        for step in scenario.before:
            act(stage, step)
        place = "start"
        stage.start()
        for number, step in enumerate(scenario.steps, start=1):
            place = f"step {number} ({_named(step)})"
            act(stage, step)
        place = "end"
        expectations.check(stage, scenario.expect)
    except (Mismatch, Refusal, FormErrors, KeyError, LookupError) as error:
        failure = f"{place}: {error}"
    return Result(scenario=scenario, failure=failure, flows=_passed(stage_world))


def _named(step: Step) -> str:
    kind = next(iter(step.model_fields_set))
    about = getattr(step, kind)
    what = getattr(about, "task", None) or getattr(about, "element", None)
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
