"""After-sales reasons, as operations keep them: added, edited, hidden, ordered. New cases offer them at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import structlog
from fastapi import Request
from fastapi.responses import Response

from engine.aftersales import reasons
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound
from web.errors import INVALID
from web.i18n import mark
from web.labels import Labels
from web.render import Answer, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form

router = Screen(prefix="/reasons")
log = structlog.get_logger(__name__)

#: Keys that decision tables can compare with.
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_BLANK: dict[str, Any] = {
    "key": "",
    "label": "",
    "label_zh": "",
    "kind": "",
    "applies_to": [],
    "requires_photo": False,
}


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """All reasons, hidden ones too, in the order buyers see."""
    return _page(request, ctx)


def _page(
    request: Request,
    ctx: Context,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    editing: bool = False,
) -> Response:
    found = reasons.all_reasons(ctx)
    labels = Labels(ctx)
    edited = next((each for each in found if each.key == request.query_params.get("edit")), None)
    return render(
        request,
        "reasons/index.html",
        block="list",
        status=INVALID if errors else 200,
        reasons=found,
        labels=labels,
        kinds=sorted({reason.kind for reason in found}),
        procedures=labels.procedures(),
        shown=SimpleNamespace(**(_BLANK | dict(typed))) if typed else edited or SimpleNamespace(**_BLANK),
        editing=editing or (edited is not None and not typed),
        errors=errors or {},
    )


@router.post("")
def add(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """Add a reason at the end; its key is made of the English label where none is given."""
    values, errors = _read(visitor, fields)
    key = str(fields.get("key", "")).strip() or _key_of(values["label"])
    if not _KEY.fullmatch(key):
        errors["key"] = say(visitor, mark("Letters a–z, digits and _ only, beginning with a letter."))
    if not errors and reasons.by_key(ctx, key) is not None:
        errors["key"] = say(visitor, mark("There is already a reason with this key."))
    if errors:
        return _page(request, ctx, typed={**values, "key": key}, errors=errors)
    reasons.add(ctx, key, **values)
    log.info("reason_added", key=key)
    return _done(request, say(visitor, mark("“{reason}” is offered from now on."), reason=values["label"]))


@router.post("/{key}")
def change(request: Request, ctx: Command, visitor: Reader, key: str, fields: Form) -> Response:
    """Change a reason. Cases that carry it keep it."""
    values, errors = _read(visitor, fields)
    if errors:
        return _page(request, ctx, typed={**values, "key": key}, errors=errors, editing=True)
    reasons.change(ctx, key, **values)
    log.info("reason_changed", key=key)
    return _done(request, say(visitor, mark("“{reason}” is changed."), reason=values["label"]))


@router.post("/{key}/hide")
def hide(request: Request, ctx: Command, visitor: Reader, key: str) -> Response:
    """No longer offer a reason; cases that carry it keep it."""
    reason = _existing(ctx, key)
    reasons.change(ctx, key, hidden=True)
    log.info("reason_hidden", key=key)
    text = say(visitor, mark("“{reason}” is no longer offered."), reason=reason.label)
    return redirect(request, "/reasons", Answer(text=text, undo=f"/reasons/{key}/show"))


@router.post("/{key}/show")
def show(request: Request, ctx: Command, visitor: Reader, key: str) -> Response:
    """Offer a hidden reason again."""
    reason = _existing(ctx, key)
    reasons.change(ctx, key, hidden=False)
    log.info("reason_shown", key=key)
    return _done(request, say(visitor, mark("“{reason}” is offered again."), reason=reason.label))


@router.post("/{key}/move")
def move(request: Request, ctx: Command, key: str, fields: Form) -> Response:
    """One place up or down; the list answers alone to htmx, so that the button keeps the focus."""
    reasons.move(ctx, key, -1 if fields.get("by") == "-1" else 1)
    if request.headers.get("hx-request") == "true":
        return _page(request, ctx)
    return redirect(request, f"/reasons#reason-{key}")


def _existing(ctx: Context, key: str) -> Any:
    reason = reasons.by_key(ctx, key)
    if reason is None:
        raise NotFound(what="reason", id=key)
    return reason


def _read(visitor: Reader, fields: Form) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields of a reason, and what is wrong with them."""
    values = {
        "label": str(fields.get("label", "")).strip(),
        "label_zh": str(fields.get("label_zh", "")).strip(),
        "kind": str(fields.get("kind", "")).strip(),
        "applies_to": [str(key) for key in fields.getlist("applies_to")],
        "requires_photo": bool(fields.get("requires_photo")),
    }
    errors = {}
    if not values["label"]:
        errors["label"] = say(
            visitor, mark("Say it in English too: it is what is shown where there is no Chinese.")
        )
    if not _KEY.fullmatch(values["kind"]):
        errors["kind"] = say(visitor, mark("Letters a–z, digits and _ only, beginning with a letter."))
    return values, errors


def _key_of(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")


def _done(request: Request, text: str) -> Response:
    return redirect(request, "/reasons", Answer(text=text))
