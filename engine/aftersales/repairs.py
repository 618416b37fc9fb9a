"""What a repair leaves on record: the technician's visit, and the receipt for goods taken in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import insert, update

from engine.aftersales import cases, numbers, workers
from engine.aftersales.tables import GoodsReceipt, RepairVisit
from engine.runtime.context import Context
from engine.runtime.jobs import Job


def record_visit(ctx: Context, job: Job) -> dict[str, Any]:
    """`visit.record`: technician, appointedAt, arrivedAt, work, parts, hours, result -> {}."""
    case = cases.of(ctx, job)
    if case is None:
        return {}
    appointed, arrived = job.inputs.get("appointedAt"), job.inputs.get("arrivedAt")
    ctx.session.execute(
        insert(RepairVisit).values(
            case_id=case.id,
            technician=str(job.inputs["technician"]),
            appointed_at=ctx.engine.feel.instant(appointed) if appointed else None,
            arrived_at=ctx.engine.feel.instant(arrived) if arrived else ctx.now,
            work=str(job.inputs.get("work") or ""),
            parts={"parts": job.inputs.get("parts") or []},
            hours=Decimal(str(job.inputs.get("hours") or 0)),
            result=str(job.inputs.get("result") or ""),
            idempotency_key=job.idempotency_key,
        )
    )
    return {}


def issue_receipt(ctx: Context, job: Job) -> dict[str, Any]:
    """`receipt.issue`: goods, condition, person -> receipt {number}. Raises `ValueError` outside a case."""
    case = cases.of(ctx, job)
    if case is None:
        raise ValueError(f"There is no case {job.business_key} to give a receipt for")
    number = numbers.following(ctx, "receipt")
    ctx.session.execute(
        insert(GoodsReceipt).values(
            number=number,
            case_id=case.id,
            goods=str(job.inputs["goods"]),
            condition=str(job.inputs.get("condition") or ""),
            issued_at=ctx.now,
            issued_by=workers.of(ctx, job),
            idempotency_key=job.idempotency_key,
        )
    )
    return {"receipt": {"number": number}}


def return_receipt(ctx: Context, job: Job) -> dict[str, Any]:
    """`receipt.return`: receiptNumber -> returned. False when it was collected before, or never issued."""
    returned = ctx.session.execute(
        update(GoodsReceipt)
        .where(GoodsReceipt.number == str(job.inputs["receiptNumber"]), GoodsReceipt.returned_at.is_(None))
        .values(returned_at=ctx.now)
        .returning(GoodsReceipt.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    return {"returned": returned is not None}
