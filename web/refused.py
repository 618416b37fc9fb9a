"""Refused attempts of a request: which case it concerned and what was tried, for the history of that case."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import structlog
from fastapi import Request

from engine.runtime import attempts
from engine.runtime.attempts import Attempt, Step
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, Refusal
from web.i18n import mark
from web.security import SAFE_METHODS
from web.visitor import Visitor

log = structlog.get_logger(__name__)

#: Addresses that concern a case; whatever is below them does too.
_CASES = ("/cases/{number}", "/audit/{number}", "/operate/cases/{number}")
_STEPS = "/user-tasks/{user_task_id}"

#: What a page asks for by itself while somebody fills in a form.
_BY_ITSELF = (f"{_STEPS}/refresh", f"{_STEPS}/draft")

#: What was tried, in words. Looking is told by place alone: a page has many parts.
TRIED = {
    "GET /cases/{number}": mark("Refused: looking at the case"),
    "GET /audit/{number}": mark("Refused: looking at the case in the audit"),
    "GET /operate/cases/{number}": mark("Refused: looking at the case in operation"),
    f"GET {_STEPS}": mark("Refused: looking at “{step}”"),
    f"POST {_STEPS}/complete": mark("Refused: completing “{step}”"),
    f"POST {_STEPS}/claim": mark("Refused: claiming “{step}”"),
    f"POST {_STEPS}/release": mark("Refused: releasing “{step}”"),
    f"POST {_STEPS}/assign": mark("Refused: assigning “{step}”"),
    "POST /cases/{number}/notes": mark("Refused: adding a note"),
    "POST /cases/{number}/follow": mark("Refused: following the case"),
    "POST /cases/{number}/attachments": mark("Refused: attaching a file"),
    "POST /cases/{number}/messages/{message}/send": mark("Refused: sending a message again"),
    "POST /audit/{number}": mark("Refused: verifying the history"),
    "POST /audit/{number}/sealed-file": mark("Refused: exporting the case as a sealed file"),
    "POST /operate/cases/{number}/retry": mark("Refused: trying a stuck step again"),
    "POST /operate/cases/{number}/mend": mark("Refused: correcting data of the case"),
    "POST /operate/cases/{number}/skip": mark("Refused: skipping a step"),
    "POST /operate/cases/{number}/move": mark("Refused: sending the case another way"),
    "POST /operate/cases/{number}/suspend": mark("Refused: suspending the case"),
    "POST /operate/cases/{number}/resume": mark("Refused: resuming the case"),
    "POST /operate/cases/{number}/cancel": mark("Refused: cancelling the case"),
}
#: Anything else.
SOMETHING = mark("Refused: something else on the case")


def is_looking(request: Request) -> bool:
    """Whether nothing was to be done: only being kept out is an attempt then, not that something changed meanwhile."""
    return request.method in SAFE_METHODS or _path(request) in _BY_ITSELF


def note(request: Request, visitor: Visitor, refusal: Refusal, *, ctx: Context | None = None) -> None:
    """Record that a command on a case was refused. Never fails: the answer matters more to whoever waits for it.

    `ctx`: the command in progress, where what was refused is rolled back already; else one of its own. Left out is what
    is to be mended in a form, what is not there at all, and what whoever tried it did themselves a moment ago.
    """
    done_oneself = visitor.actor is not None and refusal.params.get("by") == visitor.actor.key
    if not (refusal.of_form or isinstance(refusal, NotFound) or done_oneself):
        note_other(request, visitor, refusal.code, refusal.sentence, refusal.params, ctx=ctx)


def note_other(
    request: Request,
    visitor: Visitor,
    code: str,
    sentence: str,
    params: Mapping[str, Any] = {},
    *,
    ctx: Context | None = None,
) -> None:
    """The same of what the interface itself refused, in its own words. See `note`."""
    tried = _tried(request)
    if visitor.actor is None or not tried:
        return
    try:
        begun = nullcontext(ctx) if ctx else request.app.state.commands.begin(visitor.actor)
        with begun as own, own.session.begin_nested():
            case, step = _case(own, request)
            if case:
                attempts.record(
                    own,
                    Attempt(case=case, tried=tried, code=code, sentence=sentence, params=params, step=step),
                )
    except Exception:
        log.exception("attempt_not_recorded", path=request.url.path, code=code)


def _tried(request: Request) -> str:
    """Method and address as the table of routes has them, the act of an administrator filled in; "" for no case's."""
    path = _path(request)
    place = next((each for each in (*_CASES, _STEPS) if f"{path}/".startswith(f"{each}/")), "")
    if not place:
        return ""
    if is_looking(request):
        return f"GET {place}"
    return f"{request.method} {path.replace('{act}', request.path_params.get('act', ''))}"


def _path(request: Request) -> str:
    """Template of the address: "/cases/{number}/notes"; "" for an address that is none."""
    return getattr(request.scope.get("route"), "path", "")


def _case(ctx: Context, request: Request) -> tuple[str, Step | None]:
    """Number of the case that the address names, and the step; "" where there is none."""
    told = request.path_params
    if "user_task_id" in told:
        step = attempts.step(ctx, int(told["user_task_id"]))
        return (step.case, step) if step else ("", None)
    number = str(told["number"])
    return (number if attempts.is_case(ctx, number) else ""), None
