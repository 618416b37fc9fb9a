"""Roles, as an administrator keeps them: names, limits, places, and what they have to do with each other."""

from __future__ import annotations

from config import organisation as documents
from config.organisation import Role
from engine.runtime import organisations
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, Refusal


class RoleNamed(Refusal):
    """A role that another one is defined by."""

    code = "role_named"
    sentence = "“{role}” is named by the role “{other}”. Change that one first."


class RoleNameTaken(Refusal):
    """A lane of this name would be ambiguous."""

    code = "role_name_taken"
    sentence = "“{name}” is the name of another role already. Lanes are told apart by it."


def put(ctx: Context, key: str, role: Role, *, note: str = "", seen_id: int | None = None) -> int:
    """Add a role, or change the one there is. Raises what `organisations.change` does and `RoleNameTaken`."""
    present = ctx.organisation
    for name in (key, role.name, role.name_zh):
        taken = present.role_of_lane(name)
        if taken is not None and taken != key:
            raise RoleNameTaken(name=name)
    roles = documents.document(present)["roles"] | {key: role.model_dump(mode="json")}
    return organisations.change(
        ctx, organisation=documents.changed(present, roles=roles), note=note, seen_id=seen_id
    )


def remove(ctx: Context, key: str, *, note: str = "", seen_id: int | None = None) -> int:
    """Take a role away that nothing and nobody needs.

    Raises `NotFound`, `RoleNamed`, and what `organisations.change` does."""
    present = ctx.organisation
    if key not in present.roles:
        raise NotFound(what="role", id=key)
    for other, role in present.roles.items():
        if other != key and key in (*role.recorded_by, *role.not_with):
            raise RoleNamed(
                role=present.label(key, ctx.actor.language), other=present.label(other, ctx.actor.language)
            )
    roles = {other: role for other, role in documents.document(present)["roles"].items() if other != key}
    return organisations.change(
        ctx, organisation=documents.changed(present, roles=roles), note=note, seen_id=seen_id
    )
