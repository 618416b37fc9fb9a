"""The frame around every page of one procedure in the studio: its name, the draft bar, the tabs."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from engine.runtime import drafts
from engine.runtime.context import Context
from web import differences
from web.problems import told
from web.queries import step, studio, submissions
from web.queries.studio import Desk
from web.render import render


def page(
    request: Request, ctx: Context, desk: Desk, tab: str, *, block: str | None = None, **data: Any
) -> Response:
    """The page `studio/<tab>.html` of a procedure, or only its block `block` when htmx asks for a part."""
    language = ctx.actor.language
    live = studio.live_files(ctx, desk)
    saved = drafts.saved(ctx, desk.draft.id) if desk.draft else {}
    submission = submissions.latest(ctx, desk.draft.id) if desk.draft else None
    return render(
        request,
        f"studio/{tab}.html",
        block,
        tab=tab,
        desk=desk,
        name=desk.translate(desk.name, language),
        said=lambda text: desk.translate(text, language),
        submission=submission,
        saved=saved,
        people=step.names(
            ctx,
            [
                desk.live.deployed_by if desk.live else None,
                desk.draft.updated_by if desk.draft else None,
                *([submission.submitted_by, submission.decided_by] if submission else ()),
                *(each.by for each in saved.values()),
            ],
        ),
        problems=told(studio.problems(ctx, desk), language),
        differences=differences.listed(desk.key, live, desk.files, language),
        **data,
    )
