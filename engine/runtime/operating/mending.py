"""Mending what a case is stuck at: a value corrected, recorded as it was and as it is, and tried again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from engine.bpmn import UnstorableValue
from engine.runtime import incidents
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, ReasonMissing, ValueNotKept
from engine.runtime.unit import Unit
from engine.store.tables import Incident, ProcessInstance


def correct(ctx: Context, instance_id: int, values: Mapping[str, Any], *, reason: str) -> None:
    """Set variables of a running instance. Raises `CaseSuspended`, `InstanceNotActive`, `NotFound`, `ReasonMissing`,
    `ValueNotKept`."""
    if not reason.strip():
        raise ReasonMissing()
    root_id = ctx.session.execute(
        select(ProcessInstance.root_id).where(ProcessInstance.id == instance_id)
    ).scalar()
    if root_id is None:
        raise NotFound(what="process instance", id=instance_id)
    with Unit.of(ctx) as unit:
        unit.lock(root_id)
        instance = unit.instance(instance_id)
        execution = unit.execution(instance)
        seen = execution.variables()
        before = {name: seen.get(name) for name in values}
        unit.act(instance, "VariablesCorrected", values=values, before=before, reason=reason)
        try:
            execution.set_variables(values)
        except UnstorableValue as error:
            raise ValueNotKept(why=str(error)) from error


def correct_and_retry(ctx: Context, incident_id: int, values: Mapping[str, Any], *, reason: str) -> None:
    """Correct variables where an instance is stuck and try again, in one command. Raises what `correct` and
    `incidents.retry` raise."""
    incident = ctx.session.get(Incident, incident_id)
    if incident is None:
        raise NotFound(what="incident", id=incident_id)
    with Unit.of(ctx):
        if values:
            correct(ctx, incident.instance_id, values, reason=reason)
        incidents.retry(ctx, incident_id, reason=reason)
