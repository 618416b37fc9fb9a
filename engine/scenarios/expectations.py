"""What a scenario expects, compared with what is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.aftersales.tables import (
    AftersalesCase,
    Charge,
    CustomerMessage,
    CustomerOrder,
    OrderLine,
    Product,
    Refund,
    RefundLine,
    StockMovement,
)
from engine.runtime import verifying
from engine.scenarios.files import Expectation, Outcome
from engine.scenarios.stage import Mismatch, Stage
from engine.store.tables import HistoryEvent, Incident, ProcessInstance, UserTask


def check(stage: Stage, expected: Expectation) -> None:
    """Raise `Mismatch` naming everything that differs."""
    with stage.world.session() as session:
        differences = list(_differences(session, stage, expected))
        if isinstance(expected, Outcome):
            differences += _outcome(session, stage, expected)
    if differences:
        raise Mismatch("; ".join(differences))


def _differ(what: str, expected: Any, actual: Any) -> Iterator[str]:
    if expected is not None and expected != actual:
        yield f"{what}: expected {expected}, is {actual}"


def _case(session: Session, stage: Stage) -> AftersalesCase:
    return session.execute(
        select(AftersalesCase).where(AftersalesCase.number == stage.case_number)
    ).scalar_one()


def _differences(session: Session, stage: Stage, expected: Expectation) -> Iterator[str]:
    case = _case(session, stage)
    if expected.tasks is not None:
        yield from _differ("open user tasks", sorted(expected.tasks), stage.open_tasks())
    if expected.linked is not None:
        yield from _differ(
            "open user tasks of linked cases", sorted(expected.linked), stage.open_tasks(linked=True)
        )
    yield from _differ("state", expected.state, case.state)
    open_incidents = {
        row.element_id: row.message
        for row in session.execute(
            select(Incident.element_id, Incident.message).where(
                Incident.business_key == stage.case_number, Incident.resolved_at.is_(None)
            )
        )
    }
    if expected.incident in (None, "none") and open_incidents:
        yield f"incidents: {open_incidents}"
    elif expected.incident not in (None, "none") and expected.incident not in open_incidents:
        yield f"incident: expected on {expected.incident}, there are {sorted(open_incidents) or 'none'}"
    if expected.variables is not None:
        actual = session.execute(
            select(ProcessInstance.variables).where(ProcessInstance.id == case.process_instance_id)
        ).scalar_one()
        yield from _subset("variables", expected.variables, actual)
    if expected.messages is not None:
        sent = session.execute(
            select(func.count()).select_from(CustomerMessage).where(CustomerMessage.case_id == case.id)
        ).scalar_one()
        yield from _differ("messages to the customer", expected.messages, sent)
    for element, due in (expected.due or {}).items():
        actual_due = session.execute(
            select(UserTask.due_at).where(
                UserTask.business_key == stage.case_number,
                UserTask.element_id == element,
                UserTask.state == "created",
            )
        ).scalar()
        yield from _differ(f"due date of {element}", due, actual_due)


def _subset(where: str, expected: Any, actual: Any) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key, value in expected.items():
            yield from _subset(f"{where}.{key}", value, actual.get(key))
    elif expected != actual:
        yield f"{where}: expected {expected!r}, is {actual!r}"


def _outcome(session: Session, stage: Stage, expected: Outcome) -> Iterator[str]:
    case = _case(session, stage)
    yield from _differ("ended", expected.ended, case.closed_at is not None)
    past = _history(session, stage.case_number)
    if expected.ended_at is not None:
        ends = [expected.ended_at] if isinstance(expected.ended_at, str) else expected.ended_at
        for end in ends:
            if f"ElementCompleted:{end}" not in past:
                yield f"did not end at {end}"
    if expected.ledger is not None:
        actual = [
            {"line": line, "quantity": quantity, "amount": amount}
            for line, quantity, amount in session.execute(
                select(OrderLine.line, RefundLine.quantity, RefundLine.amount)
                .join(RefundLine, RefundLine.order_line_id == OrderLine.id)
                .join(Refund, Refund.id == RefundLine.refund_id)
                .where(Refund.case_id == case.id)
                .order_by(OrderLine.line, Refund.id)
            )
        ]
        yield from _differ("refund ledger", [line.model_dump() for line in expected.ledger], actual)
    if expected.shipping_refunded is not None:
        refunded = session.execute(
            select(CustomerOrder.shipping_refunded).where(CustomerOrder.id == case.order_id)
        ).scalar()
        yield from _differ("shipping refunded", expected.shipping_refunded, refunded)
    if expected.movements is not None:
        yield from _movements(session, case, expected)
    if expected.charges is not None:
        charges = session.execute(
            select(Charge.amount).where(Charge.case_id == case.id).order_by(Charge.id)
        ).scalars()
        yield from _differ("charges", expected.charges, list(charges))
    yield from _differ("compensation", expected.compensation, case.compensated)
    if expected.history is not None:
        remaining = iter(past)
        for wanted in expected.history:
            if not any(event == wanted for event in remaining):
                yield f"history: {wanted} did not happen (in this order)"
                break
    for broken in verifying.verify(session, case.process_instance_id):
        yield f"history does not verify: {broken.reason} at {broken.seq}"


def _history(session: Session, case_number: str) -> list[str]:
    query = (
        select(HistoryEvent.type, HistoryEvent.element_id)
        .where(HistoryEvent.business_key == case_number)
        .order_by(HistoryEvent.id)
    )
    return [f"{type_}:{element}" if element else type_ for type_, element in session.execute(query)]


def _movements(session: Session, case: AftersalesCase, expected: Outcome) -> Iterator[str]:
    assert expected.movements is not None
    rows = session.execute(
        select(StockMovement.type, Product.sku, StockMovement.quantity, StockMovement.direction)
        .join(Product, Product.id == StockMovement.product_id)
        .where(StockMovement.case_id == case.id)
        .order_by(StockMovement.id)
    )
    actual = [dict(zip(("type", "sku", "quantity", "direction"), row, strict=True)) for row in rows]
    wanted = [line.model_dump(exclude_none=True) for line in expected.movements]
    shown = [
        {key: row[key] for key in (wanted[index] if index < len(wanted) else row)}
        for index, row in enumerate(actual)
    ]
    yield from _differ("stock movements", wanted, shown)
