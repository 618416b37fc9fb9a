"""Jobs and workers: the queue, who works it, timers, and services paused while the system behind them is down."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from engine.runtime import services
from engine.runtime.refusals import Refusal
from web.errors import sentence
from web.i18n import mark
from web.operate import WORK
from web.queries import operate, running_work
from web.queries import step as people
from web.render import Answer, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form

router = Screen(prefix="/operate/work")


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """Everything that waits for a machine."""
    found = running_work.services(ctx)
    known = {each.type for each in found}
    named = people.names(ctx, [each.paused.paused_by for each in found if each.paused])
    return render(
        request,
        "operate/work.html",
        block="figures",
        services=found,
        others=sorted(ctx.engine.registry.service_task_types - known),
        queue=operate.queue(ctx),
        work=WORK,
        workers=running_work.workers(ctx),
        timers=running_work.timers(ctx),
        named=lambda key: named.get(key, key),
    )


@router.post("/pause")
def pause(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """Let the jobs of a type wait."""
    type_ = str(fields.get("type", ""))
    try:
        services.pause(ctx, type_, reason=str(fields.get("reason", "")))
    except Refusal as refusal:
        return redirect(request, "/operate/work", Answer(text=sentence(visitor, refusal), tone="danger"))
    text = say(visitor, mark("“{type}” is paused. Its jobs wait; no try is counted."), type=type_)
    return redirect(request, "/operate/work", Answer(text=text))


@router.post("/resume")
def resume(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """Let a paused type catch up."""
    type_ = str(fields.get("type", ""))
    try:
        n = services.resume(ctx, type_, reason=str(fields.get("reason", "")))
    except Refusal as refusal:
        return redirect(request, "/operate/work", Answer(text=sentence(visitor, refusal), tone="danger"))
    text = say(visitor, mark("“{type}” goes on: {n} waiting jobs are being done now."), type=type_, n=n)
    return redirect(request, "/operate/work", Answer(text=text))
