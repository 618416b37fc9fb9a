"""Who could go: people by skill, area and how much they already have."""

from __future__ import annotations

from typing import Any

from sqlalchemy import any_, func, literal, select

from engine.runtime.context import Context
from engine.runtime.jobs import Job
from engine.store.tables import Person, UserTask


def suggest(ctx: Context, job: Job) -> dict[str, Any]:
    """`technician.suggest`: skill, area -> technicians [{value, label, load, inArea}], the best first.

    Whoever has the skill is suggested: those of the area first, then by load (open steps assigned to them).
    """
    skill, area = job.inputs.get("skill"), job.inputs.get("area")
    load = (
        select(func.count())
        .where(UserTask.assignee == Person.key, UserTask.state == "created")
        .correlate(Person)
        .scalar_subquery()
    )
    in_area = literal(str(area)) == any_(Person.areas) if area else literal(True)
    query = select(Person.key, Person.name, load.label("load"), in_area.label("in_area")).where(
        Person.active, func.cardinality(Person.skills) > 0
    )
    if skill:
        query = query.where(literal(str(skill)) == any_(Person.skills))
    found = ctx.session.execute(query.order_by(in_area.desc(), load, Person.name))
    return {
        "technicians": [
            {"value": row.key, "label": f"{row.name} ({row.load})", "load": row.load, "inArea": row.in_area}
            for row in found
        ]
    }
