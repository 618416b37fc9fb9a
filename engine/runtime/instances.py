"""Process instances: started and cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn import UnstorableValue
from engine.runtime.context import Context
from engine.runtime.operating import suspensions
from engine.runtime.refusals import ValueNotKept
from engine.runtime.unit import Unit
from engine.store.tables import ProcessInstance


def start(
    ctx: Context,
    process_key: str,
    variables: Mapping[str, Any],
    *,
    business_key: str,
    start_event: str | None = None,
) -> ProcessInstance:
    """Start the current version of a procedure. Raises `NothingCurrent`, `StartsByEvent`."""
    definition = ctx.engine.definitions.current(ctx.session, process_key)
    with Unit.of(ctx) as unit:
        return unit.start(definition, variables, business_key=business_key, start_event=start_event)


def cancel(ctx: Context, root_id: int, *, reason: str) -> None:
    """End a case from outside: everything that waits is cancelled. Raises `InstanceNotActive`, `NotFound`."""
    with Unit.of(ctx) as unit:
        instance = unit.lock(root_id)
        if instance.state == "suspended":
            suspensions.resume(ctx, root_id, reason=reason)
        execution = unit.execution(instance)
        unit.act(instance, "CancelRequested", reason=reason)
        execution.terminate()


def set_variables(ctx: Context, root_id: int, variables: Mapping[str, Any], *, reason: str) -> None:
    """Correct variables of a running instance, with a reason that is recorded. Raises `InstanceNotActive`,
    `NotFound`, `ValueNotKept`."""
    with Unit.of(ctx) as unit:
        instance = unit.lock(root_id)
        unit.act(instance, "VariablesCorrected", values=variables, reason=reason)
        try:
            unit.execution(instance).set_variables(variables)
        except UnstorableValue as error:
            raise ValueNotKept(why=str(error)) from error
