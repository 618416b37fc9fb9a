"""Editors of the studio: a page a file, its content, its problems while one draws, saving it into the draft."""

from __future__ import annotations

import re
import secrets
from typing import Annotated, Any, Literal

import orjson
import structlog
from fastapi import Path, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from engine.runtime import deployments, drafts
from engine.runtime.bundles import Bundle
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, UnreadableFile
from web import editor_catalogue, form_samples, formats, table_trial
from web.errors import sentence
from web.i18n import LANGUAGES, mark
from web.problems import told
from web.queries import step, studio
from web.queries.studio import Desk
from web.render import environment, looked_at, redirect, render, say
from web.screen import Command, Screen
from web.security import CONTENT_SECURITY_POLICY, Form

router = Screen(prefix="/studio/{process_key}")
log = structlog.get_logger(__name__)

Kind = Annotated[Literal["bpmn", "dmn", "form"], Path()]
MEDIA = {"bpmn": "application/xml", "dmn": "application/xml", "form": "application/json"}
#: What a new file may be called: it becomes the id that the diagram names.
NEW = re.compile(r"[a-z][a-z0-9_]{1,60}")
BAD_NAME = mark("A name here has small letters, digits and underscores only, and begins with a letter.")


@router.get("/edit/{kind}/{name}")
def page(request: Request, ctx: Command, process_key: str, kind: Kind, name: str) -> Response:
    """The editor of one file."""
    desk = studio.desk(ctx, process_key)
    desk.file(kind, name)
    saved = drafts.saved(ctx, desk.draft.id).get((kind, name)) if desk.draft else None
    nonce = secrets.token_urlsafe(16)
    return render(
        request,
        f"studio/edit_{kind}.html",
        headers={"Content-Security-Policy": policy(nonce)},
        nonce=nonce,
        desk=desk,
        kind=kind,
        file=name,
        submitted=_submitted(request, ctx, desk),
        saved=saved,
        saved_by=step.names(ctx, [saved.by]).get(saved.by, saved.by) if saved else "",
        name=desk.translate(desk.name, ctx.actor.language),
        tab={"bpmn": "", "dmn": "/rules", "form": "/forms"}[kind],
        problems=told(deployments.check(ctx, desk.bundle), ctx.actor.language),
        sample=orjson.dumps(form_samples.sample(ctx, process_key), option=orjson.OPT_INDENT_2).decode()
        if kind == "form"
        else "",
    )


def policy(nonce: str) -> str:
    """Of an editor's page: the editors set style attributes, and their code fields bring style elements with `nonce`."""
    styles = f"style-src 'self'; style-src-elem 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'"
    return CONTENT_SECURITY_POLICY.replace("style-src 'self'", styles)


@router.get("/files/{kind}/{name}")
def content(ctx: Command, process_key: str, kind: Kind, name: str) -> Response:
    """A file as drafted, else as it is live."""
    return Response(studio.desk(ctx, process_key).file(kind, name), media_type=MEDIA[kind])


@router.post("/files/{kind}/{name}")
def save(request: Request, ctx: Command, process_key: str, kind: Kind, name: str, fields: Form) -> Response:
    """Save a file into the draft; the draft begins with the first save."""
    studio.desk(ctx, process_key).file(kind, name)
    changed = {(kind, name): _sent(fields)}
    draft = drafts.keep(ctx, process_key, changed, seen=str(fields.get("seen", "")))
    visitor = request.state.visitor
    log.info("draft_saved", process=process_key, file=name, revision=draft.revision, actor=ctx.actor.key)
    with looked_at(visitor):
        said = say(visitor, mark("Saved {moment}"), moment=formats.moment(ctx.now))
    return JSONResponse({"seen": drafts.stamp(draft, 0), "said": said})


@router.post("/here/{kind}/{name}")
def here(request: Request, ctx: Command, process_key: str, kind: Kind, name: str, fields: Form) -> Response:
    """Say that this file is open in an editor: who else is at the procedure, and whether somebody saved this file since."""
    desk = studio.desk(ctx, process_key)
    others = drafts.visit(ctx, process_key, name)
    saved = drafts.saved(ctx, desk.draft.id).get((kind, name)) if desk.draft else None
    seen = drafts.revision_seen(desk.draft, str(fields.get("seen", ""))) if desk.draft else None
    visitor = request.state.visitor
    with looked_at(visitor):
        told = [
            say(visitor, mark("{name} is here too."), name=each.name)
            if each.file == name
            else say(visitor, mark("{name} is in {file}."), name=each.name, file=each.file)
            for each in others
        ]
        meanwhile = ""
        if saved and desk.draft and (seen is None or saved.revision > seen):
            by = step.names(ctx, [saved.by]).get(saved.by, saved.by)
            text = mark("{name} saved this file {moment}, after you opened it.")
            meanwhile = say(visitor, text, name=by, moment=formats.moment(saved.at))
    return JSONResponse(
        {
            "others": told,
            "meanwhile": meanwhile,
            "stamp": desk.seen,
            "submitted": _submitted(request, ctx, desk),
        }
    )


def _submitted(request: Request, ctx: Context, desk: Desk) -> str:
    """Why the draft cannot be saved now, in words: it waits for approval. Empty where it does not."""
    refusal = drafts.submitted(ctx, desk.draft.id) if desk.draft else None
    return (
        sentence(request.state.visitor, refusal, step.names(ctx, [refusal.params["by"]])) if refusal else ""
    )


@router.post("/check/{kind}/{name}")
def check(request: Request, ctx: Command, process_key: str, kind: Kind, name: str, fields: Form) -> Response:
    """What is wrong with the draft if this file were saved as sent."""
    desk = studio.desk(ctx, process_key)
    files = {**desk.files, (kind, name): _sent(fields)}
    try:
        drafts.check_readable(kind, name, files[kind, name])
    except UnreadableFile:
        # Half-typed files are nothing to speak of; saving one is refused.
        return Response(status_code=204)
    problems = deployments.check(ctx, Bundle(process_key=process_key, files=files))
    return _part(request, "studio/problems.html", problems=told(problems, ctx.actor.language), linked=True)


@router.post("/preview/{name}")
def preview(request: Request, ctx: Command, process_key: str, name: str, fields: Form) -> Response:
    """A form as staff will see it, with the data given."""
    desk = studio.desk(ctx, process_key)
    language = str(fields.get("language", ""))
    try:
        data = orjson.loads(str(fields.get("data") or "{}"))
    except orjson.JSONDecodeError:
        data = None
    shown: Any = None
    if isinstance(data, dict):
        shown = form_samples.preview(
            ctx, desk, _sent(fields), language=language if language in LANGUAGES else "en", data=data
        )
    problems = shown if isinstance(shown, list) else []
    return _part(
        request,
        "studio/preview.html",
        form=None if problems else shown,
        problems=told(problems, ctx.actor.language),
    )


@router.post("/try/{name}")
def try_table(request: Request, ctx: Command, process_key: str, name: str, fields: Form) -> Response:
    """What a decision of the file as sent answers to typed values, by the engine; and what its table leaves open."""
    desk = studio.desk(ctx, process_key)
    typed = {key.removeprefix("in:"): str(value) for key, value in fields.items() if key.startswith("in:")}
    tried = table_trial.run(
        ctx,
        desk,
        name,
        _sent(fields),
        decision=str(fields.get("decision", "")),
        typed=typed,
        sample=form_samples.sample(ctx, process_key),
    )
    return _part(request, "studio/try.html", it=tried)


@router.get("/catalogue.json")
def catalogue(ctx: Command, process_key: str) -> Response:
    """What the diagram editor offers: element templates, and the forms, decisions and procedures there are."""
    return JSONResponse(editor_catalogue.offered(ctx, studio.desk(ctx, process_key)))


@router.post("/new/{kind}")
def new(request: Request, ctx: Command, process_key: str, kind: Kind, fields: Form) -> Response:
    """Begin a form or a file of decision tables, and open its editor."""
    desk = studio.desk(ctx, process_key)
    id_ = str(fields.get("id", "")).strip()
    name = f"{id_}.{kind}"
    if kind == "bpmn" or not NEW.fullmatch(id_):
        raise UnreadableFile(name=id_ or kind, why=say(request.state.visitor, BAD_NAME))
    if (kind, name) not in desk.files:
        blank = environment().get_template(f"studio/blank.{kind}").render(id=id_)
        drafts.keep(ctx, process_key, {(kind, name): blank.encode()}, seen=desk.seen)
    return redirect(request, f"/studio/{process_key}/edit/{kind}/{name}")


def _sent(fields: Form) -> bytes:
    sent = fields.get("content")
    if not isinstance(sent, str):
        raise NotFound(what="content", id="")
    return sent.encode()


def _part(request: Request, template: str, **data: Any) -> HTMLResponse:
    """A piece of a page for an editor's own requests."""
    visitor = request.state.visitor
    with looked_at(visitor):
        body = environment().get_template(template).render(visitor=visitor, now=visitor.now, **data)
    return HTMLResponse(body)
