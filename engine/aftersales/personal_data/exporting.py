"""Exporting: everything that is held of one customer, as one ZIP that people and programs can read."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import IO, Any

import orjson
from sqlalchemy import select

from engine.aftersales import attachments, customers, dossier
from engine.aftersales.personal_data import erasing
from engine.aftersales.tables import (
    Attachment,
    CallLog,
    Customer,
    CustomerMessage,
    CustomerOrder,
    Note,
    OrderLine,
    Payment,
    Rating,
    SerialNumber,
)
from engine.runtime import history
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound
from engine.store.tables import HistoryEvent

#: Event of the organisation's history that tells of an export.
EVENT = "PersonalDataExported"
FORMAT = 1


def document(ctx: Context, number: str) -> dict[str, Any]:
    """Everything in JSON values: profile, orders, cases with their events, what was written and sent. Raises `NotFound`."""
    found = customers.by_number(ctx, number)
    what = erasing.held(ctx, found)
    orders = select(CustomerOrder.id).where(CustomerOrder.customer_id == found.id)
    return {
        "format": FORMAT,
        "at": ctx.now,
        "customer": _row(found),
        "orders": _rows(ctx, CustomerOrder, CustomerOrder.id.in_(orders)),
        "order_lines": _rows(ctx, OrderLine, OrderLine.order_id.in_(orders)),
        "payments": _rows(ctx, Payment, Payment.order_id.in_(orders)),
        "serial_numbers": _rows(ctx, SerialNumber, SerialNumber.customer_id == found.id),
        "messages": _rows(ctx, CustomerMessage, erasing.of(CustomerMessage, found)),
        "calls": _rows(ctx, CallLog, erasing.of(CallLog, found)),
        "ratings": _rows(ctx, Rating, erasing.of(Rating, found)),
        "notes": _rows(ctx, Note, Note.case_id.in_(erasing.ids(found))),
        "attachments": _rows(ctx, Attachment, Attachment.case_id.in_(erasing.ids(found))),
        "cases": [
            {"number": each, "records": dossier.read(ctx, each), "events": _events(ctx, each)}
            for each in what.cases
        ],
        "archived_cases": list(what.archived),
    }


def write(ctx: Context, number: str, file: IO[bytes], pages: Mapping[str, bytes]) -> None:
    """Write the ZIP: `customer.json`, the files, the pages to read; noted in the organisation's history."""
    found = customers.by_number(ctx, number)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("customer.json", _json(document(ctx, number)))
        for name, content in pages.items():
            packed.writestr(name, content)
        for each in ctx.session.scalars(
            select(Attachment).where(Attachment.case_id.in_(erasing.ids(found))).order_by(Attachment.id)
        ):
            with suppress(NotFound), attachments.content(ctx, each) as content:
                packed.writestr(f"attachments/{each.id}-{each.name}", content.read())
    history.record_organisation(ctx, EVENT, customer=number)


def _json(value: Any) -> bytes:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _rows(ctx: Context, table: Any, where: Any) -> Sequence[dict[str, Any]]:
    return [_row(row) for row in ctx.session.scalars(select(table).where(where).order_by(table.id))]


def _row(row: Customer | Any) -> dict[str, Any]:
    return {
        column.key: getattr(row, column.key)
        for column in row.__table__.columns
        if column.key != "idempotency_key"
    }


def _events(ctx: Context, case: str) -> list[dict[str, Any]]:
    """What happened, with everything that was recorded of it but from where our people did it."""
    return [
        {
            "history": row.stream,
            "event": row.seq,
            "at": row.at,
            "type": row.type,
            "by": row.actor,
            "element": row.element_id,
            "contents": {name: value for name, value in orjson.loads(row.payload).items() if name != "from"},
        }
        for row in ctx.session.scalars(
            select(HistoryEvent).where(HistoryEvent.business_key == case).order_by(HistoryEvent.id)
        )
    ]
