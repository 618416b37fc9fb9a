"""The difference between any two versions of a procedure, or its draft: both diagrams, and the list in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from engine import bpmn, dmn, forms
from engine.runtime import definitions, deployments
from engine.runtime.bundles import Files
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.runtime.refusals import NotFound
from web import differences
from web.queries import standing, studio
from web.queries.studio import Desk, Version
from web.screen import Command, Screen
from web.studio_page import page as studio_page

router = Screen(prefix="/studio/{process_key}/differences")
DRAFT = "draft"


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two that are compared."""

    #: "draft", or the number of the version: what the address says.
    key: str
    files: Files
    #: None for a draft that cannot be read.
    definition: Definition | None
    #: Where its diagram is read from.
    diagram: str


@router.get("")
def page(request: Request, ctx: Command, process_key: str) -> Response:
    """The draft against what is live, else what is live against the version before; any other two by choice."""
    desk = studio.desk(ctx, process_key)
    versions = studio.versions(ctx, process_key)
    if not versions:
        return studio_page(request, ctx, desk, "comparison", choices=[], changes=[])
    query = request.query_params
    latest = (desk.live or versions[0].definition).version
    before = _side(ctx, desk, versions, query.get("from") or _earlier(desk, versions, latest))
    after = _side(ctx, desk, versions, query.get("to") or (DRAFT if desk.draft else str(latest)))
    found = differences.standing(
        process_key,
        before.files,
        after.files,
        ctx.actor.language,
        of=[side.definition for side in (before, after) if side.definition],
        cases=standing.at_elements(ctx, before.definition.id)
        if before.definition and before.key != DRAFT
        else {},
    )
    return studio_page(
        request,
        ctx,
        desk,
        "comparison",
        before=before,
        after=after,
        changes=found,
        marks=_marks(found),
        choices=[*([DRAFT] if desk.draft else []), *(str(each.definition.version) for each in versions)],
        counted=before.key != DRAFT,
    )


def _earlier(desk: Desk, versions: Sequence[Version], latest: int) -> str:
    """What one compares with unless one says otherwise: the draft with version `latest`, that with the one before."""
    if desk.draft:
        return str(latest)
    earlier = [each.definition.version for each in versions if each.definition.version < latest]
    return str(max(earlier, default=latest))


def _side(ctx: Context, desk: Desk, versions: Sequence[Version], key: str) -> Side:
    if key == DRAFT and desk.draft:
        name = desk.names("bpmn")[0]
        return Side(
            key=key,
            files=desk.files,
            definition=_read(desk),
            diagram=f"/studio/{desk.key}/files/bpmn/{name}",
        )
    row = next((each.definition for each in versions if str(each.definition.version) == key), None)
    if row is None:
        raise NotFound(what="version", id=key)
    return Side(
        key=key,
        files=deployments.files(ctx, row.id),
        definition=ctx.engine.definitions.get(ctx.session, row.id),
        diagram=f"/definitions/{row.id}/diagram.{ctx.actor.language}.bpmn",
    )


def _read(desk: Desk) -> Definition | None:
    try:
        return definitions.build(0, desk.key, 0, desk.files)
    except (bpmn.InvalidDiagram, dmn.InvalidDecision, forms.InvalidForm, KeyError):
        return None


def _marks(changes: Sequence[differences.Told]) -> dict[str, str]:
    """Ids to mark on the diagrams, by what became of them."""
    found: dict[str, Any] = {"added": {}, "removed": {}, "changed": {}}
    for each in changes:
        if each.what != "layout":
            kind = each.what if each.kind == "bpmn" and each.what in found else "changed"
            found[kind] |= dict.fromkeys(each.elements)
    return {kind: " ".join(ids) for kind, ids in found.items()}
