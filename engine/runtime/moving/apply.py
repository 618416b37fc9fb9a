"""Moving one instance: its state is taken to the new version, and what people see of it with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.runtime.context import Context
from engine.runtime.moving import check, plan
from engine.runtime.moving.comparison import Comparison
from engine.runtime.moving.reasons import Reason
from engine.runtime.refusals import CannotBeMoved
from engine.runtime.unit import Unit
from engine.store.base import Base
from engine.store.tables import (
    Incident,
    Job,
    MessageSubscription,
    MovedInstance,
    ProcessInstance,
    SignalSubscription,
    Timer,
    UserTask,
)

#: What waits at an element besides user tasks, and which rows still do.
WAITING: Mapping[type[Base], Any] = {
    Job: Job.ended_at.is_(None),
    Timer: True,
    MessageSubscription: True,
    SignalSubscription: True,
    Incident: Incident.resolved_at.is_(None),
}


def move(
    ctx: Context,
    instance_id: int,
    comparison: Comparison,
    *,
    reason: str,
    revision: int | None = None,
) -> None:
    """Take an instance from the old to the new version of a comparison; what waits in it waits on.

    With `revision` only as long as it is still the one somebody saw. Raises `CannotBeMoved`, `NotFound`.
    """
    with Unit.of(ctx) as unit:
        instance = locked(unit, instance_id)
        refuse(instance, present(instance, comparison.old.id, revision))
        execution = unit.execution(instance)
        refuse(
            instance,
            check.reasons(comparison, plan.standing(ctx, comparison, instance, execution)),
        )
        blob = execution.dump()
        after = execution.carried(
            comparison.new.process, comparison.mapping, unit.environment(comparison.new)
        )
        rows = {**_waiting(ctx, instance, comparison), **_user_tasks(ctx, instance, comparison)}
        unit.adopt(instance, after)
        instance.definition_id = comparison.new.id
        recorded(unit, instance, "ProcessInstanceMoved", comparison, reason)
        _keep(ctx, instance, comparison, blob, rows)


def locked(unit: Unit, instance_id: int) -> ProcessInstance:
    """An instance whose case is locked. Raises `NotFound`."""
    root_id = unit.ctx.session.execute(
        select(ProcessInstance.root_id).where(ProcessInstance.id == instance_id)
    ).scalar()
    unit.lock(root_id or instance_id)
    return unit.instance(instance_id)


def present(instance: ProcessInstance, definition_id: int, revision: int | None) -> Sequence[Reason]:
    """What has happened to an instance since it was chosen."""
    if instance.ended_at is not None or instance.state != "active":
        return [Reason(code="ended")]
    if instance.definition_id != definition_id:
        return [Reason(code="on_another_version")]
    if revision is not None and instance.revision != revision:
        return [Reason(code="went_on")]
    return []


def refuse(instance: ProcessInstance, reasons: Sequence[Reason]) -> None:
    """Raise `CannotBeMoved` if there is a reason to."""
    if reasons:
        raise CannotBeMoved(case=instance.business_key, first=reasons[0].sentence, reasons=reasons)


def recorded(unit: Unit, instance: ProcessInstance, type_: str, comparison: Comparison, reason: str) -> None:
    """Append to the history which way the instance was moved: what replaying it needs, and who is asked why."""
    unit.act(
        instance,
        type_,
        from_definition_id=comparison.old.id,
        from_version=comparison.old.version,
        definition_id=comparison.new.id,
        version=comparison.new.version,
        mapping=comparison.mapping,
        reason=reason,
    )
    unit.rows.concerned.cases.add(instance.business_key)


def _user_tasks(
    ctx: Context, instance: ProcessInstance, comparison: Comparison
) -> dict[str, list[dict[str, Any]]]:
    """Open user tasks take name and form of the new version; whose they are, when and how urgent stays. As they were."""
    before = []
    for task in plan.open_tasks(ctx, [instance])[instance.id]:
        old, new = comparison.old.process.elements.get(task.element_id), comparison.target(task.element_id)
        values: dict[str, Any] = {"definition_id": comparison.new.id}
        if old is not None and new is not None:
            values |= {
                "element_id": new.id,
                "name": new.name or new.id,
                "form_id": check.form_id(comparison, task),
            }
        before.append({"id": task.id, **{name: getattr(task, name) for name in values}})
        _set(ctx, UserTask, UserTask.id == task.id, values)
    return {UserTask.__tablename__: before} if before else {}


def _waiting(
    ctx: Context, instance: ProcessInstance, comparison: Comparison
) -> dict[str, list[dict[str, Any]]]:
    """What else waits at elements that have another id in the new version follows them. As it was."""
    before: dict[str, list[dict[str, Any]]] = {}
    renamed = {old: new for old, new in comparison.mapping.items() if old != new}
    for table, waits in WAITING.items() if renamed else ():
        columns: Any = table
        theirs = (columns.instance_id == instance.id, columns.element_id.in_(renamed), waits)
        rows = ctx.session.execute(select(columns.id, columns.element_id).where(*theirs)).all()
        if rows:
            before[table.__tablename__] = [{"id": row.id, "element_id": row.element_id} for row in rows]
            _set(ctx, table, theirs, {"element_id": case(renamed, value=columns.element_id)})
    return before


def _set(ctx: Context, table: type[Base], where: Any, values: Mapping[str, Any]) -> None:
    conditions = where if isinstance(where, tuple) else (where,)
    ctx.session.execute(
        update(table).where(*conditions).values(values),
        execution_options={"synchronize_session": False},
    )


def _keep(
    ctx: Context,
    instance: ProcessInstance,
    comparison: Comparison,
    blob: bytes,
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
) -> None:
    """Keep what moves it back, in place of what an earlier move kept."""
    values = {
        "definition_id": comparison.old.id,
        "moved_at": ctx.now,
        "blob": blob,
        "rows": rows,
        # The unit counts this command when it writes the instance.
        "revision": instance.revision + 1,
        "history_seq": instance.history_seq,
    }
    ctx.session.execute(
        insert(MovedInstance)
        .values(instance_id=instance.id, **values)
        .on_conflict_do_update(index_elements=["instance_id"], set_=values)
    )
