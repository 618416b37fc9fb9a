"""Notices: what procedures tell the person and their roles, and who mentions them."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from engine.aftersales import staff_notices
from web import lists, mentions
from web.i18n import mark, words
from web.lists import Column
from web.queries import notices as rows
from web.render import Answer, changed, redirect, render
from web.screen import Command, Reader, Screen

router = Screen(prefix="/notices")

COLUMNS = (
    Column(key="what", label=mark("Notice"), css="clip"),
    Column(key="case", label=mark("Case")),
    Column(key="customer", label=mark("Customer")),
    Column(key="at", label=mark("When")),
)


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """The notices, those not read first; htmx gets the list alone."""
    language = ctx.actor.language
    return render(
        request,
        "notices/index.html",
        block="list",
        columns=COLUMNS,
        page=rows.rows(ctx, after=request.query_params.get("after")),
        address=lists.address(request),
        text_of=lambda row: row.texts.get(language) or row.texts.get(staff_notices.SOURCE_LANGUAGE, ""),
        note_of=mentions.plain,
    )


@router.get("/{notice_id}")
def open_notice(request: Request, ctx: Command, notice_id: int) -> Response:
    """On to the case; the notice counts as read. A link, so that it opens in a tab of its own like any other."""
    case = staff_notices.mark_read(ctx, notice_id)
    return redirect(request, f"/cases/{case}" if case else "/notices")


@router.post("/read")
def read_all(request: Request, ctx: Command, visitor: Reader) -> Response:
    """All are read."""
    n = staff_notices.mark_all_read(ctx)
    text = words(visitor.language).ngettext("%(num)s notice is read.", "%(num)s notices are read.", n)
    return changed(request, "/notices", Answer(text=text % {"num": n}))
