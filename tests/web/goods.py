"""Builders for pages of records: a shop with goods, an order, a case about it, money paid back on it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select

from engine.aftersales import cases, reference
from engine.aftersales.tables import AftersalesCase, CustomerOrder, OrderLine, Payment, Refund, RefundLine
from engine.scenarios import given
from tests.web.conftest import Office

ORDER = {
    "number": "SO-1",
    "state": "received",
    "shippingFee": 10,
    "lines": [{"sku": "CHAIR-01", "quantity": 2, "unitPrice": 100}, {"sku": "TABLE-01", "unitPrice": 300}],
}


def furnish(office: Office, *, customer: dict[str, Any] | None = None, **more: Any) -> None:
    """Shops, warehouses and reasons; customer C-1 with order SO-1 of two chairs (200.00) and a table (300.00)."""
    with office.app.commands.begin() as ctx:
        reference.load(ctx, reference.read(ctx.engine.settings.reference_file))
        world = {"customer": customer or {}, "order": ORDER, "stock": {"CHAIR-01": 5}, **more}
        given.create(ctx.session, world, now=ctx.now)


def case(office: Office, by: str = "zhou.min", quantity: int = 2, **variables: Any) -> str:
    """A case about chairs of SO-1; its number."""
    asked = {
        "wish": "money back",
        "channel": "phone",
        "urgency": "urgent",
        "request": {
            "lines": [{"line": 1, "quantity": quantity}],
            "reason": "quality",
            "remark": "It wobbles.",
        },
        **variables,
    }
    opened = office.do(by, cases.open_case, "request", asked, order_number="SO-1", start_event="asked")
    return opened.number


def pay_back(office: Office, case_number: str, amount: str = "100.00", pieces: int = 1) -> None:
    """Enter a refund of chairs in the ledger for a case."""
    with office.app.commands.begin() as ctx:
        order = ctx.session.execute(select(CustomerOrder).where(CustomerOrder.number == "SO-1")).scalar_one()
        line = ctx.session.execute(
            select(OrderLine).where(OrderLine.order_id == order.id, OrderLine.line == 1)
        ).scalar_one()
        payment = ctx.session.execute(select(Payment).where(Payment.order_id == order.id)).scalar_one()
        found = ctx.session.execute(
            select(AftersalesCase).where(AftersalesCase.number == case_number)
        ).scalar_one()
        refund_id = ctx.session.execute(
            insert(Refund).returning(Refund.id),
            [
                {
                    "number": f"RF-{case_number}",
                    "order_id": order.id,
                    "case_id": found.id,
                    "goods": Decimal(amount),
                    "total": Decimal(amount),
                    "payment_id": payment.id,
                    "method": payment.method,
                    "paid_at": ctx.now,
                    "paid_by": "system",
                    "idempotency_key": case_number,
                }
            ],
        ).scalar_one()
        ctx.session.execute(
            insert(RefundLine),
            [
                {
                    "refund_id": refund_id,
                    "order_line_id": line.id,
                    "order_id": order.id,
                    "quantity": pieces,
                    "amount": Decimal(amount),
                }
            ],
        )
