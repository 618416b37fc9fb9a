"""Runs of a procedure's scenarios: asked for by every save of a draft, done by a worker, read by whoever decides on it."""

from __future__ import annotations

from sqlalchemy import select

from engine.runtime.bundles import SCENARIO
from engine.runtime.context import Context
from engine.runtime.queue import Deferred
from engine.store.tables import DefinitionResource, Draft, DraftResource, ProcessDefinition, ScenarioRun


def request(ctx: Context, of: Draft | ProcessDefinition) -> ScenarioRun | None:
    """Have a worker run all scenarios of a draft as it is now, or of a version; None where it has no scenarios."""
    draft = isinstance(of, Draft)
    resource = DraftResource if draft else DefinitionResource
    owner = resource.draft_id if draft else resource.definition_id  # type: ignore[union-attr]
    any_ = select(resource.name).where(owner == of.id, resource.kind == SCENARIO).limit(1)
    if ctx.session.execute(any_).scalar() is None:
        return None
    run = ScenarioRun(
        process_key=of.process_key,
        draft_id=of.id if draft else None,
        revision=of.revision if isinstance(of, Draft) else 0,
        definition_id=None if draft else of.id,
        state="waiting",
        requested_at=ctx.now,
        requested_by=ctx.actor.key,
        results=[],
        coverage={},
    )
    ctx.session.add(run)
    ctx.session.flush()
    ctx.engine.queue.defer(ctx.session, [Deferred(kind="scenarios", id=run.id)])
    return run


def of_draft(ctx: Context, draft_id: int, revision: int) -> ScenarioRun | None:
    """The newest run of exactly this revision of a draft; None when it has no scenarios or was never run."""
    return _newest(ctx, (ScenarioRun.draft_id == draft_id) & (ScenarioRun.revision == revision))


def of_version(ctx: Context, definition_id: int) -> ScenarioRun | None:
    """The newest run of a version; None when it was never run."""
    return _newest(ctx, ScenarioRun.definition_id == definition_id)


def _newest(ctx: Context, which) -> ScenarioRun | None:  # type: ignore[no-untyped-def]
    query = select(ScenarioRun).where(which).order_by(ScenarioRun.id.desc()).limit(1)
    return ctx.session.execute(query).scalar_one_or_none()


def failed(run: ScenarioRun) -> list[dict]:  # type: ignore[type-arg]
    """The documents of scenarios that went otherwise than they say."""
    return [result for result in run.results if result["failure"]]


def is_good(run: ScenarioRun | None) -> bool:
    """Whether nothing speaks against deploying: no scenarios at all, or all of them run and as they say."""
    return run is None or (run.state == "done" and run.refused is None and not failed(run))
