"""The reckoning: what the ledger must hold, from the export and the answers alone. It knows nothing of the engine.

Source of the rules: the documented procedures 2 (refund only), 3 (return and refund) and 4 (exchange).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from engine.proving.picks import EXCHANGE, REFUND_ONLY, Pick

_CENT = Decimal("0.01")


@dataclass(frozen=True, order=True, kw_only=True)
class Paid:
    """One refunded order line."""

    order: str
    line: int
    quantity: int
    #: For the goods, before deductions.
    amount: Decimal
    deducted: Decimal

    @property
    def total(self) -> Decimal:
        """What the buyer got."""
        return self.amount - self.deducted


#: A step people answered, and with what.
Answered = tuple[str, Mapping[str, Any]]


def expected(picks: Iterable[tuple[Pick, Sequence[Answered]]], rules: Mapping[str, Any]) -> list[Paid]:
    """What must have been paid, sorted."""
    return sorted(paid for pick, answers in picks if (paid := _paid(pick, answers, rules)) is not None)


def _paid(pick: Pick, answers: Sequence[Answered], rules: Mapping[str, Any]) -> Paid | None:
    last = dict(answers)
    refused = last.get("review_application", {}).get("decision") == "refuse"
    if pick.procedure == EXCHANGE or refused:
        return None
    deducted = Decimal(0)
    if pick.procedure != REFUND_ONLY:
        fee = Decimal(str(last["review_application"].get("serviceFee", 0)))
        if pick.goods - fee <= Decimal(str(rules["paid_at_once_up_to"])):
            deducted = fee
        else:
            inspection = last.get("inspect")
            if inspection is None or last.get("decide_failed", {}).get("decision") == "send_back":
                return None
            deducted = fee + Decimal(str(last.get("decide_failed", {}).get("inspectionDeduction", 0)))
            if not inspection["inspection"]["invoiceReturned"]:
                tax = pick.goods * Decimal(str(rules["invoice_tax"]))
                deducted += tax.quantize(_CENT, ROUND_HALF_EVEN)
    return Paid(
        order=pick.sale.invoice,
        line=pick.sale.line,
        quantity=pick.quantity,
        amount=pick.goods,
        deducted=min(deducted, pick.goods),
    )
