"""Moving an instance back: as long as nobody has touched it, it stands again as it stood before, to the byte."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from engine.bpmn import Execution
from engine.runtime.context import Context
from engine.runtime.moving import plan
from engine.runtime.moving.apply import WAITING, locked, present, recorded, refuse
from engine.runtime.moving.comparison import Comparison
from engine.runtime.moving.reasons import Reason
from engine.runtime.unit import Unit
from engine.store.batch import Batch
from engine.store.tables import MovedInstance, ProcessInstance, UserTask

_TABLES = {table.__tablename__: table for table in (UserTask, *WAITING)}


def move_back(ctx: Context, instance_id: int, *, reason: str) -> None:
    """Undo the last move of an instance that did not go on since. Raises `CannotBeMoved`, `NotFound`."""
    with Unit.of(ctx) as unit:
        instance = locked(unit, instance_id)
        kept = ctx.session.execute(
            select(MovedInstance).where(MovedInstance.instance_id == instance_id)
        ).scalar_one_or_none()
        if kept is None:
            refuse(instance, [Reason(code="nothing_kept")])
            return
        refuse(instance, present(instance, instance.definition_id, kept.revision))
        if instance.history_seq != kept.history_seq or _typed_since(ctx, instance, kept.moved_at):
            refuse(instance, [Reason(code="went_on")])
        old = ctx.engine.definitions.get(ctx.session, instance.definition_id)
        new = ctx.engine.definitions.get(ctx.session, kept.definition_id)
        unit.adopt(
            instance, Execution.load(new.process, kept.blob, unit.environment(new), limits=unit.limits)
        )
        instance.definition_id = new.id
        recorded(unit, instance, "ProcessInstanceMovedBack", Comparison(old, new, {}), reason)
        batch = Batch()
        for name, rows in kept.rows.items():
            batch.update(_TABLES[name], rows)
        batch.send(ctx.session)
        ctx.session.execute(delete(MovedInstance).where(MovedInstance.instance_id == instance_id))


def _typed_since(ctx: Context, instance: ProcessInstance, moved_at: datetime) -> bool:
    """Whether somebody has gone on filling in a form, perhaps the new one: a draft is kept without an event."""
    return any(
        task.draft_at is not None and task.draft_at > moved_at
        for task in plan.open_tasks(ctx, [instance])[instance.id]
    )


def sweep(ctx: Context) -> None:
    """Let go of what was kept for instances that went on."""
    ctx.session.execute(
        delete(MovedInstance).where(
            MovedInstance.instance_id == ProcessInstance.id,
            (MovedInstance.revision != ProcessInstance.revision)
            | (MovedInstance.history_seq != ProcessInstance.history_seq),
        ),
        execution_options={"synchronize_session": False},
    )
