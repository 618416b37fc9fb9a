"""The organisation's roles and versions: who may do what, what changed when, and the way back."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from types import SimpleNamespace
from typing import Any

import structlog
from fastapi import Request
from fastapi.responses import Response

from config.organisation import Role
from engine.runtime import organisations, roles
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound
from web.attempts import attempt
from web.errors import INVALID, REFUSED
from web.i18n import mark
from web.organisation_words import SIGHTS, differences
from web.places import PLACES
from web.queries import organisation as rows
from web.queries import step
from web.render import Answer, looked_at, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form

router = Screen(prefix="/operate/organisation")
log = structlog.get_logger(__name__)
HOME = "/operate/organisation"

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_BLANK = Role(name="", name_zh="", sees="own")


@router.get("/roles")
def table(request: Request, ctx: Command) -> Response:
    """Who may do what, as one table."""
    held: dict[str, list[Any]] = {}
    for person in rows.people(ctx):
        for role in person.roles if person.active else ():
            held.setdefault(role, []).append(person)
    return render(
        request,
        "organisation/roles.html",
        organisation=ctx.organisation,
        held=held,
        places={place.key: place.label for place in PLACES},
        sights=SIGHTS,
    )


@router.get("/roles/new")
def blank(request: Request, ctx: Command) -> Response:
    """A new role."""
    return _role_page(request, ctx, "", _shown("", _BLANK))


@router.get("/roles/{key}")
def role(request: Request, ctx: Command, key: str) -> Response:
    """One role, to change."""
    return _role_page(request, ctx, key, _shown(key, _existing(ctx, key)))


def _existing(ctx: Context, key: str) -> Role:
    if key not in ctx.organisation.roles:
        raise NotFound(what="role", id=key)
    return ctx.organisation.roles[key]


def _shown(key: str, role: Role) -> SimpleNamespace:
    values = role.model_dump()
    values["compensation_limit"] = "" if role.compensation_limit is None else f"{role.compensation_limit}"
    return SimpleNamespace(key=key, **values)


def _role_page(
    request: Request,
    ctx: Context,
    key: str,
    shown: SimpleNamespace,
    *,
    errors: dict[str, str] | None = None,
    refused: str = "",
    note: str = "",
) -> Response:
    return render(
        request,
        "organisation/role.html",
        status=INVALID if errors else REFUSED if refused else 200,
        key=key,
        shown=shown,
        organisation=ctx.organisation,
        places=PLACES,
        sights=SIGHTS,
        errors=errors or {},
        refused=refused,
        note=note,
        seen=organisations.seen(ctx),
    )


@router.post("/roles")
def add(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """Add a role."""
    key = str(fields.get("key", "")).strip() or _key_of(str(fields.get("name", "")))
    return _keep(request, ctx, visitor, key, fields, new=True)


@router.post("/roles/{key}")
def change(request: Request, ctx: Command, visitor: Reader, key: str, fields: Form) -> Response:
    """Change a role, in force from everybody's next click on."""
    _existing(ctx, key)
    return _keep(request, ctx, visitor, key, fields, new=False)


def _keep(request: Request, ctx: Context, visitor: Reader, key: str, fields: Form, *, new: bool) -> Response:
    shown = SimpleNamespace(
        key=key,
        name=str(fields.get("name", "")).strip(),
        name_zh=str(fields.get("name_zh", "")).strip(),
        compensation_limit=str(fields.get("compensation_limit", "")).strip(),
        places=_known(fields, "places", {place.key for place in PLACES}),
        sees=next(iter(_known(fields, "sees", SIGHTS)), _BLANK.sees),
        recorded_by=_known(fields, "recorded_by", ctx.organisation.roles),
        not_with=_known(fields, "not_with", ctx.organisation.roles),
    )
    note, page_key = str(fields.get("note", "")), "" if new else key
    errors: dict[str, str] = {}
    if not _KEY.fullmatch(key):
        errors["key"] = say(visitor, mark("Letters a–z, digits and _ only, beginning with a letter."))
    elif new and key in ctx.organisation.roles:
        errors["key"] = say(visitor, mark("There is already a role with this key."))
    for name in ("name", "name_zh"):
        if not getattr(shown, name):
            errors[name] = say(visitor, mark("Say it: lanes and pages show this name."))
    limit = _amount(shown.compensation_limit)
    if shown.compensation_limit and limit is None:
        errors["compensation_limit"] = say(visitor, mark("Write an amount such as 500, or nothing."))
    if errors:
        return _role_page(request, ctx, page_key, shown, errors=errors, note=note)
    given = {name: value for name, value in vars(shown).items() if name != "key"}
    wanted = Role.model_validate({**given, "compensation_limit": limit})
    refused = attempt(ctx, visitor, roles.put, key, wanted, note=note, seen_id=seen_of(fields))
    if refused:
        return _role_page(request, ctx, page_key, shown, refused=refused, note=note)
    log.info("role_kept", key=key, actor=ctx.actor.key)
    text = say(visitor, mark("{what} is saved and in force."), what=_label(visitor, shown))
    return redirect(request, f"{HOME}/roles", Answer(text=text))


@router.post("/roles/{key}/remove")
def remove(request: Request, ctx: Command, visitor: Reader, key: str, fields: Form) -> Response:
    """Take a role away; one that is needed stays, and the page says by what."""
    role = _existing(ctx, key)
    refused = attempt(ctx, visitor, roles.remove, key, note=str(fields.get("note", "")))
    if refused:
        return _role_page(request, ctx, key, _shown(key, role), refused=refused)
    log.info("role_removed", key=key, actor=ctx.actor.key)
    text = say(visitor, mark("{what} is removed."), what=_label(visitor, role))
    return redirect(request, f"{HOME}/roles", Answer(text=text))


@router.get("/versions")
def versions(request: Request, ctx: Command, visitor: Reader) -> Response:
    """What changed when, by whom and why, in words."""
    before = request.query_params.get("before", "")
    found = rows.versions(ctx, int(before) if before.isdigit() else None)
    shown = found[: rows.VERSIONS]
    with looked_at(visitor):
        words = {
            each.id: differences(earlier, each.content, visitor.language) if earlier is not None else None
            for each, earlier in shown
        }
    return render(
        request,
        "organisation/versions.html",
        versions=[each for each, _ in shown],
        words=words,
        more=len(found) > rows.VERSIONS,
        in_force=organisations.seen(ctx),
        people=step.names(ctx, [each.created_by for each, _ in shown]),
    )


@router.post("/versions/{version_id}/go-back")
def go_back(request: Request, ctx: Command, visitor: Reader, version_id: int, fields: Form) -> Response:
    """Put an earlier version in force again."""
    refused = attempt(ctx, visitor, organisations.go_back, version_id, note=str(fields.get("note", "")))
    if refused:
        return redirect(request, f"{HOME}/versions", Answer(text=refused, tone="danger"))
    log.info("organisation_gone_back", version=version_id, actor=ctx.actor.key)
    text = say(visitor, mark("The organisation is again as version {n} had it."), n=version_id)
    return redirect(request, f"{HOME}/versions", Answer(text=text))


def seen_of(fields: Form) -> int | None:
    """The version a form was made from."""
    text = str(fields.get("seen", ""))
    return int(text) if text.isdigit() else None


def _known(fields: Form, name: str, known: Any) -> list[str]:
    return [str(each) for each in fields.getlist(name) if each in known]


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None


def _key_of(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")


def _label(visitor: Reader, role: Any) -> str:
    return role.name_zh if visitor.language == "zh" else role.name
