"""Deployments: immutable versions of a procedure, made current, rolled back."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from config.problem import Problem
from engine import bpmn
from engine.runtime import history, releases
from engine.runtime.bundles import Bundle
from engine.runtime.context import Context
from engine.runtime.lint import lint
from engine.runtime.refusals import InvalidDeployment, NotFound
from engine.store.tables import (
    DefinitionResource,
    PlannedStart,
    ProcessDefinition,
    Resource,
    RetiredProcedure,
)


def check(ctx: Context, bundle: Bundle, *, together_with: Collection[str] = ()) -> list[Problem]:
    """What is wrong with a bundle, errors first. `together_with`: keys of procedures deployed in the same go."""
    deployed = ctx.session.execute(select(ProcessDefinition.process_key).distinct()).scalars()
    return lint(
        bundle,
        organisation=ctx.organisation,
        service_task_types=ctx.engine.registry.service_task_types,
        process_keys={*deployed, *together_with, bundle.process_key},
        given=ctx.engine.registry.given,
    )


def refuse_errors(bundle: Bundle, problems: Collection[Problem]) -> None:
    """Raises `InvalidDeployment` when any of the problems is an error."""
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InvalidDeployment(
            process=bundle.process_key, first=f"{errors[0].element}: {errors[0].message}", problems=errors
        )


def deploy(
    ctx: Context,
    bundle: Bundle,
    *,
    note: str = "",
    together_with: Collection[str] = (),
    at: datetime | None = None,
) -> tuple[ProcessDefinition, bool]:
    """Make a bundle the next version of its procedure, current at once or from `at` on; (version, whether it is new).

    The same content again makes no new version: what is current stays, what was planned gets the new moment, what was
    retired comes back. Raises `InvalidDeployment` with the problems, `StartInThePast`.
    """
    if at is not None and at <= ctx.now:
        raise releases.StartInThePast(at=at)
    one_at_a_time(ctx, bundle.process_key)
    same = _same(ctx, bundle)
    if same is not None:
        if not same.is_current:
            _begin(ctx, same, at)
        return same, False
    refuse_errors(bundle, check(ctx, bundle, together_with=together_with))
    definition = _insert(ctx, bundle, note)
    history.record_organisation(
        ctx,
        "ProcessDeployed",
        process=definition.process_key,
        version=definition.version,
        digest=definition.digest,
        note=note,
    )
    _begin(ctx, definition, at)
    return definition, True


def _same(ctx: Context, bundle: Bundle) -> ProcessDefinition | None:
    """The version with just this content that is current, planned, or was current when its procedure was retired."""
    retired = select(RetiredProcedure.definition_id)
    planned = select(PlannedStart.definition_id)
    return ctx.session.execute(
        select(ProcessDefinition)
        .where(
            ProcessDefinition.process_key == bundle.process_key,
            ProcessDefinition.digest == bundle.digest,
            or_(
                ProcessDefinition.is_current,
                ProcessDefinition.id.in_(planned),
                ProcessDefinition.id.in_(retired),
            ),
        )
        .order_by(ProcessDefinition.is_current.desc(), ProcessDefinition.version.desc())
        .limit(1)
    ).scalar_one_or_none()


def _begin(ctx: Context, definition: ProcessDefinition, at: datetime | None) -> None:
    if at is None:
        releases.set_current(ctx, definition)
    else:
        releases.plan(ctx, definition, at)


def one_at_a_time(ctx: Context, process_key: str) -> None:
    """Wait for whoever deploys or drafts this procedure now: versions are numbered without gaps, drafts begun once."""
    ctx.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1))"), {"key": process_key})


def _insert(ctx: Context, bundle: Bundle, note: str) -> ProcessDefinition:
    session = ctx.session
    latest = session.execute(
        select(func.max(ProcessDefinition.version)).where(ProcessDefinition.process_key == bundle.process_key)
    ).scalar()
    process = bpmn.parse(bundle.diagram).processes[bundle.process_key]
    definition = ProcessDefinition(
        process_key=bundle.process_key,
        version=(latest or 0) + 1,
        name=process.name or bundle.process_key,
        digest=bundle.digest,
        is_current=False,
        note=note,
        deployed_at=ctx.now,
        deployed_by=ctx.actor.key,
    )
    session.add(definition)
    session.flush()
    contents = {(kind, name): (hashlib.sha256(c).hexdigest(), c) for (kind, name), c in bundle.files.items()}
    session.execute(
        insert(Resource).on_conflict_do_nothing(),
        [{"digest": digest, "content": content} for digest, content in contents.values()],
    )
    session.execute(
        insert(DefinitionResource),
        [
            {"definition_id": definition.id, "kind": kind, "name": name, "digest": digest}
            for (kind, name), (digest, _) in contents.items()
        ],
    )
    return definition


def make_current(ctx: Context, definition_id: int) -> ProcessDefinition:
    """Let new cases start on this version (an earlier one: a roll-back). Running cases stay on theirs."""
    definition = ctx.session.get(ProcessDefinition, definition_id)
    if definition is None:
        raise NotFound(what="version", id=definition_id)
    one_at_a_time(ctx, definition.process_key)
    if not definition.is_current:
        releases.set_current(ctx, definition)
        history.record_organisation(
            ctx, "ProcessVersionMadeCurrent", process=definition.process_key, version=definition.version
        )
    return definition


def versions(ctx: Context, process_key: str) -> list[ProcessDefinition]:
    """All versions of a procedure, newest first."""
    query = (
        select(ProcessDefinition)
        .where(ProcessDefinition.process_key == process_key)
        .order_by(ProcessDefinition.version.desc())
    )
    return list(ctx.session.execute(query).scalars())


def files(ctx: Context, definition_id: int) -> dict[tuple[str, str], bytes]:
    """The files of a version, by kind and name."""
    rows = ctx.session.execute(
        select(DefinitionResource.kind, DefinitionResource.name, Resource.content)
        .join(Resource, Resource.digest == DefinitionResource.digest)
        .where(DefinitionResource.definition_id == definition_id)
    )
    return {(kind, name): content for kind, name, content in rows}
