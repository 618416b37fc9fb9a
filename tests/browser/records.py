"""What the database holds in the end: a story's pages may not lie about it."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select

from engine.aftersales.tables import (
    AftersalesCase,
    OrderLine,
    Product,
    Refund,
    RefundLine,
    RepairVisit,
    StockMovement,
)
from engine.runtime import verifying
from engine.store.tables import Incident, ProcessInstance, UserTask
from tests.browser.site import Site


def case(site: Site, number: str) -> AftersalesCase:
    """The case of that number."""
    with site.app.database.begin() as session:
        return session.execute(select(AftersalesCase).where(AftersalesCase.number == number)).scalar_one()


def is_closed(site: Site, number: str, state: str) -> None:
    """The case ended in `state`: nothing of it runs, waits or failed, and no history was touched."""
    found = case(site, number)
    assert (found.state, found.closed_at is not None) == (state, True)
    with site.app.database.begin() as session:
        running = select(ProcessInstance.process_key).where(
            ProcessInstance.business_key == number, ProcessInstance.state == "active"
        )
        assert list(session.execute(running).scalars()) == []
        assert _open_steps(session, number) == []
        assert list(session.execute(select(Incident.message)).scalars()) == []
        assert list(verifying.verify(session)) == []


def open_steps(site: Site, number: str) -> list[str]:
    """Names of the open steps of a case, in the order they came."""
    with site.app.database.begin() as session:
        return _open_steps(session, number)


def _open_steps(session, number: str) -> list[str]:  # type: ignore[no-untyped-def]
    query = select(UserTask.name).where(UserTask.business_key == number, UserTask.state == "created")
    return list(session.execute(query.order_by(UserTask.id)).scalars())


def step_id(site: Site, number: str, name: str) -> int:
    """The id of an open step: the end of its address."""
    with site.app.database.begin() as session:
        query = select(UserTask.id).where(
            UserTask.business_key == number, UserTask.name == name, UserTask.state == "created"
        )
        return session.execute(query).scalar_one()


def ledger(site: Site, number: str) -> list[tuple[int, int, Decimal]]:
    """Order line, quantity and amount of every refund a case paid."""
    with site.app.database.begin() as session:
        query = (
            select(OrderLine.line, RefundLine.quantity, RefundLine.amount)
            .join(RefundLine, RefundLine.order_line_id == OrderLine.id)
            .join(Refund, Refund.id == RefundLine.refund_id)
            .join(AftersalesCase, AftersalesCase.id == Refund.case_id)
            .where(AftersalesCase.number == number)
            .order_by(Refund.id, OrderLine.line)
        )
        return [tuple(row) for row in session.execute(query)]  # type: ignore[misc]


def paid_back(site: Site, number: str) -> list[Decimal]:
    """What a case paid to the buyer, deductions off and shipping in, refund by refund."""
    with site.app.database.begin() as session:
        query = (
            select(Refund.total)
            .join(AftersalesCase, AftersalesCase.id == Refund.case_id)
            .where(AftersalesCase.number == number)
            .order_by(Refund.id)
        )
        return list(session.execute(query).scalars())


def visits(site: Site, number: str) -> list[tuple[str, str]]:
    """Who came and how it ended, visit by visit."""
    with site.app.database.begin() as session:
        query = (
            select(RepairVisit.technician, RepairVisit.result)
            .join(AftersalesCase, AftersalesCase.id == RepairVisit.case_id)
            .where(AftersalesCase.number == number)
            .order_by(RepairVisit.id)
        )
        return [tuple(row) for row in session.execute(query)]  # type: ignore[misc]


def movements(site: Site, number: str) -> list[tuple[str, str, str, int]]:
    """Direction, type, SKU and quantity of every stock movement of a case."""
    with site.app.database.begin() as session:
        query = (
            select(StockMovement.direction, StockMovement.type, Product.sku, StockMovement.quantity)
            .join(Product, Product.id == StockMovement.product_id)
            .join(AftersalesCase, AftersalesCase.id == StockMovement.case_id)
            .where(AftersalesCase.number == number)
            .order_by(StockMovement.id)
        )
        return [tuple(row) for row in session.execute(query)]  # type: ignore[misc]
