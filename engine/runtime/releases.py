"""Releases: which version new cases start on, from when, and the end of a procedure."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.runtime import history, starts
from engine.runtime.context import Context
from engine.runtime.queue import Deferred
from engine.runtime.refusals import NotFound, NothingCurrent, Refusal, Stale
from engine.store.tables import PlannedStart, ProcessDefinition, RetiredProcedure


class StartInThePast(Refusal):
    """A version cannot have become current before it was approved."""

    code = "start_in_the_past"
    sentence = "{at} has passed. Choose a moment to come, or let it begin at once."


class StillCalled(Refusal):
    """A retired procedure would stop new cases of those that call it."""

    code = "still_called"
    sentence = "This procedure cannot be retired: {callers} call it. Change them first."


class ReasonNeeded(Refusal):
    """Whoever is turned away later is told why."""

    code = "reason_needed"
    sentence = "Say why: whoever wants to start this procedure reads it."


def set_current(ctx: Context, definition: ProcessDefinition) -> None:
    """Let new cases start on this version. What was planned of it or of earlier versions is off: a later one would be
    undone by it unnoticed. A retired procedure comes back."""
    ctx.session.execute(
        update(ProcessDefinition)
        .where(ProcessDefinition.process_key == definition.process_key, ProcessDefinition.is_current)
        .values(is_current=False)
    )
    definition.is_current = True
    ctx.session.flush()
    ctx.session.execute(
        delete(RetiredProcedure).where(RetiredProcedure.process_key == definition.process_key)
    )
    for plan, planned in _plans(ctx, definition.process_key):
        if planned.version <= definition.version:
            _drop(ctx, plan, planned, because=definition.version)
    starts.listen(ctx, definition)


def plan(ctx: Context, definition: ProcessDefinition, at: datetime) -> PlannedStart:
    """Let a deployed version become current at a moment to come; a version planned already gets the new moment.

    Raises `StartInThePast`.
    """
    if at <= ctx.now:
        raise StartInThePast(at=at)
    values = {"at": at, "planned_at": ctx.now, "planned_by": ctx.actor.key}
    planned = ctx.session.execute(
        insert(PlannedStart)
        .values(definition_id=definition.id, process_key=definition.process_key, **values)
        .on_conflict_do_update(index_elements=["definition_id"], set_=values)
        .returning(PlannedStart)
    ).scalar_one()
    ctx.engine.queue.defer(ctx.session, [Deferred(kind="planned_start", id=planned.id, at=at)])
    history.record_organisation(
        ctx, "ProcessStartPlanned", process=definition.process_key, version=definition.version, at=at
    )
    return planned


def call_off(ctx: Context, plan_id: int) -> ProcessDefinition:
    """A planned version does not begin after all; it stays a version. Raises `Stale` when it has begun."""
    found = ctx.session.execute(
        select(PlannedStart, ProcessDefinition)
        .join(ProcessDefinition, ProcessDefinition.id == PlannedStart.definition_id)
        .where(PlannedStart.id == plan_id)
        .with_for_update(of=PlannedStart)
    ).one_or_none()
    if found is None:
        raise Stale()
    _drop(ctx, *found)
    return found[1]


def begin_planned(ctx: Context, plan_id: int) -> None:
    """Let a version whose moment has come become current, once. One put off since is queued again for its time."""
    found = ctx.session.execute(
        select(PlannedStart, ProcessDefinition)
        .join(ProcessDefinition, ProcessDefinition.id == PlannedStart.definition_id)
        .where(PlannedStart.id == plan_id)
        .with_for_update(of=PlannedStart)
    ).one_or_none()
    if found is None:
        return
    planned, definition = found
    if planned.at > ctx.now:
        ctx.engine.queue.defer(ctx.session, [Deferred(kind="planned_start", id=plan_id, at=planned.at)])
        return
    ctx.session.execute(delete(PlannedStart).where(PlannedStart.id == plan_id))
    set_current(ctx, definition)
    history.record_organisation(
        ctx,
        "ProcessStartReached",
        process=definition.process_key,
        version=definition.version,
        planned_by=planned.planned_by,
    )


def retire(ctx: Context, process_key: str, *, reason: str) -> None:
    """Start no new cases of a procedure. Running cases finish, and what they call of it still runs.

    Raises `NothingCurrent`, `StillCalled`, `ReasonNeeded`.
    """
    if not reason.strip():
        raise ReasonNeeded()
    definition = ctx.session.execute(
        select(ProcessDefinition)
        .where(ProcessDefinition.process_key == process_key, ProcessDefinition.is_current)
        .with_for_update()
    ).scalar_one_or_none()
    if definition is None:
        raise NothingCurrent(process=process_key)
    callers = _callers(ctx, process_key)
    if callers:
        raise StillCalled(callers=callers)
    definition.is_current = False
    ctx.session.add(
        RetiredProcedure(
            process_key=process_key,
            definition_id=definition.id,
            reason=reason.strip(),
            retired_at=ctx.now,
            retired_by=ctx.actor.key,
        )
    )
    ctx.session.flush()
    starts.silence(ctx, process_key)
    for planned in _plans(ctx, process_key):
        _drop(ctx, *planned)
    history.record_organisation(
        ctx, "ProcedureRetired", process=process_key, version=definition.version, reason=reason.strip()
    )


def bring_back(ctx: Context, process_key: str) -> ProcessDefinition:
    """Let cases start again on the version that was current when the procedure was retired. Raises `NotFound`."""
    retired = ctx.session.get(RetiredProcedure, process_key)
    if retired is None:
        raise NotFound(what="retired procedure", id=process_key)
    definition = ctx.session.get_one(ProcessDefinition, retired.definition_id)
    set_current(ctx, definition)
    history.record_organisation(ctx, "ProcedureBroughtBack", process=process_key, version=definition.version)
    return definition


def _callers(ctx: Context, process_key: str) -> list[str]:
    """Names, in the actor's language, of the procedures whose current versions call this one."""
    ids = ctx.session.execute(select(ProcessDefinition.id).where(ProcessDefinition.is_current)).scalars()
    current = [ctx.engine.definitions.get(ctx.session, id_) for id_ in ids.all()]
    return sorted(
        each.translate(each.name, ctx.actor.language)
        for each in current
        if each.key != process_key and process_key in each.process.called_processes
    )


def _plans(ctx: Context, process_key: str) -> list[tuple[PlannedStart, ProcessDefinition]]:
    rows = ctx.session.execute(
        select(PlannedStart, ProcessDefinition)
        .join(ProcessDefinition, ProcessDefinition.id == PlannedStart.definition_id)
        .where(PlannedStart.process_key == process_key)
    )
    return [(plan, definition) for plan, definition in rows]


def _drop(
    ctx: Context, planned: PlannedStart, definition: ProcessDefinition, because: int | None = None
) -> None:
    ctx.session.execute(delete(PlannedStart).where(PlannedStart.id == planned.id))
    if because == definition.version:
        return
    history.record_organisation(
        ctx,
        "ProcessStartCalledOff",
        process=definition.process_key,
        version=definition.version,
        **({"because_of_version": because} if because else {}),
    )
