"""Procedures that start other procedures, and may await their end."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from engine.aftersales import cases
from engine.aftersales.money import number
from engine.aftersales.tables import AftersalesCase, Customer, CustomerOrder, SerialNumber
from engine.runtime import instances
from engine.runtime.context import SYSTEM, Context
from engine.runtime.jobs import WAITING, Job, Waiting
from engine.store.tables import ProcessInstance

#: Variables a started case takes over from the case that starts it, unless it is given its own.
_INHERITED = ("channel", "urgency", "category")


def start(ctx: Context, job: Job) -> dict[str, Any] | Waiting:
    """`procedure.start`: open a linked case -> linkedCase, and once awaited: result.

    Inputs: processId, variables, await, sameCase (run it under this case's own number; not awaited).
    Customer, order and serial number are the starting case's own. `result` is the started procedure's
    variable of that name, with `outcome` (completed, cancelled) and the case's `state`.

    An awaited job is run again when the linked case closes (see `case_events`); the key finds the case it
    opened.
    """
    if job.inputs.get("sameCase"):
        return _start_in_case(ctx, job)
    opened = ctx.session.scalar(
        select(AftersalesCase)
        .where(AftersalesCase.idempotency_key == job.idempotency_key)
        .execution_options(populate_existing=True)
    )
    if opened is None:
        opened = _open(ctx, job)
    if not job.inputs.get("await"):
        return {"linkedCase": opened.number}
    if opened.closed_at is None:
        ctx.session.execute(
            update(AftersalesCase)
            .where(AftersalesCase.id == opened.id, AftersalesCase.closed_at.is_(None))
            .values(awaited_by_job_id=job.id),
            execution_options={"synchronize_session": False},
        )
        return WAITING
    return {"linkedCase": opened.number, "result": _result(ctx, opened)}


def _start_in_case(ctx: Context, job: Job) -> dict[str, Any]:
    """A procedure of its own under the same case number, such as asking for a rating after the end."""
    if job.inputs.get("await"):
        raise ValueError("A procedure in the same case is awaited with a call activity, not procedure.start")
    from_case = cases.of(ctx, job)
    about = _about(ctx, from_case) if from_case else {}
    known = cases.known(
        ctx, order_number=about.get("order_number"), customer_number=about.get("customer_number")
    )
    given = {**known, **dict(job.inputs.get("variables") or {})}
    instances.start(
        ctx.as_system(),
        str(job.inputs["processId"]),
        {**given, "caseNumber": job.business_key, "initiator": SYSTEM.key},
        business_key=job.business_key,
    )
    return {"linkedCase": job.business_key}


def _open(ctx: Context, job: Job) -> AftersalesCase:
    from_case = cases.of(ctx, job)
    given = dict(job.inputs.get("variables") or {})
    numbers: dict[str, str | None] = {}
    if from_case is not None:
        given = {name: getattr(from_case, name) for name in _INHERITED if getattr(from_case, name)} | given
        numbers = _about(ctx, from_case)
    given.setdefault("startedByCase", job.business_key)
    opened = cases.open_case(
        ctx.as_system(),
        str(job.inputs["processId"]),
        given,
        order_number=None if given.get("orderNumber") else numbers.get("order_number"),
        customer_number=numbers.get("customer_number"),
        serial_number=given.get("serialNumber") or numbers.get("serial_number"),
        idempotency_key=job.idempotency_key,
    )
    if from_case is not None:
        cases.link(ctx, from_case.id, opened.id, "started")
    return opened


def _about(ctx: Context, case: AftersalesCase) -> dict[str, str | None]:
    """Numbers of what a case is about."""
    row = ctx.session.execute(
        select(Customer.number, CustomerOrder.number, SerialNumber.number)
        .select_from(AftersalesCase)
        .outerjoin(Customer, Customer.id == AftersalesCase.customer_id)
        .outerjoin(CustomerOrder, CustomerOrder.id == AftersalesCase.order_id)
        .outerjoin(SerialNumber, SerialNumber.id == AftersalesCase.serial_number_id)
        .where(AftersalesCase.id == case.id)
    ).one()
    return dict(zip(("customer_number", "order_number", "serial_number"), row, strict=True))


def _result(ctx: Context, case: AftersalesCase) -> dict[str, Any]:
    variables = ctx.session.scalar(
        select(ProcessInstance.variables).where(ProcessInstance.id == case.process_instance_id)
    )
    own = (variables or {}).get("result")
    return {
        **(own if isinstance(own, dict) else {}),
        "outcome": case.outcome,
        "state": case.state,
        "refunded": number(case.refunded),
    }
