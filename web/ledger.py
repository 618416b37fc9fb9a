"""The after-sales ledger: every case in one list, each person's columns and filters, out as CSV or XLSX."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from engine.aftersales import preferences
from engine.runtime.context import Context
from web import columns, exports, lists, masking
from web.i18n import mark
from web.labels import Labels
from web.lists import Column
from web.queries import ledger as rows
from web.render import own_path, redirect, render
from web.screen import Command, Reader, Screen
from web.security import Form

router = Screen(prefix="/cases")

LIST = "ledger"
COLUMNS = (
    Column(key="number", label=mark("Case"), sortable=True),
    Column(key="order", label=mark("Order"), sortable=True),
    Column(key="shop", label=mark("Shop"), sortable=True),
    Column(key="type", label=mark("Type"), sortable=True),
    Column(key="amount", label=mark("Amount"), sortable=True, numeric=True),
    Column(key="applied", label=mark("Applied"), sortable=True),
    Column(key="reviewed", label=mark("Reviewed"), sortable=True),
    Column(key="ordered", label=mark("Ordered"), sortable=True),
    Column(key="state", label=mark("State"), sortable=True),
    Column(key="customer", label=mark("Customer"), sortable=True),
    Column(key="phone", label=mark("Phone number")),
    Column(key="channel", label=mark("Reached us by"), sortable=True),
    Column(key="urgency", label=mark("Urgency"), sortable=True),
    Column(key="category", label=mark("Category")),
    Column(key="reason", label=mark("Reason")),
    Column(key="problem", label=mark("Problem"), css="long"),
    Column(key="refunded", label=mark("Paid back"), sortable=True, numeric=True),
    Column(key="compensated", label=mark("Compensated"), numeric=True),
    Column(key="due", label=mark("Due"), sortable=True),
    Column(key="closed", label=mark("Closed at"), sortable=True),
    Column(key="opened_by", label=mark("Registered by")),
)
STANDARD = ("number", "order", "shop", "type", "amount", "applied", "reviewed", "ordered", "state")
#: Filters behind "More filters".
_MORE = (
    *("channel", "urgency", "category", "reason", "tier", "least", "most", "applied_from", "applied_to"),
    *("reviewed_from", "reviewed_to", "ordered_from", "ordered_to", "closed_from", "closed_to"),
)


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """The ledger; htmx gets the list alone."""
    query = request.query_params
    chosen, sort = _chosen(query)
    labels = Labels(ctx)
    return render(
        request,
        "ledger/index.html",
        block="list",
        page=rows.page(ctx, chosen, sort, after=query.get("after")),
        chosen=chosen,
        more=chosen.chosen(*_MORE),
        sort=sort,
        address=lists.address(request),
        shown=columns.shown(ctx, LIST, COLUMNS, STANDARD),
        saved=preferences.filters(ctx, LIST),
        labels=labels,
        shops=rows.shops(ctx),
        reasons=rows.reasons(ctx),
        shop_of=lambda row: rows.shop_of(ctx, row),
        reason_of=lambda row: rows.reason_of(ctx, row),
    )


def _chosen(query: Mapping[str, str]) -> tuple[rows.Filter, lists.Sort]:
    return rows.Filter.read(query), lists.Sort.read(query.get("sort"), tuple(rows.SORTS), "-applied")


@router.get(".{file_format}")
def export(request: Request, ctx: Command, visitor: Reader, file_format: str) -> Response:
    """The filtered list as a file, with the columns shown."""
    exports.check(file_format)
    chosen, sort = _chosen(request.query_params)
    shown = columns.shown(ctx, LIST, COLUMNS, STANDARD)
    values = _values(ctx)
    fields = [exports.Field(label=column.label, value=values[column.key]) for column in shown.columns]
    return exports.answer(request, visitor, file_format, "cases", fields, rows.whole(ctx, chosen, sort))


def _values(ctx: Context) -> dict[str, Callable[[Any], Any]]:
    """Column key -> its value for a file."""
    labels, hidden = Labels(ctx), masking.hidden(ctx)
    return {
        "number": lambda row: row.number,
        "order": lambda row: row.order_number,
        "shop": lambda row: rows.shop_of(ctx, row),
        "type": lambda row: labels.procedure(row.process_key),
        "amount": lambda row: row.amount,
        "applied": lambda row: row.applied_at,
        "reviewed": lambda row: row.reviewed_at,
        "ordered": lambda row: row.ordered_at,
        "state": lambda row: labels.state(row.process_key, row.state),
        "customer": lambda row: masking.shown(row.customer, "name", hidden),
        "phone": lambda row: masking.shown(row.phone, "phone", hidden),
        "channel": lambda row: labels.option("channel", row.channel),
        "urgency": lambda row: labels.option("urgency", row.urgency),
        "category": lambda row: labels.option("category", row.category),
        "reason": lambda row: rows.reason_of(ctx, row) or labels.word(row.reason),
        "problem": lambda row: row.summary,
        "refunded": lambda row: row.refunded or None,
        "compensated": lambda row: row.compensated or None,
        "due": lambda row: row.due_at,
        "closed": lambda row: row.closed_at,
        "opened_by": lambda row: row.opened_by,
    }


@router.post("/columns")
def keep_columns(request: Request, ctx: Command, fields: Form) -> Response:
    """Keep which columns are shown, in which order, and how many stay in place."""
    columns.keep(ctx, LIST, COLUMNS, fields)
    return redirect(request, _back(fields))


def _back(fields: Form) -> str:
    back = str(fields.get("back", ""))
    return back if own_path(back) and back.startswith("/cases") else "/cases"
