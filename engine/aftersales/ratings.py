"""Ratings: what the customer thought of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from engine.aftersales import cases
from engine.aftersales.tables import Rating
from engine.runtime.context import Context
from engine.runtime.jobs import Job


def record(ctx: Context, job: Job) -> dict[str, Any]:
    """`rating.record`: rating (1 to 5), remark, about -> {}. A customer who gave no rating leaves none."""
    rating = job.inputs.get("rating")
    if rating in (None, ""):
        return {}
    case = cases.of(ctx, job)
    ctx.session.execute(
        insert(Rating).values(
            case_id=case.id if case else None,
            customer_id=case.customer_id if case else None,
            about=str(job.inputs["about"]),
            rating=int(rating),
            remark=str(job.inputs.get("remark") or ""),
            person=ctx.actor.key,
            at=ctx.now,
            idempotency_key=job.idempotency_key,
        )
    )
    return {}
