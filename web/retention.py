"""Retention: what is due when, runs that archive and remove it, receipts, archives, and cases that are held."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import Request
from fastapi.responses import Response

from engine.aftersales.retention import archives, due, holds, runs
from engine.aftersales.retention.archives import Archive
from engine.runtime import receipts
from engine.runtime.context import Context
from engine.runtime.receipts import Document
from engine.runtime.refusals import NotFound
from engine.store.tables import Receipt
from web import downloads
from web.i18n import gettext, mark
from web.labels import Labels
from web.queries import retention as rows
from web.queries import step
from web.render import Answer, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form

router = Screen(prefix="/operate/retention")
log = structlog.get_logger(__name__)

HOME = "/operate/retention"
#: Due cases that are named before a run.
_NAMED = 50


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """What is due, what was done; htmx gets the run that goes on alone."""
    asked = rows.runs(ctx)
    return render(
        request,
        "operate/retention.html",
        block="run",
        shares=due.shares(ctx),
        rules=due.rules(ctx),
        due=due.cases(ctx, limit=_NAMED),
        runs=asked,
        run=asked[0] if asked else None,
        receipts=rows.receipts(ctx),
        held=rows.held(ctx),
        who=step.names(ctx, [each.asked_by for each in asked]),
        labels=Labels(ctx),
        said=_said,
    )


def _said(left: dict[str, Any]) -> str:
    """Why a case stayed, in the reader's language."""
    sentence: str = left["sentence"]
    return gettext(sentence).format(**left["params"])


@router.post("")
def begin(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """Archive and remove what is due."""
    asked = runs.ask(ctx, reason=str(fields.get("reason", "")))
    runs.leave_to_workers(ctx, asked.id)
    log.info("retention_asked", run=asked.id, actor=ctx.actor.key, cases=asked.total)
    return redirect(request, HOME, Answer(text=say(visitor, mark("The workers do it now."))))


@router.post("/holds")
def hold(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """Keep a case whatever its age."""
    number = str(fields.get("number", "")).strip()
    holds.place(ctx, number, str(fields.get("reason", "")))
    text = say(visitor, mark("Case {case} is held until somebody lifts it."), case=number)
    return redirect(request, f"{HOME}#held", Answer(text=text))


@router.post("/holds/{number}/lift")
def lift(request: Request, ctx: Command, visitor: Reader, fields: Form, number: str) -> Response:
    """Let a case go its way again."""
    holds.lift(ctx, number, str(fields.get("reason", "")))
    text = say(visitor, mark("Case {case} is not held any more."), case=number)
    return redirect(request, f"{HOME}#held", Answer(text=text))


@router.get("/receipts/{receipt_id}")
def receipt(request: Request, ctx: Command, receipt_id: int) -> Response:
    """What one receipt says."""
    found, said = _receipt(ctx, receipt_id)
    return render(
        request,
        "operate/receipt.html",
        receipt=found,
        said=said,
        by=step.names(ctx, [found.by]).get(found.by, found.by),
        kept={each["file"] for each in said.told.get("cases", []) if _path(ctx, each["file"])},
        labels=Labels(ctx),
    )


@router.get("/receipts/{receipt_id}/receipt.json")
def document(ctx: Command, receipt_id: int) -> Response:
    """The receipt as it is kept: what its digest is over."""
    found, _ = _receipt(ctx, receipt_id)
    return Response(
        found.document,
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{receipt_id:06}.json"'},
    )


@router.get("/receipts/{receipt_id}/{number}.zip")
def archive(ctx: Command, receipt_id: int, number: str) -> Response:
    """An archived case, where it is still kept here and still what the receipt says."""
    _, said = _receipt(ctx, receipt_id)
    for each in said.told.get("cases", []):
        if each["case"] == number:
            kept = Archive(file=each["file"], digest=each["sha256"], size=each["bytes"])
            file = archives.open_kept(ctx.engine, kept)
            log.info("archive_taken", case=number, actor=ctx.actor.key)
            return downloads.zipped(f"{number}.zip", file)
    raise NotFound(what="archive", id=number)


def _receipt(ctx: Context, number: int) -> tuple[Receipt, Document]:
    """The row and what it says. Raises `NotFound`, also for one that cannot be read: checking the proof says why."""
    found = ctx.session.get(Receipt, number)
    try:
        if found is not None:
            return found, receipts.read(found.document)
    except ValueError:
        log.exception("receipt_unreadable", receipt=number)
    raise NotFound(what="receipt", id=number)


def _path(ctx: Context, file: str) -> bool:
    return (archives.folder(ctx.engine) / file).exists()
