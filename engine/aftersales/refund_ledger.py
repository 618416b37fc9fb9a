"""The refund ledger: a refund is entered once for one key, and only if the database lets it (see `tables.ddl`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.aftersales import cases, numbers, orders
from engine.aftersales.money import ZERO, cents, number
from engine.aftersales.tables import CustomerOrder, OrderLine, Payment, Refund, RefundLine
from engine.runtime.context import Context
from engine.runtime.history import Recorded
from engine.runtime.jobs import BpmnError, Job
from engine.runtime.refusals import NotFound
from engine.store.tables import Job as JobRow
from engine.store.tables import ProcessInstance

PAY = "refund.pay"


class PaymentAccountClosed(Exception):
    """The account the buyer paid from takes no refunds: finance has to find another way, then retry."""


def pay(ctx: Context, job: Job) -> dict[str, Any]:
    """`refund.pay`: enter the refund in the ledger; the same key pays once.

    orderNumber, refund (as computed), reason -> payment. Throws REFUND_REFUSED when the ledger's constraints say no.
    Raises `PaymentAccountClosed` (an incident for finance).
    """
    if (done := _by_key(ctx, job.idempotency_key)) is not None:
        return _variable(ctx, done)
    try:
        order = orders.by_number(ctx, str(job.inputs.get("orderNumber") or ""))
    except NotFound as refusal:
        raise BpmnError("REFUND_REFUSED", str(refusal)) from refusal
    payment = _payment_of(ctx, order)
    if payment is None:
        raise BpmnError("REFUND_REFUSED", f"Nothing was paid for order {order.number}")
    if not payment.accepts_refunds:
        raise PaymentAccountClosed(f"Payment {payment.number} ({payment.method}) takes no refunds any more")
    try:
        with ctx.session.begin_nested():
            refund = _enter(
                ctx, order, payment, job.inputs, case_number=job.business_key, key=job.idempotency_key
            )
    except IntegrityError as error:
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or "unknown"
        raise BpmnError("REFUND_REFUSED", f"The refund ledger refused it: {constraint}") from error
    return _variable(ctx, refund)


def paid_elsewhere(ctx: Context, instance: ProcessInstance, event: Recorded) -> None:
    """Listener: a refund that the company's own system paid (setting integrations) is entered in the ledger too.

    So the next refund of the same order knows of it. What the ledger cannot hold fails the job: an incident says that
    the other system paid more than was paid for.
    """
    if event.payload["service"] != PAY:
        return
    row = ctx.session.execute(
        select(JobRow.idempotency_key, JobRow.inputs).where(
            JobRow.instance_id == instance.id, JobRow.activity_id == event.activity_id
        )
    ).one()
    if _by_key(ctx, row.idempotency_key) is not None:
        return
    order = orders.by_number(ctx, str(row.inputs.get("orderNumber") or ""))
    payment = _payment_of(ctx, order)
    if payment is None:
        raise NotFound(what="payment of order", id=order.number)
    _enter(ctx, order, payment, row.inputs, case_number=instance.business_key, key=row.idempotency_key)


def _by_key(ctx: Context, key: str) -> Refund | None:
    return ctx.session.scalar(select(Refund).where(Refund.idempotency_key == key))


def _payment_of(ctx: Context, order: CustomerOrder) -> Payment | None:
    """The payment the money goes back to: the latest of the order."""
    return ctx.session.scalar(
        select(Payment)
        .where(Payment.order_id == order.id)
        .order_by(Payment.paid_at.desc(), Payment.id.desc())
    )


def _enter(
    ctx: Context,
    order: CustomerOrder,
    payment: Payment,
    inputs: Mapping[str, Any],
    *,
    case_number: str,
    key: str,
) -> Refund:
    """Write the ledger. Raises `IntegrityError` when the database refuses it, `BpmnError` for a line that is not there."""
    wanted = inputs["refund"]
    line_ids = dict(
        ctx.session.execute(select(OrderLine.line, OrderLine.id).where(OrderLine.order_id == order.id)).all()
    )
    if unknown := [item["line"] for item in wanted["lines"] if item["line"] not in line_ids]:
        raise BpmnError("REFUND_REFUSED", f"Order {order.number} has no line {unknown[0]}")
    case = cases.by_number(ctx, case_number)
    goods = sum((cents(item["amount"]) for item in wanted["lines"]), ZERO)
    shipping = cents(wanted.get("shipping"))
    deducted = sum((cents(item["amount"]) for item in wanted.get("deductions") or []), ZERO)
    refund = ctx.session.scalars(
        insert(Refund).returning(Refund),
        [
            {
                "number": numbers.following(ctx, "refund"),
                "order_id": order.id,
                "case_id": case.id if case else None,
                "goods": goods,
                "shipping": shipping,
                "deducted": deducted,
                "details": {"deductions": list(wanted.get("deductions") or [])},
                "extra": cents(wanted.get("extra")),
                "total": goods + shipping - deducted,
                "reason": str(inputs.get("reason") or ""),
                "payment_id": payment.id,
                "method": payment.method,
                "paid_at": ctx.now,
                "paid_by": ctx.actor.key,
                "idempotency_key": key,
            }
        ],
    ).one()
    rows = [
        {
            "refund_id": refund.id,
            "order_line_id": line_ids[item["line"]],
            "order_id": order.id,
            "quantity": item["quantity"],
            "amount": cents(item["amount"]),
        }
        for item in wanted["lines"]
    ]
    if rows:
        ctx.session.execute(insert(RefundLine), rows)
    _cancel_if_nothing_is_left(ctx, order)
    return refund


def _cancel_if_nothing_is_left(ctx: Context, order: CustomerOrder) -> None:
    """An order refunded whole before it was shipped must not be shipped any more."""
    left = select(OrderLine.id).where(
        OrderLine.order_id == order.id, OrderLine.refunded_quantity < OrderLine.quantity
    )
    ctx.session.execute(
        update(CustomerOrder)
        .where(CustomerOrder.id == order.id, CustomerOrder.state == "paid", ~left.exists())
        .values(state="cancelled", cancelled_at=ctx.now),
        execution_options={"synchronize_session": False},
    )


def _variable(ctx: Context, refund: Refund) -> dict[str, Any]:
    return {
        "payment": {
            "number": refund.number,
            "amount": number(refund.total),
            "paidAt": refund.paid_at.astimezone(ctx.organisation.tzinfo).isoformat(),
            "method": refund.method,
        }
    }
