"""Customers: the list, and each one's file: profile, purchases, cases, revisits, messages."""

from __future__ import annotations

import isodate
from fastapi import Request
from fastapi.responses import Response

from web import lists
from web.i18n import mark, ngettext
from web.labels import Labels
from web.lists import Column
from web.queries import customers as rows
from web.render import render
from web.screen import Command, Screen

router = Screen(prefix="/customers")

COLUMNS = (
    Column(key="name", label=mark("Customer"), sortable=True),
    Column(key="number", label=mark("Number"), sortable=True),
    Column(key="phone", label=mark("Phone number")),
    Column(key="place", label=mark("Place")),
    Column(key="orders", label=mark("Orders"), numeric=True),
    Column(key="cases", label=mark("Cases"), numeric=True),
    Column(key="open", label=mark("Open"), numeric=True),
)


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """Customers by name, or what a search found; htmx gets the list alone."""
    query = request.query_params
    chosen = rows.Filter.read(query)
    sort = lists.Sort.read(query.get("sort"), tuple(rows.SORTS), "name")
    return render(
        request,
        "customers/index.html",
        block="list",
        columns=COLUMNS,
        page=rows.page(ctx, chosen, sort, after=query.get("after")),
        chosen=chosen,
        sort=sort,
        address=lists.address(request),
    )


@router.get("/{number}")
def file(request: Request, ctx: Command, number: str) -> Response:
    """One customer's file."""
    return render(
        request,
        "customers/file.html",
        file=rows.file(ctx, number),
        labels=Labels(ctx),
        interval=_interval,
    )


def _interval(text: str) -> str:
    """An ISO 8601 duration by its largest part: "1 week", "3 months", "1 year"."""
    length = isodate.parse_duration(text, as_timedelta_if_possible=False)
    for n, one, many in (
        (int(length.years), "%(num)s year", "%(num)s years"),
        (int(length.months), "%(num)s month", "%(num)s months"),
    ):
        if n:
            return ngettext(one, many, n) % {"num": n}
    days = length.tdelta.days
    if days and days % 7 == 0:
        return ngettext("%(num)s week", "%(num)s weeks", days // 7) % {"num": days // 7}
    return ngettext("%(num)s day", "%(num)s days", days) % {"num": days}
