"""Incidents: retried after an operator has mended their cause."""

from __future__ import annotations

from sqlalchemy import select

from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, Stale
from engine.runtime.unit import Unit
from engine.store.tables import Incident


def retry(ctx: Context, incident_id: int, *, reason: str = "") -> None:
    """Try again where an instance got stuck. Raises `NotFound`, `Stale` when it was resolved meanwhile."""
    root_id = ctx.session.execute(select(Incident.root_id).where(Incident.id == incident_id)).scalar()
    if root_id is None:
        raise NotFound(what="incident", id=incident_id)
    with Unit.of(ctx) as unit:
        unit.lock(root_id)
        incident = ctx.session.execute(
            select(Incident).where(Incident.id == incident_id).execution_options(populate_existing=True)
        ).scalar_one()
        if incident.resolved_at is not None:
            raise Stale()
        instance = unit.instance(incident.instance_id)
        unit.act(
            instance,
            "IncidentRetried",
            element_id=incident.element_id,
            activity_id=incident.activity_id,
            reason=reason,
        )
        unit.execution(instance).retry(incident.activity_id)
