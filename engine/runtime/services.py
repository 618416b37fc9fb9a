"""Service-task types paused while the system behind them is down: their jobs wait, and catch up afterwards."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.runtime import history
from engine.runtime.context import Context
from engine.runtime.queue import Deferred
from engine.runtime.refusals import NotFound, NotSuspended, ReasonMissing, Stale
from engine.store.tables import Job, PausedService, ProcessInstance


def pause(ctx: Context, type_: str, *, reason: str) -> None:
    """Let the jobs of a type wait from now on, without a try counted. Raises `NotFound`, `ReasonMissing`, `Stale`."""
    if not reason.strip():
        raise ReasonMissing()
    if ctx.engine.registry.service_task(type_) is None:
        raise NotFound(what="service", id=type_)
    paused_now = ctx.session.execute(
        insert(PausedService)
        .values(type=type_, reason=reason, paused_at=ctx.now, paused_by=ctx.actor.key)
        .on_conflict_do_nothing()
        .returning(PausedService.type)
    ).scalar()
    if paused_now is None:
        raise Stale()
    history.record_organisation(ctx, "ServicePaused", service=type_, reason=reason)


def resume(ctx: Context, type_: str, *, reason: str) -> int:
    """Let a paused type go on: what was held is queued; how many. Raises `NotSuspended`, `ReasonMissing`."""
    if not reason.strip():
        raise ReasonMissing()
    # A worker that read the pause holds it until its job is held: the delete waits for it.
    gone = ctx.session.execute(
        delete(PausedService).where(PausedService.type == type_).returning(PausedService.type)
    ).scalar()
    if gone is None:
        raise NotSuspended()
    active = select(ProcessInstance.id).where(
        ProcessInstance.id == Job.instance_id, ProcessInstance.state == "active"
    )
    held = ctx.session.scalars(
        update(Job)
        .where(Job.type == type_, Job.state == "held", active.exists())
        .values(state="created", run_at=ctx.now)
        .returning(Job.id),
        execution_options={"synchronize_session": False},
    ).all()
    ctx.engine.queue.defer(ctx.session, [Deferred(kind="job", id=id_) for id_ in sorted(held)])
    history.record_organisation(ctx, "ServiceResumed", service=type_, reason=reason, jobs=len(held))
    return len(held)


def paused(ctx: Context, type_: str) -> bool:
    """Whether the jobs of a type wait; if so that stays until this command ends."""
    found = select(PausedService.type).where(PausedService.type == type_).with_for_update(read=True)
    return ctx.session.execute(found).scalar() is not None
