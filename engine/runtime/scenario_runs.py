"""Runs of the scenarios that concern a procedure: asked for by every save, done by a worker, read by whoever decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, select

from engine.runtime.bundles import SCENARIO, names
from engine.runtime.context import Context
from engine.runtime.queue import Deferred
from engine.store.tables import DefinitionResource, Draft, DraftResource, ProcessDefinition, ScenarioRun


def request(ctx: Context, of: Draft | ProcessDefinition) -> ScenarioRun | None:
    """Have a worker run all scenarios that concern a draft as it is now, or a version; None where there are none."""
    draft = isinstance(of, Draft)
    if not _any(ctx, of):
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


def _any(ctx: Context, of: Draft | ProcessDefinition) -> bool:
    versions = list(callers(ctx, of.process_key).values())
    if isinstance(of, Draft):
        own = select(DraftResource.name).where(
            DraftResource.draft_id == of.id, DraftResource.kind == SCENARIO
        )
        if ctx.session.execute(own.limit(1)).scalar() is not None:
            return True
    else:
        versions.append(of.id)
    theirs = select(DefinitionResource.name).where(
        DefinitionResource.definition_id.in_(versions), DefinitionResource.kind == SCENARIO
    )
    return ctx.session.execute(theirs.limit(1)).scalar() is not None


def callers(ctx: Context, process_key: str) -> Mapping[str, int]:
    """The live procedures whose cases come to this one: those that call or start it, and those that call or start them.

    Key -> id of the current version. Their scenarios speak for or against a change of this one too.
    """
    ids = ctx.session.execute(select(ProcessDefinition.id).where(ProcessDefinition.is_current)).scalars()
    live = [ctx.engine.definitions.get(ctx.session, id_) for id_ in ids.all()]
    found, frontier = {process_key}, {process_key}
    while frontier:
        named = (each.key for each in live for key in frontier if names(each.bpmn_xml, key))
        frontier = set(named) - found
        found |= frontier
    return {each.key: each.id for each in live if each.key in found - {process_key}}


def of_draft(ctx: Context, draft_id: int, revision: int) -> ScenarioRun | None:
    """The newest run of exactly this revision of a draft; None when no scenario concerns it."""
    return _newest(ctx, (ScenarioRun.draft_id == draft_id) & (ScenarioRun.revision == revision))


def of_version(ctx: Context, definition_id: int) -> ScenarioRun | None:
    """The newest run of a version; None when it was never run."""
    return _newest(ctx, ScenarioRun.definition_id == definition_id)


def _newest(ctx: Context, which: ColumnElement[bool]) -> ScenarioRun | None:
    query = select(ScenarioRun).where(which).order_by(ScenarioRun.id.desc()).limit(1)
    return ctx.session.execute(query).scalar_one_or_none()


def failed(run: ScenarioRun) -> list[dict[str, Any]]:
    """The documents of scenarios that went otherwise than they say."""
    return [result for result in run.results if result["failure"]]


def is_good(run: ScenarioRun | None) -> bool:
    """Whether nothing speaks against deploying: no scenario concerns it, or all of them were run and go as they say."""
    return run is None or (run.state == "done" and run.refused is None and not failed(run))
