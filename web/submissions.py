"""A submitted draft before an administrator: what changes, what speaks against it, approve or return."""

from __future__ import annotations

from datetime import datetime

import structlog
from fastapi import Request
from fastapi.responses import Response

from engine.runtime import deployments, submissions
from engine.runtime.context import Context
from engine.runtime.refusals import Refusal, Stale
from web import differences as changes
from web.errors import REFUSED, sentence
from web.i18n import mark
from web.problems import errors, told
from web.queries import submissions as rows
from web.render import Answer, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form

router = Screen(prefix="/operate/deployments/submissions")
log = structlog.get_logger(__name__)


@router.get("/{submission_id}")
def page(request: Request, ctx: Command, submission_id: int) -> Response:
    """What an administrator decides on; htmx gets the scenarios alone while they are played."""
    return _page(request, ctx, submission_id)


def _page(
    request: Request,
    ctx: Context,
    submission_id: int,
    *,
    refused: str = "",
    fields: Form | None = None,
    status: int = 200,
) -> Response:
    review = rows.review(ctx, submission_id)
    waits = review.submission.state == "waiting"
    problems = told(deployments.check(ctx, review.bundle), ctx.actor.language) if waits else []
    return render(
        request,
        "operate/submission.html",
        block="scenarios",
        status=status,
        review=review,
        waits=waits,
        problems=problems,
        errors=errors(problems),
        differences=changes.listed(
            review.submission.process_key, review.live_files, review.bundle.files, ctx.actor.language
        ),
        own=ctx.actor.key in review.authors and not ctx.organisation.self_approval,
        author_names=[review.people.get(key, key) for key in review.authors],
        refused=refused,
        typed={name: str(fields.get(name, "")) if fields else "" for name in ("at", "remark", "despite")},
        zone=ctx.organisation.zone,
    )


@router.post("/{submission_id}/approve")
def approve(request: Request, ctx: Command, visitor: Reader, submission_id: int, fields: Form) -> Response:
    """Deploy the draft, at once or from a moment in business time on; refused, the page says why."""
    before = rows.review(ctx, submission_id)
    try:
        definition = submissions.approve(
            ctx,
            submission_id,
            at=moment(ctx, str(fields.get("at", ""))),
            remark=str(fields.get("remark", "")),
            despite_scenarios=bool(fields.get("despite")),
        )
    except Stale:
        raise
    except Refusal as refusal:
        log.info("refused", code=refusal.code, submission=submission_id, actor=ctx.actor.key)
        return _page(
            request,
            ctx,
            submission_id,
            refused=sentence(visitor, refusal),
            fields=fields,
            status=REFUSED,
        )
    log.info("deployed", process=definition.process_key, version=definition.version, actor=ctx.actor.key)
    current = ctx.engine.definitions.get(ctx.session, definition.id)
    said = {"name": current.translate(current.name, ctx.actor.language), "n": definition.version}
    if definition.is_current:
        text = say(
            visitor,
            mark("{name} version {n} is live: new cases start on it, running ones stay on theirs."),
            **said,
        )
        undo = f"/operate/deployments/versions/{before.live.id}/current" if before.live else ""
    else:
        text = say(visitor, mark("{name} version {n} is approved and begins at the time you gave."), **said)
        undo = ""
    return redirect(request, "/operate/deployments", Answer(text=text, undo=undo))


def moment(ctx: Context, text: str) -> datetime | None:
    """A moment as a browser's field gives it, in business time; None for an empty one. Raises `UnreadableMoment`."""
    if not text.strip():
        return None
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UnreadableMoment(text=text) from None
    return at if at.tzinfo else at.replace(tzinfo=ctx.organisation.tzinfo)


class UnreadableMoment(Refusal):
    """What was typed is no date and time."""

    code = "unreadable_moment"
    sentence = "“{text}” is not a date and time such as 2026-11-30 08:00."


@router.post("/{submission_id}/return")
def send_back(request: Request, ctx: Command, visitor: Reader, submission_id: int, fields: Form) -> Response:
    """Return the draft to its authors with a remark."""
    try:
        submissions.send_back(ctx, submission_id, remark=str(fields.get("remark", "")))
    except submissions.RemarkNeeded as refusal:
        return _page(
            request, ctx, submission_id, refused=sentence(visitor, refusal), fields=fields, status=REFUSED
        )
    log.info("draft_returned", submission=submission_id, actor=ctx.actor.key)
    text = say(visitor, mark("The draft is returned; its authors are told why."))
    return redirect(request, "/operate/deployments", Answer(text=text))
