"""Proof: the daily seals, checking the whole history against them, and a case as a sealed file."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import select

from engine.aftersales import visibility
from engine.runtime import seals, verification
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound
from engine.store.tables import Verification
from web import downloads, sealed_pages
from web.i18n import gettext
from web.queries import step
from web.render import redirect, render
from web.screen import Command, Screen

router = Screen(prefix="/audit")
log = structlog.get_logger(__name__)

#: What is done in this many seconds is answered at once; the rest is for the workers, and the page tells how far it is.
_AT_ONCE_SECONDS = 1.0
#: Seals and checks that the page lists.
_SEALS, _CHECKS = 30, 10


@router.get("/proof")
def page(request: Request, ctx: Command) -> Response:
    """The last seals and checks, and asking for another check."""
    return _page(request, ctx, None)


@router.post("/proof")
def prove(request: Request, ctx: Command) -> Response:
    """Check all histories: what is quick at once, the rest by the workers."""
    asked = verification.ask(ctx)
    verification.begin(ctx, asked.id, seconds=_AT_ONCE_SECONDS)
    log.info("verification_asked", verification_id=asked.id, actor=ctx.actor.key)
    return redirect(request, f"/audit/proof/{asked.id}")


@router.get("/proof/{verification_id}")
def result(request: Request, ctx: Command, verification_id: int) -> Response:
    """One check: how far it is, or what it found."""
    found = ctx.session.get(Verification, verification_id)
    if found is None:
        raise NotFound(what="verification", id=verification_id)
    return _page(request, ctx, found)


def _page(request: Request, ctx: Context, run: Verification | None) -> Response:
    made = seals.recent(ctx.session, _SEALS)
    checks = list(ctx.session.scalars(select(Verification).order_by(Verification.id.desc()).limit(_CHECKS)))
    return render(
        request,
        "audit/proof.html",
        block="result",
        run=run,
        seals=[(each, seals.read_leniently(each.document)) for each in made],
        checks=checks,
        who=step.names(ctx, [each.asked_by for each in checks]),
        said=_said,
    )


def _said(found: dict[str, Any]) -> str:
    """What a check found, in the reader's language."""
    sentence: str = found["sentence"]
    return gettext(sentence).format(**found["params"])


@router.post("/{number}/sealed-file")
def sealed_file(ctx: Command, number: str) -> Response:
    """A case with all that belongs to it and what checks it offline; noted in the history."""
    visibility.check_case(ctx, number)
    file = downloads.written(lambda into: sealed_pages.write(ctx, number, into))
    log.info("case_exported", case=number, actor=ctx.actor.key, bytes=file.tell())
    return downloads.zipped(f"{number}.zip", file)
