"""A new procedure: from an empty canvas, as a copy of another one, or from a file of a desktop modeller."""

from __future__ import annotations

import re
from typing import Any

import orjson
import structlog
from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from config.organisation import Role
from engine.runtime import copying, drafts, texts
from engine.runtime.bundles import Files
from engine.runtime.context import Context
from engine.runtime.refusals import Refusal, UnreadableFile
from web.errors import INVALID, sentence
from web.i18n import mark
from web.queries import procedures, studio
from web.queries.studio import TRANSLATED
from web.render import Answer, environment, redirect, render, say
from web.screen import Command, Screen
from web.security import Form
from web.studio import PRETTY

router = Screen(prefix="/studio/new")
log = structlog.get_logger(__name__)

KEY = re.compile(r"[a-z][a-z0-9_]{1,60}")
#: Keys that are addresses of the studio itself.
TAKEN = frozenset({"new", "landscape"})
NO_NAME = mark("Give the procedure a name.")
NO_KEY = mark("Give a short name of small letters, digits and underscores that begins with a letter.")
NO_ROLE = mark("Choose who registers it: the first lane is theirs.")
NO_FILE = mark("Choose a BPMN file.")


class Wrong(Exception):
    """Something in the form has to be mended first."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """What the new procedure is called and begins with."""
    return _page(request, ctx, {"begin": "empty"})


def _page(request: Request, ctx: Context, typed: dict[str, Any], *, wrong: str = "") -> Response:
    language = ctx.actor.language
    return render(
        request,
        "studio/begin.html",
        status=INVALID if wrong else 200,
        typed=typed,
        wrong=wrong,
        roles=[(key, role.name_zh if language == "zh" else role.name) for key, role in _roles(ctx).items()],
        procedures=procedures.options(ctx),
    )


@router.post("")
def begin(request: Request, ctx: Command, fields: Form) -> Response:
    """Begin the draft of a new procedure and open its diagram."""
    typed = {
        **{name: str(fields.get(name, "")).strip() for name in ("name", "name_zh", "key", "begin", "source")},
        "registered_by": str(fields.get("registered_by", "")),
        "roles": [str(each) for each in fields.getlist("roles")],
    }
    try:
        key, files = _begun(ctx, typed, fields.get("file"))
        drafts.begin(ctx, key, files)
    except Wrong as wrong:
        return _page(request, ctx, typed, wrong=say(request.state.visitor, wrong.message))
    except Refusal as refusal:
        return _page(request, ctx, typed, wrong=sentence(request.state.visitor, refusal))
    log.info("procedure_begun", process=key, begin=typed["begin"], actor=ctx.actor.key)
    diagram = next(name for kind, name in files if kind == "bpmn")
    text = say(request.state.visitor, mark("The draft of {name} is begun."), name=typed["name"] or key)
    return redirect(request, f"/studio/{key}/edit/bpmn/{diagram}", Answer(text=text))


def _begun(ctx: Context, typed: dict[str, Any], sent: Any) -> tuple[str, Files]:
    if typed["begin"] == "file":
        return _from_file(ctx, sent)
    if not typed["name"]:
        raise Wrong(NO_NAME)
    key = typed["key"] or re.sub(r"[^a-z0-9]+", "_", typed["name"].lower()).strip("_")
    if not KEY.fullmatch(key) or key in TAKEN:
        raise Wrong(NO_KEY)
    if typed["begin"] == "copy":
        source = studio.desk(ctx, typed["source"]).bundle
        files = dict(copying.copy(source, key=key, name=typed["name"]))
    else:
        files = _empty(ctx, key, typed)
    return key, _named(files, key, typed)


def _from_file(ctx: Context, sent: Any) -> tuple[str, Files]:
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise Wrong(NO_FILE)
    diagram = sent.file.read()
    key, _ = copying.key_of(sent.filename, diagram)
    if not re.fullmatch(r"[A-Za-z_][\w.-]{0,80}", key) or key in TAKEN:
        raise UnreadableFile(name=sent.filename, why=key)
    return key, {("bpmn", f"{key}.bpmn"): diagram, **_common(ctx)}


def _empty(ctx: Context, key: str, typed: dict[str, Any]) -> dict[tuple[str, str], bytes]:
    known = _roles(ctx)
    chosen = [each for each in (typed["registered_by"], *typed["roles"]) if each in known]
    if typed["registered_by"] not in known:
        raise Wrong(NO_ROLE)
    lanes = [{"key": each, "name": known[each].name} for each in dict.fromkeys(chosen)]
    blank = environment().get_template("studio/blank.bpmn").render(id=key, name=typed["name"], roles=lanes)
    form = environment().get_template("studio/blank.form").render(id=f"{key}_start")
    return {
        ("bpmn", f"{key}.bpmn"): blank.encode(),
        ("form", f"{key}_start.form"): form.encode(),
        **_common(ctx),
    }


def _named(
    files: dict[tuple[str, str], bytes], key: str, typed: dict[str, Any]
) -> dict[tuple[str, str], bytes]:
    """With the procedure's name in the other language among its words."""
    if not typed["name_zh"]:
        return files
    file = texts.file_of(key, TRANSLATED)
    words = orjson.loads(files.get(("words", file), b"{}")) | {typed["name"]: typed["name_zh"]}
    return {**files, ("words", file): orjson.dumps(words, option=PRETTY)}


def _common(ctx: Context) -> dict[tuple[str, str], bytes]:
    """The words all procedures share."""
    folder = ctx.engine.settings.processes_dir / "translations"
    return {("words", path.name): path.read_bytes() for path in sorted(folder.glob("common.*.json"))}


def _roles(ctx: Context) -> dict[str, Role]:
    return dict(ctx.organisation.roles)
