"""Called processes: each call activity is an instance of its own, moved in the same command as its caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.bpmn import Execution
from engine.bpmn import effects as fx
from engine.runtime.recording import record
from engine.runtime.refusals import NothingCurrent, StartsByEvent
from engine.store.tables import ProcessInstance

if TYPE_CHECKING:
    from engine.runtime.unit import Unit


def requested(unit: Unit, instance: ProcessInstance, effect: fx.ChildRequested) -> None:
    """Start the called process on its current version; one that cannot be called is an incident on the call activity."""
    try:
        definition = unit.ctx.engine.definitions.called(unit.ctx.session, effect.process_id)
        child = unit.start(
            definition,
            effect.variables,
            business_key=instance.business_key,
            parent=instance,
            parent_activity_id=effect.activity_id,
        )
    except (NothingCurrent, StartsByEvent) as refusal:
        unit.record(
            instance,
            "ProcessCallFailed",
            element_id=effect.element_id,
            activity_id=effect.activity_id,
            process=effect.process_id,
            message=str(refusal),
        )
        unit.execution(instance).fail(effect.activity_id, str(refusal))
        return
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
        _end_from_outside(unit, child)


def _end_from_outside(unit: Unit, child: ProcessInstance, caught: int | None = None) -> None:
    """End a called instance for its caller; `caught` is the activity whose error the caller caught."""
    unit.record(child, "EndedByCaller", activity_id=caught)
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


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A call activity that waits for a called instance."""

    instance: ProcessInstance
    execution: Execution
    activity_id: int
    element_id: str


def _caller(unit: Unit, child: ProcessInstance) -> Caller | None:
    """Who waits for a called instance; None when it was not called, or its caller was interrupted in this command."""
    if child.parent_id is None or child.parent_activity_id is None:
        return None
    parent = unit.instance(child.parent_id)
    if parent.state != "active":
        return None
    execution = unit.execution(parent)
    element = execution.awaited(child.parent_activity_id)
    if element is None:
        return None
    return Caller(
        instance=parent, execution=execution, activity_id=child.parent_activity_id, element_id=element
    )


def _tell(unit: Unit, caller: Caller, type_: str, child: ProcessInstance, **payload: Any) -> None:
    """Record in the caller's history what a called instance answers: an input like any other."""
    unit.record(
        caller.instance,
        type_,
        element_id=caller.element_id,
        activity_id=caller.activity_id,
        called=child.id,
        **payload,
    )


def completed(unit: Unit, instance: ProcessInstance, effect: fx.ProcessCompleted) -> None:
    """The instance reached its end; a caller goes on with its variables."""
    _end(unit, instance, "completed")
    record(unit, instance, effect)
    caller = _caller(unit, instance)
    if caller is not None:
        _tell(unit, caller, "CalledProcessCompleted", instance, variables=effect.variables)
        caller.execution.complete(caller.activity_id, effect.variables)


def terminated(unit: Unit, instance: ProcessInstance, effect: fx.ProcessTerminated) -> None:
    """The instance was ended from outside."""
    _end(unit, instance, "cancelled")
    record(unit, instance, effect)


def _end(unit: Unit, instance: ProcessInstance, state: str) -> None:
    instance.state, instance.ended_at = state, unit.ctx.now


def error_escaped(unit: Unit, instance: ProcessInstance, effect: fx.ErrorEscaped) -> None:
    """An error nothing here catches: the caller's boundary event may. It ends the called instance then."""
    record(unit, instance, effect)
    caller = _caller(unit, instance)
    if caller is not None and caller.execution.catches_error(caller.activity_id, effect.code):
        unit.caught.add((instance.id, effect.activity_id))
        _end_from_outside(unit, instance, caught=effect.activity_id)
        thrown = {"code": effect.code, "message": effect.message, "variables": effect.variables}
        _tell(unit, caller, "CalledProcessThrewError", instance, **thrown)
        caller.execution.throw_error(caller.activity_id, effect.code, effect.message, effect.variables)


def escalation_escaped(unit: Unit, instance: ProcessInstance, effect: fx.EscalationEscaped) -> None:
    """An escalation nothing here catches is passed to the caller; without a caller it is only recorded."""
    record(unit, instance, effect)
    caller = _caller(unit, instance)
    if caller is not None:
        _tell(unit, caller, "CalledProcessEscalated", instance, code=effect.code)
        caller.execution.escalate(caller.activity_id, effect.code)
