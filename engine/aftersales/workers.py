"""Who did what a service task records: goods are moved by people, even where the diagram's next step is automatic."""

from __future__ import annotations

from sqlalchemy import select

from engine.runtime.context import Context
from engine.runtime.jobs import Job
from engine.store.tables import UserTask


def of(ctx: Context, job: Job) -> str:
    """Key of the person: the job's input `person`, else whoever completed the case's last user task, else the actor."""
    given = job.inputs.get("person")
    if given:
        return str(given)
    last = ctx.session.scalar(
        select(UserTask.completed_by)
        .where(UserTask.root_id == job.root_instance_id, UserTask.state == "completed")
        .order_by(UserTask.ended_at.desc(), UserTask.id.desc())
        .limit(1)
    )
    return last or ctx.actor.key
