"""The finance list: only what was approved, amounts per line and in total, with the step to review."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from fastapi import Request
from fastapi.responses import Response

from web import exports, i18n, lists, masking
from web.exports import Field
from web.i18n import mark
from web.labels import Labels
from web.lists import Column
from web.queries import finance as rows
from web.render import render
from web.screen import Command, Reader, Screen

router = Screen(prefix="/finance")

COLUMNS = (
    Column(key="number", label=mark("Case"), sortable=True),
    Column(key="type", label=mark("Type")),
    Column(key="customer", label=mark("Customer")),
    Column(key="goods", label=mark("Goods"), css="clip"),
    Column(key="line", label=mark("Per line"), numeric=True),
    Column(key="deducted", label=mark("Deducted"), numeric=True),
    Column(key="amount", label=mark("Approved"), sortable=True, numeric=True),
    Column(key="paid", label=mark("Paid"), sortable=True, numeric=True),
    Column(key="state", label=mark("Payment")),
    Column(key="approved", label=mark("Approved at"), sortable=True),
)
PAYMENTS = {
    "incident": mark("stuck"),
    "review": mark("to review"),
    "waiting": mark("waiting"),
    "paid": mark("paid"),
    "closed": mark("closed unpaid"),
}


def _chosen(query: Mapping[str, str]) -> tuple[rows.Filter, lists.Sort]:
    return rows.Filter.read(query), lists.Sort.read(query.get("sort"), tuple(rows.SORTS), "-approved")


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """The list; htmx gets it alone."""
    query = request.query_params
    chosen, sort = _chosen(query)
    found = rows.page(ctx, chosen, sort, after=query.get("after"))
    return render(
        request,
        "finance/index.html",
        block="list",
        columns=COLUMNS,
        page=found,
        lines=rows.lines(ctx, found.rows),
        chosen=chosen,
        sort=sort,
        address=lists.address(request),
        labels=Labels(ctx),
        payments=PAYMENTS,
    )


@router.get(".{file_format}")
def export(request: Request, ctx: Command, visitor: Reader, file_format: str) -> Response:
    """The filtered list as a file."""
    exports.check(file_format)
    chosen, sort = _chosen(request.query_params)
    labels, gettext = Labels(ctx), i18n.words(visitor.language).gettext
    fields = (
        Field(label=mark("Case"), value=lambda row: row.number),
        Field(label=mark("Type"), value=lambda row: labels.procedure(row.process_key)),
        Field(label=mark("Order"), value=lambda row: row.order_number),
        Field(label=mark("Customer"), value=lambda row: masking.shown(row.customer, "name", visitor.hidden)),
        Field(label=mark("Asked"), value=lambda row: row.amount_asked),
        Field(label=mark("Deducted"), value=lambda row: row.deducted),
        Field(label=mark("Approved"), value=lambda row: row.approved),
        Field(label=mark("Paid"), value=lambda row: Decimal(row.refunded + row.compensated)),
        Field(label=mark("Payment"), value=lambda row: gettext(PAYMENTS[row.payment])),
        Field(label=mark("Approved at"), value=lambda row: row.approved_at),
    )
    return exports.answer(request, visitor, file_format, "finance", fields, rows.whole(ctx, chosen, sort))
