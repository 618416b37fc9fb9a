"""Calls to customers: when they are allowed, and what came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, update

from config.organisation import Calling
from engine.aftersales import cases, workers
from engine.aftersales.tables import AftersalesCase, CallLog, Customer
from engine.runtime.context import Context
from engine.runtime.jobs import Job
from engine.runtime.refusals import Refusal
from engine.store.tables import UserTask

_DAY = timedelta(days=1)


class OutsideCallingHours(Refusal):
    """Customers may not be called now."""

    code = "outside_calling_hours"
    sentence = "Customers may not be called now. The next call is allowed at {next}."


class CalledTooOften(Refusal):
    """The customer was called as often today as is allowed."""

    code = "called_too_often"
    sentence = "This customer was already called {calls} times today. The next call is allowed at {next}."


def next_allowed(
    calling: Calling, zone: ZoneInfo, at: datetime, calls: Mapping[date, int] | None = None
) -> datetime:
    """The earliest moment from `at` on within calling hours, on a day with calls left.

    Source: procedures, "Calling customers".
    """
    moment = at.astimezone(zone)
    while True:
        opens = datetime.combine(moment.date(), calling.from_, zone)
        closes = datetime.combine(moment.date(), calling.until, zone)
        if moment < closes and (calls or {}).get(moment.date(), 0) < calling.max_per_day:
            return max(moment, opens)
        moment = datetime.combine(moment.date() + _DAY, calling.from_, zone)


def calls_by_day(ctx: Context, customer_id: int) -> Counter[date]:
    """Calls to a customer from today on, by day of the business zone."""
    zone = ctx.organisation.tzinfo
    midnight = datetime.combine(ctx.now.astimezone(zone).date(), datetime.min.time(), zone)
    made = ctx.session.scalars(
        select(CallLog.at).where(CallLog.customer_id == customer_id, CallLog.at >= midnight)
    )
    return Counter(at.astimezone(zone).date() for at in made)


def record(ctx: Context, job: Job) -> dict[str, Any]:
    """`call.record`: outcome (reached, unreachable, do_not_call), remark, person -> callsToday, tries.

    `tries` counts the unreachable calls of this case since the last one that reached the customer. After
    `do_not_call` the customer is never called again.
    """
    case, customer = _whom(ctx, job)
    if case is None or customer is None:
        return {"callsToday": 0, "tries": 0}
    outcome = str(job.inputs["outcome"])
    ctx.session.execute(
        insert(CallLog).values(
            customer_id=customer.id,
            case_id=case.id,
            person=workers.of(ctx, job),
            at=ctx.now,
            outcome=outcome,
            remark=str(job.inputs.get("remark") or ""),
            idempotency_key=job.idempotency_key,
        )
    )
    if outcome == "do_not_call" and not customer.do_not_call:
        ctx.session.execute(
            update(Customer)
            .where(Customer.id == customer.id)
            .values(do_not_call=True, do_not_call_since=ctx.now),
            execution_options={"synchronize_session": False},
        )
    today = ctx.now.astimezone(ctx.organisation.tzinfo).date()
    return {"callsToday": calls_by_day(ctx, customer.id)[today], "tries": _tries(ctx, case)}


def plan(ctx: Context, job: Job) -> dict[str, Any]:
    """`call.plan`: from (ISO, absent: now) -> callAt, allowed, tries; null, false after do-not-call."""
    case, customer = _whom(ctx, job)
    tries = _tries(ctx, case) if case else 0
    if customer is not None and customer.do_not_call:
        return {"callAt": None, "allowed": False, "tries": tries}
    wanted = job.inputs.get("from")
    at = max(ctx.engine.feel.instant(wanted), ctx.now) if isinstance(wanted, str) else ctx.now
    calls = calls_by_day(ctx, customer.id) if customer is not None else None
    call_at = next_allowed(ctx.organisation.calling, ctx.organisation.tzinfo, at, calls)
    return {"callAt": call_at.isoformat(), "allowed": True, "tries": tries}


def guard(ctx: Context, user_task: UserTask, values: Mapping[str, Any]) -> None:
    """Guard of user tasks with the property `call`: they are completed only while the customer may be called.

    A customer who must not be called at all is let through: the step then records just that. Raises
    `OutsideCallingHours`, `CalledTooOften`.
    """
    case = cases.by_number(ctx, user_task.business_key)
    customer = _customer(ctx, case)
    if customer is not None and customer.do_not_call:
        return
    house, zone = ctx.organisation.calling, ctx.organisation.tzinfo
    local = ctx.now.astimezone(zone)
    calls = calls_by_day(ctx, customer.id) if customer is not None else Counter[date]()
    allowed_at = next_allowed(house, zone, ctx.now, calls)
    if allowed_at == local:
        return
    if calls[local.date()] >= house.max_per_day:
        raise CalledTooOften(calls=calls[local.date()], next=allowed_at.isoformat())
    raise OutsideCallingHours(next=allowed_at.isoformat())


def _whom(ctx: Context, job: Job) -> tuple[AftersalesCase | None, Customer | None]:
    case = cases.of(ctx, job)
    return case, _customer(ctx, case)


def _customer(ctx: Context, case: AftersalesCase | None) -> Customer | None:
    if case is None or case.customer_id is None:
        return None
    return ctx.session.get_one(Customer, case.customer_id, populate_existing=True)


def _tries(ctx: Context, case: AftersalesCase) -> int:
    reached = (
        select(func.max(CallLog.id)).where(CallLog.case_id == case.id, CallLog.outcome == "reached")
    ).scalar_subquery()
    return ctx.session.execute(
        select(func.count()).where(
            CallLog.case_id == case.id,
            CallLog.outcome == "unreachable",
            CallLog.id > func.coalesce(reached, 0),
        )
    ).scalar_one()


#: Property of a user task -> its guard, for `engine.bootstrap`.
GUARDS = {"call": guard}
