"""Operate: what runs, what is stuck and why, the queue and its workers."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from engine.aftersales import sending
from engine.runtime import incidents
from engine.runtime.context import Context
from engine.runtime.refusals import Refusal
from web import words
from web.errors import sentence
from web.i18n import mark
from web.labels import Labels
from web.queries import operate
from web.queries.operate import Cause
from web.render import Answer, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form

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
    "retention": mark("Archiving"),
}


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """Figures, and incidents by cause."""
    return render(
        request,
        "operate/index.html",
        causes=operate.causes(ctx),
        running=operate.running(ctx),
        queue=operate.queue(ctx),
        work=WORK,
        outbox=operate.outbox(ctx),
        can_send=lambda load: sending.can_send(ctx.engine.settings, load.channel),
        labels=Labels(ctx),
        procedure_of=lambda cause: words.procedure(ctx, cause.definition_id),
        element_of=lambda cause: _element(ctx, cause),
    )


def _element(ctx: Context, cause: Cause) -> str:
    """Name of the element that is stuck; its id where it has none or the version is another."""
    definition = ctx.engine.definitions.get(ctx.session, cause.definition_id)
    element = definition.process.elements.get(cause.element_id)
    name = element.name if element else ""
    return definition.translate(name, ctx.actor.language) if name else cause.element_id


@router.post("/retry")
def retry(request: Request, visitor: Reader, fields: Form) -> Response:
    """Try again everything with one cause, each in a transaction of its own."""
    chosen = sorted({int(text) for text in fields.getlist("id") if str(text).isdigit()})
    reason = str(fields.get("reason", "")).strip()
    if not reason:
        text = say(visitor, mark("Say why you try again; it goes into the history."))
        return redirect(request, "/operate", Answer(text=text, tone="danger"))
    done, refused = 0, ""
    for incident_id in chosen:
        try:
            with request.app.state.commands.begin(visitor.actor) as ctx:
                incidents.retry(ctx, incident_id, reason=reason)
            done += 1
        except Refusal as refusal:
            refused = sentence(visitor, refusal)
    text = say(visitor, mark("Tried again: {n}."), n=done)
    if refused:
        text += " " + say(visitor, mark("Not tried: {n}. {why}"), n=len(chosen) - done, why=refused)
    return redirect(request, "/operate", Answer(text=text, tone="ok" if done else "danger"))
