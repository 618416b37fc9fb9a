"""Called processes: each call activity is an instance of its own, moved in the same command as its caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.bpmn import effects as fx
from engine.runtime.refusals import NothingCurrent
from engine.store.tables import ProcessInstance

if TYPE_CHECKING:
    from engine.runtime.unit import Unit


def requested(unit: Unit, instance: ProcessInstance, effect: fx.ChildRequested) -> None:
    """Start the called process on its current version; a missing one is an incident on the call activity."""
    try:
        definition = unit.ctx.engine.definitions.current(unit.ctx.session, effect.process_id)
    except NothingCurrent as refusal:
        unit.execution(instance).fail(effect.activity_id, str(refusal))
        return
    child = unit.start(
        definition,
        effect.variables,
        business_key=instance.business_key,
        parent=instance,
        parent_activity_id=effect.activity_id,
    )
    unit.record(
        instance,
        "ProcessCalled",
        element_id=effect.element_id,
        activity_id=effect.activity_id,
        process=definition.key,
        version=definition.version,
        called=child.id,
    )


def cancelled(unit: Unit, instance: ProcessInstance, effect: fx.ChildCancelled) -> None:
    """The caller no longer waits: what it called is ended too."""
    child = _child(unit, instance, effect.activity_id)
    if child is not None:
        unit.execution(child).terminate()


def _child(unit: Unit, instance: ProcessInstance, activity_id: int) -> ProcessInstance | None:
    child_id = unit.ctx.session.execute(
        select(ProcessInstance.id).where(
            ProcessInstance.parent_id == instance.id,
            ProcessInstance.parent_activity_id == activity_id,
            ProcessInstance.ended_at.is_(None),
        )
    ).scalar()
    child = unit.instance(child_id) if child_id is not None else None
    # The row may be ended in this very command and not written yet.
    return child if child is not None and child.ended_at is None else None


def completed(unit: Unit, instance: ProcessInstance, effect: fx.ProcessCompleted) -> None:
    """The instance reached its end; a caller goes on with its variables."""
    _end(unit, instance, "completed")
    unit.record(instance, "ProcessInstanceCompleted", variables=effect.variables)
    if instance.parent_id is not None and instance.parent_activity_id is not None:
        parent = unit.instance(instance.parent_id)
        unit.execution(parent).complete(instance.parent_activity_id, effect.variables)


def terminated(unit: Unit, instance: ProcessInstance, _effect: fx.ProcessTerminated) -> None:
    """The instance was ended from outside."""
    _end(unit, instance, "cancelled")
    unit.record(instance, "ProcessInstanceCancelled")


def _end(unit: Unit, instance: ProcessInstance, state: str) -> None:
    instance.state, instance.ended_at = state, unit.ctx.now


def error_escaped(unit: Unit, instance: ProcessInstance, effect: fx.ErrorEscaped) -> None:
    """An error nothing here catches: the caller's boundary event may. It ends the called instance then."""
    unit.record(
        instance,
        "ErrorThrown",
        element_id=effect.element_id,
        activity_id=effect.activity_id,
        code=effect.code,
        message=effect.message,
    )
    if instance.parent_id is None or instance.parent_activity_id is None:
        return
    parent = unit.execution(unit.instance(instance.parent_id))
    if parent.catches_error(instance.parent_activity_id, effect.code):
        unit.caught.add((instance.id, effect.activity_id))
        unit.execution(instance).terminate()
        parent.throw_error(instance.parent_activity_id, effect.code, effect.message, effect.variables)


def escalation_escaped(unit: Unit, instance: ProcessInstance, effect: fx.EscalationEscaped) -> None:
    """An escalation nothing here catches is passed to the caller; without a caller it is only recorded."""
    unit.record(
        instance,
        "EscalationThrown",
        element_id=effect.element_id,
        activity_id=effect.activity_id,
        code=effect.code,
    )
    if instance.parent_id is not None and instance.parent_activity_id is not None:
        unit.execution(unit.instance(instance.parent_id)).escalate(instance.parent_activity_id, effect.code)
