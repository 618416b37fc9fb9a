"""Timers: fired when their time has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.runtime.context import Context
from engine.runtime.queue import Deferred
from engine.runtime.unit import Unit
from engine.store.tables import Timer


def queue_due(ctx: Context, *, limit: int) -> int:
    """Put timers whose time has come on the queue, at most so many; how many. Several workers may call it at once."""
    # Asked by itself, from the index alone: a join with the update would read waiting timers at every look.
    ids = ctx.session.scalars(
        select(Timer.id)
        .where(Timer.due_at <= ctx.now, Timer.queued_at.is_(None))
        .order_by(Timer.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not ids:
        return 0
    ctx.session.execute(
        update(Timer).where(Timer.id.in_(ids)).values(queued_at=ctx.now),
        execution_options={"synchronize_session": False},
    )
    ctx.engine.queue.defer(ctx.session, [Deferred(kind="timer", id=id_) for id_ in ids])
    return len(ids)


def fire(ctx: Context, timer_row_id: int) -> None:
    """Fire a timer if it is still waited for and due; one not yet due waits on."""
    with Unit.of(ctx) as unit:
        timer = unit.row(Timer, timer_row_id)
        if timer is None:
            return
        if timer.due_at > ctx.now:
            ctx.session.execute(
                update(Timer).where(Timer.id == timer_row_id).values(queued_at=None),
                execution_options={"synchronize_session": False},
            )
            return
        instance = unit.instance(timer.instance_id)
        if instance.state == "active":
            unit.rows.cancelled_timers.append((timer.instance_id, timer.timer_id))
            unit.record(
                instance,
                "TimerFired",
                element_id=timer.element_id,
                activity_id=timer.timer_id,
                due_at=timer.due_at,
            )
            unit.execution(instance).fire_timer(timer.timer_id)


def due_at(session: Session, timer_row_id: int) -> datetime:
    """When a timer that still runs is due."""
    return session.execute(select(Timer.due_at).where(Timer.id == timer_row_id)).scalar_one()


def due(session: Session, now: datetime, *, limit: int = 1000) -> list[int]:
    """Row ids of timers due by `now`, in the order of their times."""
    query = select(Timer.id).where(Timer.due_at <= now).order_by(Timer.due_at, Timer.id).limit(limit)
    return list(session.execute(query).scalars())
