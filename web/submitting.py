"""An owner submits a draft to the administrators, and takes it back."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from engine.runtime import submissions
from engine.runtime.refusals import Stale
from web.i18n import mark
from web.queries import studio
from web.render import Answer, redirect, say
from web.screen import Command, Screen
from web.security import Form

router = Screen(prefix="/studio/{process_key}")


@router.post("/submit")
def submit(request: Request, ctx: Command, process_key: str, fields: Form) -> Response:
    """Submit the draft as the page showed it."""
    desk = studio.desk(ctx, process_key)
    if desk.draft is None or str(fields.get("seen", "")) != desk.seen:
        raise Stale()
    note = str(fields.get("note", ""))
    submissions.submit(ctx, desk.draft.id, note=note, revision=desk.draft.revision)
    text = say(
        request.state.visitor,
        mark("The draft is submitted. An administrator who did not work on it decides."),
    )
    return redirect(request, f"/studio/{process_key}", Answer(text=text))


@router.post("/withdraw")
def withdraw(request: Request, ctx: Command, process_key: str) -> Response:
    """Take the draft back to go on editing it."""
    desk = studio.desk(ctx, process_key)
    submission = submissions.waiting(ctx, desk.draft.id) if desk.draft else None
    if submission is None:
        raise Stale()
    submissions.withdraw(ctx, submission.id)
    text = say(
        request.state.visitor, mark("The draft is yours again; nobody approves it until it is submitted.")
    )
    return redirect(request, f"/studio/{process_key}", Answer(text=text))
