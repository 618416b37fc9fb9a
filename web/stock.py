"""Stock: the journal of movements in and out, and the levels it adds up to."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import Row

from web import exports, i18n, lists
from web.exports import Field
from web.i18n import mark
from web.labels import Labels
from web.lists import Column
from web.queries import stock as rows
from web.render import render
from web.screen import Command, Reader, Screen

router = Screen(prefix="/stock")

COLUMNS = (
    Column(key="at", label=mark("When"), sortable=True),
    Column(key="direction", label=mark("Direction")),
    Column(key="type", label=mark("Type"), sortable=True),
    Column(key="goods", label=mark("Goods"), sortable=True, css="clip"),
    Column(key="quantity", label=mark("Pieces"), sortable=True, numeric=True),
    Column(key="warehouse", label=mark("Warehouse")),
    Column(key="who", label=mark("Who")),
    Column(key="case", label=mark("Case")),
)
LEVEL_COLUMNS = (
    Column(key="sku", label=mark("SKU")),
    Column(key="goods", label=mark("Goods"), css="clip"),
    Column(key="on_hand", label=mark("On hand"), numeric=True),
    Column(key="reserved", label=mark("Reserved"), numeric=True),
    Column(key="free", label=mark("Free"), numeric=True),
    Column(key="minimum", label=mark("Minimum"), numeric=True),
    Column(key="short", label=mark("Mark")),
)
DIRECTIONS = {"in": mark("in"), "out": mark("out")}


def _chosen(query: Mapping[str, str]) -> tuple[rows.Filter, lists.Sort]:
    return rows.Filter.read(query), lists.Sort.read(query.get("sort"), tuple(rows.SORTS), "-at")


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """Movements, newest first; htmx gets the list alone."""
    query = request.query_params
    chosen, sort = _chosen(query)
    labels = Labels(ctx)
    return render(
        request,
        "stock/movements.html",
        block="list",
        columns=COLUMNS,
        page=rows.page(ctx, chosen, sort, after=query.get("after")),
        chosen=chosen,
        sort=sort,
        address=lists.address(request),
        labels=labels,
        directions=DIRECTIONS,
        types=[(key, labels.word(key)) for key in rows.types(ctx)],
        people=rows.people(ctx),
        warehouses=rows.warehouses(ctx),
    )


@router.get("/levels")
def levels(request: Request, ctx: Command) -> Response:
    """What is there, with a mark where it is less than the minimum."""
    query = request.query_params
    chosen = rows.LevelFilter.read(query)
    return render(
        request,
        "stock/levels.html",
        block="list",
        columns=LEVEL_COLUMNS,
        page=rows.levels(ctx, chosen, after=query.get("after")),
        chosen=chosen,
        address=lists.address(request),
        warehouses=rows.warehouses(ctx),
    )


@router.get(".{file_format}")
def export(request: Request, ctx: Command, visitor: Reader, file_format: str) -> Response:
    """The filtered movements as a file."""
    exports.check(file_format)
    chosen, sort = _chosen(request.query_params)
    labels, gettext = Labels(ctx), i18n.words(visitor.language).gettext
    language = visitor.language
    fields = (
        Field(label=mark("Movement"), value=lambda row: row.number),
        Field(label=mark("When"), value=lambda row: row.at),
        Field(label=mark("Direction"), value=lambda row: gettext(DIRECTIONS[row.direction])),
        Field(label=mark("Type"), value=lambda row: labels.word(row.type)),
        Field(label=mark("SKU"), value=lambda row: row.sku),
        Field(label=mark("Goods"), value=lambda row: _named(language, row, "name")),
        Field(label=mark("Pieces"), value=lambda row: row.quantity),
        Field(label=mark("Serial numbers"), value=lambda row: ", ".join(row.serials)),
        Field(label=mark("Warehouse"), value=lambda row: _named(language, row, "warehouse")),
        Field(label=mark("Who"), value=lambda row: row.who),
        Field(label=mark("Signed by"), value=lambda row: row.signed_by),
        Field(label=mark("Case"), value=lambda row: row.case_number),
    )
    return exports.answer(request, visitor, file_format, "stock", fields, rows.whole(ctx, chosen, sort))


def _named(language: str, row: Row, column: str) -> str:
    return (getattr(row, f"{column}_zh") if language == "zh" else "") or getattr(row, column)
