"""Incidents: retried after an operator has mended their cause."""

from __future__ import annotations

from sqlalchemy import select, update

from engine.runtime.context import Context
from engine.runtime.queue import Deferred
from engine.runtime.refusals import NotFound, Stale
from engine.runtime.unit import Unit
from engine.store.tables import Incident, Job

#: Attempts a retried job gets before it is an incident again.
RETRIES = 3


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
        unit.record(
            instance,
            "IncidentRetried",
            element_id=incident.element_id,
            activity_id=incident.activity_id,
            reason=reason,
        )
        job_id = ctx.session.execute(
            update(Job)
            .where(
                Job.instance_id == incident.instance_id,
                Job.activity_id == incident.activity_id,
                Job.state == "failed",
            )
            .values(state="created", retries_left=RETRIES, run_at=ctx.now)
            .returning(Job.id),
            execution_options={"synchronize_session": False},
        ).scalar()
        if job_id is not None:
            unit.deferred.append(Deferred(kind="job", id=job_id))
        unit.execution(instance).retry(incident.activity_id)
