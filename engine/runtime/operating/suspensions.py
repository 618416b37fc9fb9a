"""Cases and versions held and let go on: while a case is suspended nothing in it moves, and nothing is lost."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.runtime import history
from engine.runtime.context import Context
from engine.runtime.queue import Deferred
from engine.runtime.refusals import CaseSuspended, InstanceNotActive, NotFound, NotSuspended, ReasonMissing
from engine.runtime.unit import Unit
from engine.store.tables import (
    Job,
    Message,
    MessageSubscription,
    PausedService,
    PendingSignal,
    ProcessDefinition,
    ProcessInstance,
    SignalSubscription,
    SuspendedVersion,
    Timer,
)

_UNTOUCHED = {"synchronize_session": False}


def suspend(ctx: Context, root_id: int, *, reason: str) -> None:
    """Hold a case and all it called. Raises `CaseSuspended`, `InstanceNotActive`, `NotFound`, `ReasonMissing`."""
    _need(reason)
    with Unit.of(ctx) as unit:
        root = unit.lock(root_id)
        if root.state != "active":
            raise CaseSuspended() if root.state == "suspended" else InstanceNotActive(state=root.state)
        unit.act(root, "ProcessInstanceSuspended", reason=reason)
        _set(unit, root, "active", "suspended")


def resume(ctx: Context, root_id: int, *, reason: str) -> None:
    """Let a suspended case go on; what came due meanwhile happens now. Raises `NotFound`, `NotSuspended`,
    `ReasonMissing`."""
    _need(reason)
    with Unit.of(ctx) as unit:
        root = unit.lock(root_id)
        if root.state != "suspended":
            raise NotSuspended()
        unit.act(root, "ProcessInstanceResumed", reason=reason)
        _set(unit, root, "suspended", "active")
        unit.deferred += _caught_up(ctx, root_id)


def _set(unit: Unit, root: ProcessInstance, before: str, after: str) -> None:
    root.state = after
    unit.ctx.session.execute(
        update(ProcessInstance)
        .where(
            ProcessInstance.root_id == root.id, ProcessInstance.id != root.id, ProcessInstance.state == before
        )
        .values(state=after),
        execution_options=_UNTOUCHED,
    )
    unit.rows.concerned.cases.add(root.business_key)


def _caught_up(ctx: Context, root_id: int) -> list[Deferred]:
    """What waited for a case to be resumed. The clock finds its timers by itself once they count as not queued."""
    session = ctx.session
    session.execute(
        update(Timer).where(Timer.root_id == root_id, Timer.queued_at.is_not(None)).values(queued_at=None),
        execution_options=_UNTOUCHED,
    )
    jobs = session.scalars(
        update(Job)
        .where(Job.root_id == root_id, Job.state == "held", Job.type.not_in(select(PausedService.type)))
        .values(state="created", run_at=ctx.now)
        .returning(Job.id),
        execution_options=_UNTOUCHED,
    ).all()
    messages = session.scalars(
        select(Message.id)
        .join(
            MessageSubscription,
            (MessageSubscription.name == Message.name)
            & (MessageSubscription.correlation_key == Message.correlation_key),
        )
        .where(
            MessageSubscription.root_id == root_id,
            Message.correlated_at.is_(None),
            Message.expires_at > ctx.now,
        )
        .distinct()
    ).all()
    signals = session.scalars(
        select(PendingSignal.id)
        .join(SignalSubscription, SignalSubscription.id == PendingSignal.subscription)
        .where(SignalSubscription.root_id == root_id)
    ).all()
    return [
        *(Deferred(kind="job", id=id_) for id_ in sorted(jobs)),
        *(Deferred(kind="message", id=id_) for id_ in sorted(messages)),
        *(Deferred(kind="signal", id=id_) for id_ in sorted(signals)),
    ]


def suspend_version(ctx: Context, definition_id: int, *, reason: str) -> list[int]:
    """Let no case start on a version; the ids of its running cases, which are still to be suspended.

    Raises `NotFound`, `ReasonMissing`.
    """
    _need(reason)
    definition = ctx.session.get(ProcessDefinition, definition_id)
    if definition is None:
        raise NotFound(what="process definition", id=definition_id)
    ctx.session.execute(
        insert(SuspendedVersion)
        .values(
            definition_id=definition_id,
            version=definition.version,
            reason=reason,
            suspended_at=ctx.now,
            suspended_by=ctx.actor.key,
        )
        .on_conflict_do_nothing()
    )
    history.record_organisation(
        ctx, "VersionSuspended", process=definition.process_key, version=definition.version, reason=reason
    )
    return _cases(ctx, definition_id, "active")


def resume_version(ctx: Context, definition_id: int, *, reason: str) -> list[int]:
    """Let cases start on a suspended version again; the ids of its suspended cases. Raises `NotSuspended`,
    `ReasonMissing`."""
    _need(reason)
    definition = ctx.session.get(ProcessDefinition, definition_id)
    gone = ctx.session.execute(
        delete(SuspendedVersion)
        .where(SuspendedVersion.definition_id == definition_id)
        .returning(SuspendedVersion.definition_id)
    ).scalar()
    if gone is None or definition is None:
        raise NotSuspended()
    history.record_organisation(
        ctx, "VersionResumed", process=definition.process_key, version=definition.version, reason=reason
    )
    return _cases(ctx, definition_id, "suspended")


def _cases(ctx: Context, definition_id: int, state: str) -> list[int]:
    return list(
        ctx.session.scalars(
            select(ProcessInstance.id)
            .where(
                ProcessInstance.definition_id == definition_id,
                ProcessInstance.state == state,
                ProcessInstance.parent_id.is_(None),
            )
            .order_by(ProcessInstance.id)
        )
    )


def _need(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing()
