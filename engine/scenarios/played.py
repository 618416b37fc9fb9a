"""Scenarios of a draft: played by a worker, one after the other, with the results kept as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB

from engine.bootstrap import Application, scenario_database
from engine.runtime import deployments, drafts
from engine.runtime.bundles import Bundle
from engine.runtime.context import Context
from engine.runtime.edge import Commands
from engine.scenarios import files, runner
from engine.scenarios.files import Scenario
from engine.scenarios.runner import Result
from engine.store.tables import Draft, ProcessDefinition, ScenarioRun


@dataclass(frozen=True, kw_only=True)
class Programme:
    """What is played for one run."""

    process_key: str
    bundles: Sequence[Bundle]
    scenarios: Sequence[Scenario]
    #: Address of the database the scenarios run in.
    url: str


def install(application: Application) -> None:
    """Let this process play scenarios when a draft asks for it."""
    application.engine.registry.do("scenarios", play)


def play(commands: Commands, run_id: int) -> None:
    """Play what a run asks for. A run that a dead worker left begins anew; one that is done stays."""
    with commands.begin() as ctx:
        programme = _programme(ctx, run_id)
    if programme is None:
        return

    def told(result: Result) -> None:
        with commands.begin() as ctx:
            _keep(ctx, run_id, _told(result))

    engine = commands.engine
    report = runner.run(
        engine.settings,
        programme.url,
        bundles=programme.bundles,
        scenarios=programme.scenarios,
        progress=told,
        # Nobody has changed anything in the database the scenarios have to themselves: there it is the first version.
        house=replace(engine.organisation.version, id=0),
    )
    with commands.begin() as ctx:
        for refusal in report.refused:
            if refusal.params["process"] == programme.process_key:
                _keep(
                    ctx,
                    run_id,
                    {"process": programme.process_key, "name": "deploy", "failure": str(refusal)},
                )
        ctx.session.execute(
            update(ScenarioRun)
            .where(ScenarioRun.id == run_id)
            .values(state="done", ended_at=ctx.now, coverage=report.coverage.get(programme.process_key)),
            execution_options={"synchronize_session": False},
        )


def _programme(ctx: Context, run_id: int) -> Programme | None:
    row = ctx.session.execute(
        select(ScenarioRun, Draft)
        .join(Draft, Draft.id == ScenarioRun.draft_id)
        .where(ScenarioRun.id == run_id)
        .with_for_update(of=ScenarioRun)
    ).one_or_none()
    if row is None or row[0].state == "done":
        return None
    run, draft = row
    drafted = drafts.bundle(ctx, draft)
    if not drafted.files or draft.revision != run.revision:
        # It was discarded or saved anew before anybody came to play it.
        ctx.session.delete(run)
        return None
    ids = ctx.session.execute(select(ProcessDefinition.id).where(ProcessDefinition.is_current)).scalars()
    current = {each.key: each for each in (ctx.engine.definitions.get(ctx.session, id_) for id_ in ids.all())}
    bundles = [
        Bundle(process_key=key, files=deployments.files(ctx, each.id))
        for key, each in current.items()
        if key != draft.process_key
    ]
    calls = {key: each.process.called_processes for key, each in current.items()}
    wanted = concerned(draft.process_key, calls)
    found = [
        each for each in files.read(ctx.engine.settings.processes_dir / "scenarios") if each.process in wanted
    ]
    run.state, run.total, run.done, run.results = "running", len(found), 0, []
    ctx.session.flush()
    return Programme(
        process_key=draft.process_key,
        bundles=[drafted, *bundles],
        # Its own first: whoever waits sees what matters most.
        scenarios=sorted(found, key=lambda each: each.process != draft.process_key),
        url=scenario_database(
            ctx.engine.settings.model_copy(
                update={
                    "database_url": ctx.session.get_bind().engine.url.render_as_string(hide_password=False)
                }
            )
        ),
    )


def concerned(process_key: str, calls: dict[str, frozenset[str]]) -> set[str]:
    """The procedure and all whose cases come through it: those that call it, and those that call them."""
    found, frontier = {process_key}, {process_key}
    while frontier:
        frontier = {key for key, called in calls.items() if called & frontier} - found
        found |= frontier
    return found


def _told(result: Result) -> dict[str, str | None]:
    return {
        "process": result.scenario.process,
        "name": result.scenario.name,
        "failure": result.failure,
    }


def _keep(ctx: Context, run_id: int, result: dict[str, str | None]) -> None:
    ctx.session.execute(
        update(ScenarioRun)
        .where(ScenarioRun.id == run_id)
        .values(
            done=func.least(ScenarioRun.done + 1, ScenarioRun.total),
            results=ScenarioRun.results.op("||")(cast([result], JSONB)),
        ),
        execution_options={"synchronize_session": False},
    )
