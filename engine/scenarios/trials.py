"""Trials: all scenarios that concern a draft revision or a version, run by a worker, their results kept as they come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from engine.runtime import deployments, drafts, scenario_runs
from engine.runtime.bundles import Bundle
from engine.runtime.context import Context
from engine.runtime.edge import Commands
from engine.runtime.refusals import Refusal
from engine.scenarios import files, runner, sandbox
from engine.scenarios.files import BadScenario, Scenario
from engine.scenarios.runner import Result
from engine.store.tables import Draft, ProcessDefinition, ScenarioRun

log = structlog.get_logger(__name__)


def run(commands: Commands, run_id: int) -> None:
    """Run what was asked for; again, from the first, when a worker died over it."""
    with commands.begin() as ctx:
        row = ctx.session.get(ScenarioRun, run_id)
        if row is None or row.ended_at is not None:
            return
        bundle = _bundle(ctx, row)
        if bundle is None:
            _end(ctx, run_id, state="overtaken")
            return
        callers = scenario_runs.callers(ctx, bundle.process_key)
        try:
            stories = [*scenarios(bundle), *_theirs(ctx, callers)]
        except BadScenario as bad:
            _end(ctx, run_id, refused=str(bad))
            return
        row.state, row.total, row.results = "running", len(stories), []
        key = row.process_key
    flows = runner.flows_of(bundle)
    passed: set[str] = set()
    try:
        with commands.begin() as reading, sandbox.opened(reading, bundle, besides=callers) as world:
            for story in stories:
                result = runner.play(world, story)
                passed |= result.flows.get(key, set())
                with commands.begin() as ctx:
                    row = ctx.session.get_one(ScenarioRun, run_id)
                    if _overtaken(ctx, row):
                        _end(ctx, run_id, state="overtaken")
                        return
                    row.results = [*row.results, document(result)]
                    row.coverage = {"covered": sorted(flows & passed), "uncovered": sorted(flows - passed)}
    except Refusal as refusal:
        with commands.begin() as ctx:
            _end(ctx, run_id, refused=str(refusal))
        return
    with commands.begin() as ctx:
        _end(ctx, run_id)
    log.info("scenarios_run", process=key, run=run_id, scenarios=len(stories))


def scenarios(bundle: Bundle) -> list[Scenario]:
    """The scenarios of a procedure, in the order of their files. Raises `BadScenario`."""
    found = []
    for name, content in bundle.scenarios.items():
        found += files.parse(content.decode(), name)
    return [scenario for scenario in found if scenario.process == bundle.process_key]


def _theirs(ctx: Context, callers: Mapping[str, int]) -> list[Scenario]:
    found = []
    for key, definition_id in sorted(callers.items()):
        found += scenarios(Bundle(process_key=key, files=deployments.files(ctx, definition_id)))
    return found


def document(result: Result) -> dict[str, Any]:
    """A result as it is kept."""
    failure = result.failure
    return {
        "process": result.scenario.process,
        "file": result.scenario.path.name,
        "name": result.scenario.name,
        "seconds": round(result.seconds, 3),
        "failure": failure
        and {
            "place": failure.place,
            "step": failure.step,
            "about": failure.about,
            "differences": [
                {
                    "sentence": each.sentence,
                    "params": {name: str(value) for name, value in each.params.items()},
                }
                for each in failure.differences
            ],
        },
    }


def _bundle(ctx: Context, row: ScenarioRun) -> Bundle | None:
    """What is to be run; None when the draft is no longer what it was asked for."""
    if row.definition_id is not None:
        definition = ctx.session.get_one(ProcessDefinition, row.definition_id)
        return Bundle(process_key=definition.process_key, files=deployments.files(ctx, definition.id))
    return None if _overtaken(ctx, row) else drafts.bundle(ctx, ctx.session.get_one(Draft, row.draft_id))


def _overtaken(ctx: Context, row: ScenarioRun) -> bool:
    """Whether the draft is not any more what was to be run. One that went live meanwhile is still looked at."""
    if row.draft_id is None:
        return False
    draft = ctx.session.get_one(Draft, row.draft_id)
    return draft.state == "discarded" or draft.revision != row.revision


def _end(ctx: Context, run_id: int, *, state: str = "done", refused: str | None = None) -> None:
    row = ctx.session.get_one(ScenarioRun, run_id)
    row.state, row.refused, row.ended_at = state, refused, ctx.now
    ctx.session.flush()
