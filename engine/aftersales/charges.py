"""Charges: what the customer owes, and how that ended."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from engine.aftersales import cases, numbers
from engine.aftersales.money import cents, number
from engine.aftersales.tables import Charge
from engine.runtime.context import Context
from engine.runtime.jobs import Job
from engine.runtime.refusals import NotFound


def create(ctx: Context, job: Job) -> dict[str, Any]:
    """`charge.create`: amount, purpose -> charge {number, amount, state}. The same key charges once."""
    charge = ctx.session.scalar(select(Charge).where(Charge.idempotency_key == job.idempotency_key))
    if charge is None:
        case = cases.of(ctx, job)
        charge = ctx.session.scalars(
            insert(Charge).returning(Charge),
            [
                {
                    "number": numbers.following(ctx, "charge"),
                    "case_id": case.id if case else None,
                    "customer_id": case.customer_id if case else None,
                    "amount": cents(job.inputs["amount"]),
                    "purpose": str(job.inputs["purpose"]),
                    "created_at": ctx.now,
                    "created_by": ctx.actor.key,
                    "idempotency_key": job.idempotency_key,
                }
            ],
        ).one()
    return {"charge": _variable(charge)}


def settle(ctx: Context, job: Job) -> dict[str, Any]:
    """`charge.settle`: chargeNumber, paid -> charge.

    A settled charge stays as it was settled. Raises `NotFound`.
    """
    number_ = str(job.inputs["chargeNumber"])
    ctx.session.execute(
        update(Charge)
        .where(Charge.number == number_, Charge.state == "open")
        .values(
            state="paid" if job.inputs.get("paid") else "unpaid",
            settled_at=ctx.now,
            settled_by=ctx.actor.key,
        ),
        execution_options={"synchronize_session": False},
    )
    charge = ctx.session.scalar(
        select(Charge).where(Charge.number == number_).execution_options(populate_existing=True)
    )
    if charge is None:
        raise NotFound(what="charge", id=number_)
    return {"charge": _variable(charge)}


def _variable(charge: Charge) -> dict[str, Any]:
    return {
        "number": charge.number,
        "amount": number(charge.amount),
        "purpose": charge.purpose,
        "state": charge.state,
    }
