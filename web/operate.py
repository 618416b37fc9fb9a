"""Operate: what runs, what is stuck and why, the queue and its workers."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from engine.aftersales import sending
from engine.runtime.context import Context
from web import words
from web.i18n import mark
from web.labels import Labels
from web.queries import operate, running_work
from web.queries.operate import Cause
from web.render import render
from web.screen import Command, Screen

router = Screen(prefix="/operate")

#: Kinds of deferred work as people read them.
WORK = {
    "job": mark("Automatic steps"),
    "timer": mark("Timers"),
    "message": mark("Messages"),
    "signal": mark("Signals"),
    "delivery": mark("Messages to customers"),
    "move": mark("Moving cases"),
    "start": mark("Starts by events"),
    "planned_start": mark("Versions that begin"),
    "scenarios": mark("Scenarios of drafts"),
    "back_test": mark("Back-tests"),
    "verification": mark("Checks of the histories"),
    "bulk": mark("One thing done to many"),
    "retention": mark("Archiving"),
    "password_link": mark("Links to choose a password"),
}


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """Figures, one procedure on its diagram, and incidents by cause."""
    found = running_work.procedures(ctx)
    wanted = request.query_params.get("process", "")
    shown = next((each for each in found if each.key == wanted), found[0] if found else None)
    return render(
        request,
        "operate/index.html",
        procedures=found,
        shown=shown,
        procedure_named=lambda each: words.procedure(ctx, each.definition_id),
        standing=running_work.standing(ctx, shown.key) if shown else [],
        step_named=lambda element_id: named(ctx, shown.definition_id, element_id) if shown else element_id,
        causes=operate.causes(ctx),
        retry=lambda cause: f"/operate/many?{urlencode(_retried(cause))}",
        running=operate.running(ctx),
        outbox=operate.outbox(ctx),
        can_send=lambda load: sending.can_send(ctx.engine.settings, load.channel),
        labels=Labels(ctx),
        procedure_of=lambda cause: words.procedure(ctx, cause.definition_id),
        element_of=lambda cause: named(ctx, cause.definition_id, cause.element_id),
    )


def _retried(cause: Cause) -> dict[str, str]:
    """What the preview of trying them all again asks for."""
    return {
        "action": "retry",
        "process": cause.process_key,
        "element": cause.element_id,
        "cause": cause.message,
    }


def named(ctx: Context, definition_id: int, element_id: str) -> str:
    """Name of an element; its id where it has none or the version is another."""
    definition = ctx.engine.definitions.get(ctx.session, definition_id)
    element = definition.process.elements.get(element_id)
    name = element.name if element else ""
    return " ".join(definition.translate(name, ctx.actor.language).split()) if name else element_id
