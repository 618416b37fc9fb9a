"""Deployments: drafts that wait to go live, the versions of every procedure, going back to an earlier one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import select

from engine.runtime import deployments, drafts
from engine.runtime.context import Context
from engine.runtime.refusals import Stale
from engine.store.tables import Draft
from web import differences as changes_of
from web.errors import INVALID
from web.i18n import mark
from web.problems import Told, errors, told
from web.queries import step, studio
from web.queries.studio import Desk, Version
from web.render import Answer, redirect, render, say
from web.screen import Command, Screen
from web.security import Form

router = Screen(prefix="/operate/deployments", place="operate")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An open draft, with what speaks for and against deploying it."""

    desk: Desk
    name: str
    problems: Sequence[Told]
    differences: Sequence[changes_of.Told]


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """What waits first, then the versions of every procedure."""
    return _page(request, ctx)


def _page(
    request: Request, ctx: Context, *, refused: str = "", note: str = "", status: int = 200
) -> Response:
    waiting = _waiting(ctx)
    versions = studio.all_versions(ctx)
    return render(
        request,
        "operate/deployments.html",
        status=status,
        waiting=waiting,
        errors=errors,
        people=step.names(ctx, [each.desk.draft.updated_by for each in waiting if each.desk.draft]),
        versions=versions,
        names=_names(ctx, versions),
        refused=refused,
        note=note,
    )


def _waiting(ctx: Context) -> list[Waiting]:
    keys = ctx.session.scalars(
        select(Draft.process_key).where(Draft.state == "open").order_by(Draft.updated_at)
    ).all()
    found = []
    for key in keys:
        desk = studio.desk(ctx, key)
        changes = changes_of.listed(key, deployments.files(ctx, desk.live.id), desk.files, ctx.actor.language)
        if changes:
            found.append(
                Waiting(
                    desk=desk,
                    name=desk.translate(desk.live.name, ctx.actor.language),
                    problems=told(studio.problems(ctx, desk), ctx.actor.language),
                    differences=changes,
                )
            )
    return found


def _names(ctx: Context, versions: Mapping[str, Sequence[Version]]) -> dict[str, str]:
    """Names of the procedures in the actor's language, by key and in the order of the names."""
    named = {}
    for key, each in versions.items():
        current = next((version.definition for version in each if version.definition.is_current), None)
        definition = ctx.engine.definitions.get(ctx.session, (current or each[0].definition).id)
        named[key] = definition.translate(definition.name, ctx.actor.language)
    return dict(sorted(named.items(), key=lambda item: item[1]))


@router.post("/{process_key}/deploy")
def deploy(request: Request, ctx: Command, process_key: str, fields: Form) -> Response:
    """Make the draft the next version; with errors it stays a draft, and each says what mends it."""
    desk = studio.desk(ctx, process_key)
    if desk.draft is None or str(fields.get("seen", "")) != desk.seen:
        raise Stale()
    note = str(fields.get("note", "")).strip()
    if errors(studio.problems(ctx, desk)):
        log.info("deployment_refused", process=process_key, actor=ctx.actor.key)
        return _page(request, ctx, refused=process_key, note=note, status=INVALID)
    definition, _ = drafts.deploy(ctx, desk.draft.id, note=note)
    log.info("deployed", process=process_key, version=definition.version, actor=ctx.actor.key)
    text = say(
        request.state.visitor,
        mark("{name} version {n} is live: new cases start on it, running ones stay on theirs."),
        name=desk.translate(definition.name, ctx.actor.language),
        n=definition.version,
    )
    return redirect(request, "/operate/deployments", Answer(text=text))


@router.post("/versions/{definition_id}/current")
def make_current(request: Request, ctx: Command, definition_id: int) -> Response:
    """Let new cases start on this version."""
    definition = deployments.make_current(ctx, definition_id)
    text = say(
        request.state.visitor,
        mark("New cases of {name} start on version {n} now; running ones stay on theirs."),
        name=definition.name,
        n=definition.version,
    )
    return redirect(request, f"/operate/deployments#{definition.process_key}", Answer(text=text))
