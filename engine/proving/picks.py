"""What is run: the cancellations that match a purchase, and order lines picked by a fixed rule, with people's answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from engine.proving.export import Export, Row

REFUND_ONLY, RETURN, EXCHANGE = "refund_only", "return_and_refund", "exchange"
PROCEDURES = (REFUND_ONLY, RETURN, EXCHANGE)


@dataclass(frozen=True, kw_only=True)
class Pick:
    """One order line that somebody wants refunded, returned or exchanged, and how everybody will answer."""

    procedure: str
    sale: Row
    quantity: int
    #: When the buyer asks.
    at: datetime
    #: The line of the export that cancels it; None for a line picked by the rule.
    cancellation: Row | None
    #: The parcel has reached the buyer when they ask.
    received: bool
    #: Return reason key.
    reason: str
    review_refused: bool
    service_fee: Decimal
    finance_sends_back: bool
    never_sent: bool
    inspection_failed: bool
    sent_back: bool
    #: Deducted when the inspection failed and the goods are kept.
    inspection_deduction: Decimal
    invoice_kept: bool
    replacement_wrong: bool
    receipt_silent: bool
    #: None: the buyer does not answer.
    rating: int | None

    @property
    def goods(self) -> Decimal:
        """Price of the pieces."""
        return self.sale.price * self.quantity


@dataclass(frozen=True, kw_only=True)
class Unmatched:
    """A cancellation that is not paid, and why."""

    row: Row
    reason: str


def cancellations(export: Export, rules: Mapping[str, Any]) -> tuple[list[Pick], list[Unmatched]]:
    """Cancellations with the purchase they undo, whole or in part, and the others.

    It is an earlier purchase of the same product by the same customer, of as many pieces or more than are still left of
    one; the very quantity goes before more, the latest before earlier ones.
    """
    picks, unmatched = [], []
    left = {sale.at_line: sale.quantity for lines in export.sales.values() for sale in lines}
    for row in export.cancellations:
        pieces = -row.quantity
        found = [
            sale for sale in _bought(export, row) if sale.at < row.at and left[sale.at_line] >= pieces > 0
        ]
        if found:
            sale = max(found, key=lambda sale: (sale.quantity == pieces, sale.at, sale.at_line))
            left[sale.at_line] -= pieces
            picks.append(_cancelled(sale, row, rules))
        else:
            unmatched.append(Unmatched(row=row, reason=_why_not(export, row)))
    return picks, unmatched


def _bought(export: Export, row: Row) -> Iterator[Row]:
    """Sales of that product to that customer, in the order of the file."""
    for lines in export.sales.values():
        for sale in lines:
            if row.customer and (sale.customer, sale.sku) == (row.customer, row.sku):
                yield sale


def _why_not(export: Export, row: Row) -> str:
    if not row.customer:
        return "no customer to match"
    bought = list(_bought(export, row))
    if any(sale.at < row.at for sale in bought):
        return "fewer were bought than are cancelled"
    if bought:
        return "bought only afterwards"
    if any(lines[0].customer == row.customer for lines in export.sales.values()):
        return "the customer did not buy this product in the file"
    return "the customer bought nothing in the file"


def _cancelled(sale: Row, row: Row, rules: Mapping[str, Any]) -> Pick:
    """On the day of the order nothing was shipped yet: refund only. Later: return and refund, all in order."""
    same_day = row.at - sale.at < timedelta(hours=rules["hours"]["shipped"])
    return Pick(
        procedure=REFUND_ONLY if same_day else RETURN,
        sale=sale,
        quantity=-row.quantity,
        at=row.at,
        cancellation=row,
        received=not same_day and row.at - sale.at >= timedelta(hours=rules["hours"]["received"]),
        reason="ordered_twice" if same_day else "no_reason",
        review_refused=False,
        service_fee=Decimal(0),
        finance_sends_back=False,
        never_sent=False,
        inspection_failed=False,
        sent_back=False,
        inspection_deduction=Decimal(0),
        invoice_kept=False,
        replacement_wrong=False,
        receipt_silent=False,
        rating=None,
    )


def picked(export: Export, rules: Mapping[str, Any], *, but: set[str], each: int) -> list[Pick]:
    """One line of each order, in the order of the file, the procedures in turn, until each has had its number.

    Of an order's lines with a price the middle one. `but`: orders that cancellations take. The answers follow from the
    seed, invoice and line alone.
    """
    picks: list[Pick] = []
    for invoice, lines in export.sales.items():
        priced = [sale for sale in lines if sale.price > 0]
        if invoice in but or not priced:
            continue
        if len(picks) == each * len(PROCEDURES):
            break
        picks.append(_pick(priced[len(priced) // 2], PROCEDURES[len(picks) % len(PROCEDURES)], rules))
    return picks


def _pick(sale: Row, procedure: str, rules: Mapping[str, Any]) -> Pick:
    random = Random(f"{rules['seed']} {sale.invoice} {sale.line}")
    shares, hours = rules["shares"], rules["hours"]

    def chance(name: str) -> bool:
        return random.random() < shares[name]

    quantity = random.randint(1, sale.quantity) if chance("fewer_pieces") else sale.quantity
    goods = sale.price * quantity
    received = not chance("on_its_way")
    after = hours["cancelled"] if procedure == REFUND_ONLY else hours["asked" if received else "shipped"] + 2
    return Pick(
        procedure=procedure,
        sale=sale,
        quantity=quantity,
        at=sale.at + timedelta(hours=after),
        cancellation=None,
        received=received,
        reason="changed_mind"
        if procedure == REFUND_ONLY
        else "quality"
        if chance("quality")
        else "no_reason",
        review_refused=chance("review_refused"),
        service_fee=_part(goods, random) if chance("service_fee") else Decimal(0),
        finance_sends_back=chance("finance_sends_back"),
        never_sent=chance("never_sent"),
        inspection_failed=chance("inspection_failed"),
        sent_back=chance("sent_back"),
        inspection_deduction=_part(goods, random),
        invoice_kept=chance("invoice_kept"),
        replacement_wrong=chance("replacement_wrong"),
        receipt_silent=chance("receipt_silent"),
        rating=random.randint(1, 5) if chance("rated") else None,
    )


def _part(goods: Decimal, random: Random) -> Decimal:
    """A tenth to a third of the price, to the cent."""
    return (goods * Decimal(random.randint(10, 33)) / 100).quantize(Decimal("0.01"))
