"""Mending what a case is stuck at: a value corrected, recorded as it was and as it is, and tried again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.runtime import incidents
from engine.runtime.context import Context
from engine.runtime.operating.opening import opened
from engine.runtime.refusals import NotFound
from engine.runtime.unit import Unit
from engine.store.tables import Incident


def correct(ctx: Context, instance_id: int, values: Mapping[str, Any], *, reason: str) -> None:
    """Set variables of a running instance. Raises `CaseSuspended`, `InstanceNotActive`, `NotFound`, `ReasonMissing`,
    `ValueNotKept`."""
    with opened(ctx, instance_id, reason=reason) as (unit, instance, execution):
        seen = execution.variables()
        before = {name: seen.get(name) for name in values}
        unit.act(instance, "VariablesCorrected", values=values, before=before, reason=reason)
        execution.set_variables(values)


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
