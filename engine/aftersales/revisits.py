"""Revisits: the calls planned after a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from isodate import parse_duration
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from engine.aftersales import calls, cases
from engine.aftersales.tables import AftersalesCase, Revisit
from engine.runtime.context import Context
from engine.runtime.jobs import Job


def plan(ctx: Context, job: Job) -> dict[str, Any]:
    """`revisit.plan`: intervals, from (ISO, absent: now) -> revisits [{label, interval, at}], soonest first.

    An interval is an ISO 8601 duration, or {label, interval} as a decision table gives it. Each is moved to
    the next moment at which customers may be called. Raises `ValueError` for what is no duration.
    """
    given = job.inputs.get("from")
    start = ctx.engine.feel.instant(given) if isinstance(given, str) else ctx.now
    planned = sorted(
        (_planned(ctx, start, entry) for entry in job.inputs.get("intervals") or []),
        key=lambda visit: visit["at"],
    )
    case = cases.of(ctx, job)
    if case is not None:
        _enter(ctx, case, planned)
    return {"revisits": [{**visit, "at": visit["at"].isoformat()} for visit in planned]}


def _planned(ctx: Context, start: datetime, entry: Any) -> dict[str, Any]:
    interval = entry["interval"] if isinstance(entry, dict) else entry
    label = entry.get("label", interval) if isinstance(entry, dict) else entry
    zone = ctx.organisation.tzinfo
    at = start.astimezone(zone) + parse_duration(interval)
    return {
        "label": label,
        "interval": interval,
        "at": calls.next_allowed(ctx.organisation.calling, zone, at),
    }


def _enter(ctx: Context, case: AftersalesCase, planned: list[dict[str, Any]]) -> None:
    if planned:
        ctx.session.execute(
            insert(Revisit).on_conflict_do_nothing(),
            [
                {
                    "case_id": case.id,
                    "customer_id": case.customer_id,
                    "interval": visit["interval"],
                    "due_at": visit["at"],
                }
                for visit in planned
            ],
        )


def done(ctx: Context, job: Job) -> dict[str, Any]:
    """`revisit.done`: interval -> {}.

    The planned revisit of this case (or of the case it is about) has taken place.
    """
    case = cases.of(ctx, job)
    if case is not None:
        ctx.session.execute(
            update(Revisit)
            .where(
                Revisit.case_id.in_([case.id, case.about_case_id or case.id]),
                Revisit.interval == str(job.inputs["interval"]),
                Revisit.done_at.is_(None),
            )
            .values(done_at=ctx.now),
            execution_options={"synchronize_session": False},
        )
    return {}


def of_customer(ctx: Context, customer_id: int) -> list[Revisit]:
    """A customer's planned and past revisits, the latest first."""
    return list(
        ctx.session.scalars(
            select(Revisit).where(Revisit.customer_id == customer_id).order_by(Revisit.due_at.desc())
        )
    )
