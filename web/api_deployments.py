"""POST /api/deployments: procedures kept in git are submitted like drafts, under the same rules (docs/deployments.md)."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import UploadFile

from engine.runtime import drafts, submissions, uploads
from engine.runtime.bundles import Bundle
from engine.runtime.context import Context
from engine.runtime.refusals import InvalidDeployment
from web.problems import told
from web.queries import submissions as rows
from web.screen import Command, Screen
from web.security import Form
from web.submissions import moment

router = Screen(prefix="/api/deployments")


@router.post("")
def submit(request: Request, ctx: Command, fields: Form) -> Response:
    """Files (`file`, several or one ZIP), `note`, and `at` for whoever may approve their own work.

    200 with a line a procedure: unchanged, submitted (its page), or deployed; 422 with the problems, nothing changed.
    """
    sent = {
        each.filename or "": each.file.read()
        for each in fields.getlist("file")
        if isinstance(each, UploadFile)
    }
    bundles = uploads.bundles(sent)
    keys = {bundle.process_key for bundle in bundles}
    done: list[dict[str, Any]] = []
    try:
        with ctx.session.begin_nested():
            done.extend(_submit(ctx, bundle, fields, keys) for bundle in bundles)
    except InvalidDeployment as refusal:
        problems = [vars(each) for each in told(refusal.params["problems"], ctx.actor.language)]
        return JSONResponse({"process": refusal.params["process"], "problems": problems}, status_code=422)
    return JSONResponse(done)


def _submit(ctx: Context, bundle: Bundle, fields: Form, keys: set[str]) -> dict[str, Any]:
    live = rows.live_digest(ctx, bundle.process_key)
    if live == bundle.digest:
        return {"process": bundle.process_key, "state": "unchanged"}
    draft = drafts.put(ctx, bundle)
    submission = submissions.submit(
        ctx,
        draft.id,
        note=str(fields.get("note", "")),
        revision=draft.revision,
        together_with=keys,
    )
    page = f"/operate/deployments/submissions/{submission.id}"
    if not (ctx.organisation.self_approval and _approves(ctx)):
        return {"process": bundle.process_key, "state": "submitted", "page": page}
    definition = submissions.approve(
        ctx, submission.id, at=moment(ctx, str(fields.get("at", ""))), despite_scenarios=True
    )
    state = "deployed" if definition.is_current else "planned"
    return {"process": bundle.process_key, "state": state, "version": definition.version, "page": page}


def _approves(ctx: Context) -> bool:
    roles = ctx.organisation.roles
    return any("operate" in roles[role].places for role in ctx.actor.roles if role in roles)
