"""Notices of drafts and versions: administrators hear that one waits, its authors what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from engine.aftersales import staff_notices
from engine.runtime.context import Context
from engine.runtime.registry import Registry

#: The place whose people approve.
APPROVING = "operate"


def register(registry: Registry) -> None:
    """Listen to what happens to drafts."""
    registry.listen_to_organisation("DraftSubmitted", _submitted)
    registry.listen_to_organisation("DraftReturned", _returned)
    registry.listen_to_organisation("DraftApproved", _approved)


def _submitted(ctx: Context, event: Mapping[str, Any]) -> None:
    roles = [key for key, role in ctx.organisation.roles.items() if APPROVING in role.places]
    staff_notices.tell(
        ctx,
        "draft_submitted",
        _params(ctx, event, note=event["note"]),
        key=f"submission-{event['submission']}",
        path=f"/operate/deployments/submissions/{event['submission']}",
        roles=roles,
    )


def _returned(ctx: Context, event: Mapping[str, Any]) -> None:
    _tell_authors(ctx, "draft_returned", event, remark=event["remark"])


def _approved(ctx: Context, event: Mapping[str, Any]) -> None:
    at = event.get("at")
    code = "draft_approved_from" if at else "draft_approved"
    _tell_authors(ctx, code, event, version=event["version"], **({"at": at.isoformat()} if at else {}))


def _tell_authors(ctx: Context, code: str, event: Mapping[str, Any], **params: Any) -> None:
    authors: Collection[str] = event["authors"]
    staff_notices.tell(
        ctx,
        code,
        _params(ctx, event, **params),
        key=f"submission-{event['submission']}-{code}",
        path=f"/studio/{event['process']}",
        people=[key for key in authors if key != ctx.actor.key],
    )


def _params(ctx: Context, event: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"process": event["process"], "by": ctx.actor.name, **more}
