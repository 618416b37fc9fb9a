"""Why: what happened explained with the values it saw, what a case waits for, why a step is with whom it is with."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from engine.runtime import user_tasks
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.runtime.refusals import NotFound
from engine.runtime.replay import version_at
from web import explanations, words
from web.errors import sentence
from web.i18n import gettext
from web.labels import Labels
from web.queries import case as cases
from web.queries import case_history
from web.queries import step as queries
from web.queries import why as rows
from web.render import render
from web.screen import Command, Reader, Screen
from web.timeline import Teller
from web.user_task import check_seen

router = Screen()


@router.get("/audit/{number}/why")
def event(request: Request, ctx: Command, number: str) -> Response:
    """Why an event of a case happened as it did: `?event=instance.number`. Raises `NotFound`."""
    address = request.query_params.get("event", "")
    head = cases.head(ctx, number)
    found = rows.event(ctx, number, address)
    if found is None:
        raise NotFound(what="event", id=address)
    instance_id, past = found
    definition = ctx.engine.definitions.get(ctx.session, version_at(ctx.session, instance_id, past.seq))
    return render(
        request,
        "why/event.html",
        block="why",
        case=head,
        event=past,
        address=address,
        explained=explanations.of_event(ctx, instance_id, past),
        **_telling(ctx, definition, number),
    )


@router.get("/cases/{number}/why")
def case(request: Request, ctx: Command, visitor: Reader, number: str) -> Response:
    """What a case waits for, and what keeps the reader from each step."""
    head = cases.head(ctx, number)
    waited, names = explanations.waited_for(ctx, number)
    labels = Labels(ctx)
    return render(
        request,
        "why/case.html",
        block="why",
        case=head,
        labels=labels,
        waited=waited,
        names=names,
        step_of=lambda wait: _name(ctx, wait.definition_id, wait.element_id),
        groups_of=lambda task: words.roles(ctx.organisation, task.candidate_groups, ctx.actor.language),
        refused=lambda refusal: sentence(visitor, refusal, names),
    )


@router.get("/user-tasks/{user_task_id}/why")
def step(request: Request, ctx: Command, visitor: Reader, user_task_id: int) -> Response:
    """Why a step is with whom it is with, due when it is, and what keeps the reader from it."""
    task = user_tasks.get(ctx, user_task_id)
    check_seen(ctx, visitor, task)
    definition = ctx.engine.definitions.get(ctx.session, task.definition_id)
    holder = queries.names(ctx, [task.assignee])
    return render(
        request,
        "why/step.html",
        block="why",
        task=task,
        title=definition.translate(task.name, ctx.actor.language),
        explained=explanations.of_step(ctx, task),
        holder=holder.get(task.assignee or "", task.assignee),
        refusals=[sentence(visitor, each, holder) for each in user_tasks.obstacles(ctx, task)],
        away=rows.away(ctx, [task.assignee]).get(task.assignee or ""),
        **_telling(ctx, definition, task.business_key),
    )


def _telling(ctx: Context, definition: Definition, number: str) -> dict[str, Any]:
    """What templates tell explanations with, in the reader's language."""
    labels, language = Labels(ctx), ctx.actor.language
    teller = Teller(ctx, case_history.instances(ctx, number), labels)
    calendar = ctx.engine.calendar
    return {
        "labels": labels,
        "definition": definition,
        "said": words.translator(definition, language),
        "named": lambda element_id: _named(definition, element_id, language),
        "plain": lambda value: gettext("nothing") if value in (None, "", []) else teller.plain(value),
        "roles_of": lambda keys: words.roles(ctx.organisation, keys, language),
        "holiday": lambda day: calendar.holiday_name(day, language),
    }


def _name(ctx: Context, definition_id: int, element_id: str | None) -> str:
    definition = ctx.engine.definitions.get(ctx.session, definition_id)
    return _named(definition, element_id, ctx.actor.language) if element_id else ""


def _named(definition: Definition, element_id: str | None, language: str) -> str:
    element = definition.process.elements.get(element_id or "")
    name = definition.translate(element.name, language) if element else ""
    return " ".join(name.split()) or element_id or ""
