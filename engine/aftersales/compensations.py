"""Compensations: paid once for one key, and never beyond what was approved for the case."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from engine.aftersales import cases, numbers
from engine.aftersales.money import cents, number
from engine.aftersales.tables import Compensation, Payment
from engine.runtime.context import Context
from engine.runtime.jobs import BpmnError, Job

#: How a case without an order is paid.
_NO_PAYMENT = "transfer"


def pay(ctx: Context, job: Job) -> dict[str, Any]:
    """`compensation.pay`: amount, purpose -> payment.

    Throws COMPENSATION_REFUSED beyond the amount approved for the case (`case.record`, amountApproved).
    """
    done = ctx.session.scalar(select(Compensation).where(Compensation.idempotency_key == job.idempotency_key))
    if done is None:
        done = _enter(ctx, job)
    return {
        "payment": {
            "number": done.number,
            "amount": number(done.amount),
            "paidAt": done.paid_at.astimezone(ctx.organisation.tzinfo).isoformat(),
            "method": done.method,
        }
    }


def _enter(ctx: Context, job: Job) -> Compensation:
    case = cases.of(ctx, job)
    if case is None:
        raise BpmnError("COMPENSATION_REFUSED", f"There is no case {job.business_key}")
    method = ctx.session.scalar(
        select(Payment.method)
        .where(Payment.order_id == case.order_id)
        .order_by(Payment.paid_at.desc(), Payment.id.desc())
    )
    try:
        with ctx.session.begin_nested():
            return ctx.session.scalars(
                insert(Compensation).returning(Compensation),
                [
                    {
                        "number": numbers.following(ctx, "compensation"),
                        "case_id": case.id,
                        "amount": cents(job.inputs["amount"]),
                        "purpose": str(job.inputs.get("purpose") or ""),
                        "method": method or _NO_PAYMENT,
                        "paid_at": ctx.now,
                        "paid_by": ctx.actor.key,
                        "idempotency_key": job.idempotency_key,
                    }
                ],
            ).one()
    except IntegrityError as error:
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or "unknown"
        raise BpmnError("COMPENSATION_REFUSED", f"The compensation was refused: {constraint}") from error
