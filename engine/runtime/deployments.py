"""Deployments: immutable versions of a procedure, made current, rolled back."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from config.problem import Problem
from engine import bpmn
from engine.runtime import history, starts
from engine.runtime.bundles import Bundle
from engine.runtime.context import Context
from engine.runtime.lint import lint
from engine.runtime.refusals import InvalidDeployment, NotFound
from engine.store.tables import DefinitionResource, ProcessDefinition, Resource


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


def deploy(
    ctx: Context, bundle: Bundle, *, note: str = "", together_with: Collection[str] = ()
) -> tuple[ProcessDefinition, bool]:
    """Make a bundle the next version of its procedure and current; (version, whether it is new).

    The same content again makes no new version. Raises `InvalidDeployment` with the problems.
    """
    one_at_a_time(ctx, bundle.process_key)
    current = ctx.session.execute(
        select(ProcessDefinition).where(
            ProcessDefinition.process_key == bundle.process_key, ProcessDefinition.is_current
        )
    ).scalar_one_or_none()
    if current is not None and current.digest == bundle.digest:
        return current, False
    problems = check(ctx, bundle, together_with=together_with)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InvalidDeployment(
            process=bundle.process_key, first=f"{errors[0].element}: {errors[0].message}", problems=errors
        )
    definition = _insert(ctx, bundle, note)
    _set_current(ctx, definition)
    history.record_organisation(
        ctx,
        "ProcessDeployed",
        process=definition.process_key,
        version=definition.version,
        digest=definition.digest,
        note=note,
    )
    return definition, True


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
    if not definition.is_current:
        _set_current(ctx, definition)
        history.record_organisation(
            ctx, "ProcessVersionMadeCurrent", process=definition.process_key, version=definition.version
        )
    return definition


def _set_current(ctx: Context, definition: ProcessDefinition) -> None:
    ctx.session.execute(
        update(ProcessDefinition)
        .where(ProcessDefinition.process_key == definition.process_key, ProcessDefinition.is_current)
        .values(is_current=False)
    )
    definition.is_current = True
    ctx.session.flush()
    starts.listen(ctx, definition)


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
