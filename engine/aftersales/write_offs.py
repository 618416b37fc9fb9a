"""Write-off forms, filed with their photos."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from engine.aftersales import cases, numbers
from engine.aftersales.money import cents, number
from engine.aftersales.tables import WriteOff
from engine.runtime.context import Context
from engine.runtime.jobs import Job


def file(ctx: Context, job: Job) -> dict[str, Any]:
    """`writeoff.file`: amount, photos (a form's file field), remark -> writeOff {number, amount}."""
    case = cases.of(ctx, job)
    amount = cents(job.inputs["amount"])
    form_number = numbers.following(ctx, "write_off")
    ctx.session.execute(
        insert(WriteOff).values(
            number=form_number,
            case_id=case.id if case else None,
            amount=amount,
            remark=str(job.inputs.get("remark") or ""),
            photos=[photo["attachment"] for photo in job.inputs.get("photos") or []],
            filed_at=ctx.now,
            filed_by=ctx.actor.key,
            idempotency_key=job.idempotency_key,
        )
    )
    return {"writeOff": {"number": form_number, "amount": number(amount)}}
