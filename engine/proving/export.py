"""The export of a real shop as it is, read without the import: what the reckoning is made from."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

#: Where the shop is: its times are meant there.
_ZONE = ZoneInfo("Europe/London")
_COLUMNS = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID")


class BadExport(Exception):
    """The file is not an export of this form; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the export."""

    #: Line of the file, the header being 1.
    at_line: int
    invoice: str
    sku: str
    quantity: int
    price: Decimal
    #: Empty for sales over the counter.
    customer: str
    at: datetime
    #: Position among the lines of its order, from 1; 0 for what is no sale.
    line: int


@dataclass(frozen=True, kw_only=True)
class Export:
    """All lines: sales by order, and cancellations."""

    sales: dict[str, list[Row]]
    cancellations: list[Row]


def read(path: Path) -> Export:
    """Read the export. Raises `BadExport`."""
    sales: dict[str, list[Row]] = defaultdict(list)
    cancellations = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, delimiter=";")
            missing = sorted(set(_COLUMNS) - {name.strip() for name in rows.fieldnames or []})
            if missing:
                raise BadExport(f"{path.name} has no column {', '.join(missing)}.")
            for raw in rows:
                row = _row(raw, rows.line_num, sales)
                if row.invoice.startswith("C"):
                    cancellations.append(row)
                elif row.quantity > 0:
                    sales[row.invoice].append(row)
    except OSError as error:
        raise BadExport(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, ValueError, ArithmeticError) as error:
        raise BadExport(f"{path.name} is not an export of this form: {error}.") from error
    return Export(sales=dict(sales), cancellations=cancellations)


def _row(raw: dict[str, str], at_line: int, sales: dict[str, list[Row]]) -> Row:
    invoice = raw["InvoiceNo"].strip()
    quantity = int(raw["Quantity"])
    is_sale = quantity > 0 and not invoice.startswith("C")
    return Row(
        at_line=at_line,
        invoice=invoice,
        sku=" ".join(raw["StockCode"].split()),
        quantity=quantity,
        price=Decimal(raw["UnitPrice"].replace(",", ".")),
        customer=raw["CustomerID"].strip(),
        at=datetime.strptime(raw["InvoiceDate"].strip(), "%d/%m/%Y %H:%M").replace(tzinfo=_ZONE),
        line=len(sales[invoice]) + 1 if is_sale else 0,
    )
