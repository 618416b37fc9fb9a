"""Notices: what procedures tell the person and their roles, and who mentions them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from engine.aftersales import staff_notices
from web import formats, lists, mentions
from web.i18n import mark, words
from web.lists import Column
from web.queries import notices as rows
from web.queries import procedures
from web.render import Answer, changed, redirect, render
from web.screen import Command, Reader, Screen

router = Screen(prefix="/notices")

COLUMNS = (
    Column(key="what", label=mark("Notice"), css="clip"),
    Column(key="case", label=mark("Case")),
    Column(key="customer", label=mark("Customer")),
    Column(key="at", label=mark("When")),
)

#: What the product itself tells, by code.
SENTENCES = {
    "draft_submitted": mark("{by} asks to deploy a draft of {process}: {note}"),
    "draft_returned": mark("{by} returned the draft of {process}: {remark}"),
    "draft_approved": mark("{by} approved the draft of {process}: version {version} is live"),
    "draft_approved_from": mark("{by} approved the draft of {process}: version {version} begins {at}"),
}


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """The notices, those not read first; htmx gets the list alone."""
    listed = rows.rows(ctx, after=request.query_params.get("after"))
    of_product = any(row.code for row in listed.rows)
    language, names = ctx.actor.language, dict(procedures.options(ctx)) if of_product else {}
    return render(
        request,
        "notices/index.html",
        block="list",
        columns=COLUMNS,
        page=listed,
        address=lists.address(request),
        text_of=lambda row: _text(row, language, names),
        note_of=mentions.plain,
    )


def _text(row: Any, language: str, names: Mapping[str, str]) -> str:
    """What a notice says; `names` are those of procedures."""
    if row.code is None:
        return row.texts.get(language) or row.texts.get(staff_notices.SOURCE_LANGUAGE, "")
    said = dict(row.params)
    said["process"] = names.get(said["process"], said["process"])
    if "at" in said:
        said["at"] = formats.moment(said["at"])
    return words(language).gettext(SENTENCES[row.code]).format_map(said)


@router.get("/{notice_id}")
def open_notice(request: Request, ctx: Command, notice_id: int) -> Response:
    """On to what it is about; the notice counts as read. A link, so that it opens in a tab of its own like any other."""
    return redirect(request, staff_notices.mark_read(ctx, notice_id) or "/notices")


@router.post("/read")
def read_all(request: Request, ctx: Command, visitor: Reader) -> Response:
    """All are read."""
    n = staff_notices.mark_all_read(ctx)
    text = words(visitor.language).ngettext("%(num)s notice is read.", "%(num)s notices are read.", n)
    return changed(request, "/notices", Answer(text=text % {"num": n}))
