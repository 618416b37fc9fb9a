"""Deployments: what waits for approval, the versions of every procedure, which is current and from when, retiring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import Request
from fastapi.responses import Response

from engine.runtime import deployments, releases
from engine.runtime.context import Context
from engine.store.tables import ProcessDefinition
from web.i18n import mark
from web.queries import step, studio, submissions
from web.queries.studio import Version
from web.render import Answer, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form

router = Screen(prefix="/operate/deployments")
HOME = "/operate/deployments"


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """What waits first, then the versions of every procedure."""
    versions = studio.all_versions(ctx)
    retired = submissions.retired(ctx)
    return render(
        request,
        "operate/deployments.html",
        waiting=submissions.waiting(ctx),
        versions=versions,
        names=_names(ctx, versions),
        planned=submissions.planned(ctx),
        retired=retired,
        people=step.names(ctx, [each.retired_by for each in retired.values()]),
    )


def _names(ctx: Context, versions: Mapping[str, Sequence[Version]]) -> dict[str, str]:
    """Names of the procedures in the actor's language, by key and in the order of the names."""
    named = {}
    for key, each in versions.items():
        current = next((version.definition for version in each if version.definition.is_current), None)
        named[key] = _name(ctx, current or each[0].definition)
    return dict(sorted(named.items(), key=lambda item: item[1]))


def _name(ctx: Context, row: ProcessDefinition) -> str:
    definition = ctx.engine.definitions.get(ctx.session, row.id)
    return definition.translate(definition.name, ctx.actor.language)


@router.post("/versions/{definition_id}/current")
def make_current(request: Request, ctx: Command, visitor: Reader, definition_id: int) -> Response:
    """Let new cases start on this version."""
    definition = deployments.make_current(ctx, definition_id)
    text = say(
        visitor,
        mark("New cases of {name} start on version {n} now; running ones stay on theirs."),
        name=_name(ctx, definition),
        n=definition.version,
    )
    return redirect(request, f"{HOME}#{definition.process_key}", Answer(text=text))


@router.post("/planned/{plan_id}/call-off")
def call_off(request: Request, ctx: Command, visitor: Reader, plan_id: int) -> Response:
    """A planned version does not begin after all."""
    definition = releases.call_off(ctx, plan_id)
    text = say(
        visitor,
        mark("Version {n} of {name} does not begin by itself any more; it can be made current by hand."),
        name=_name(ctx, definition),
        n=definition.version,
    )
    return redirect(request, f"{HOME}#{definition.process_key}", Answer(text=text))


@router.post("/{process_key}/retire")
def retire(request: Request, ctx: Command, visitor: Reader, process_key: str, fields: Form) -> Response:
    """Start no new cases; running ones finish."""
    releases.retire(ctx, process_key, reason=str(fields.get("reason", "")))
    text = say(visitor, mark("No new case starts on this procedure; running ones finish."))
    undo = f"{HOME}/{process_key}/bring-back"
    return redirect(request, f"{HOME}#{process_key}", Answer(text=text, undo=undo))


@router.post("/{process_key}/bring-back")
def bring_back(request: Request, ctx: Command, visitor: Reader, process_key: str) -> Response:
    """Let cases start on a retired procedure again."""
    definition = releases.bring_back(ctx, process_key)
    text = say(
        visitor,
        mark("New cases of {name} start on version {n} now; running ones stay on theirs."),
        name=_name(ctx, definition),
        n=definition.version,
    )
    return redirect(request, f"{HOME}#{process_key}", Answer(text=text))
