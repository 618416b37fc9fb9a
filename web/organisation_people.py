"""People: added, changed, kept out; who is away and who stands in."""

from __future__ import annotations

import re
import secrets
from datetime import date
from types import SimpleNamespace
from typing import Any

import structlog
from fastapi import Request
from fastapi.responses import Response

from engine.runtime import api_tokens, identity, organisations, people, second_factor, sign_ins
from engine.runtime.context import Context
from engine.runtime.people import Profile
from web.attempts import attempt
from web.credentials import signed_out
from web.errors import INVALID, REFUSED
from web.i18n import mark
from web.organisation import HOME, seen_of
from web.queries import organisation as rows
from web.queries.ledger import shops
from web.render import Answer, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form

router = Screen(prefix="/operate/organisation")
log = structlog.get_logger(__name__)

#: What people sign in with.
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_BLANK: dict[str, Any] = {
    "key": "", "name": "", "email": "", "roles": (), "team": "", "skills": (), "areas": (), "shops": (), "active": True,
}  # fmt: skip


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """Everybody, with what they may do and who is away."""
    absences = rows.absences(ctx)
    return render(
        request,
        "organisation/people.html",
        people=rows.people(ctx),
        organisation=ctx.organisation,
        away={each.person: each for each in absences if each.now},
    )


@router.get("/absences")
def absences(request: Request, ctx: Command) -> Response:
    """Who is or will be away, and who stands in."""
    return _absences(request, ctx)


def _absences(
    request: Request, ctx: Context, refused: str = "", typed: dict[str, str] | None = None
) -> Response:
    return render(
        request,
        "organisation/absences.html",
        status=REFUSED if refused else 200,
        absences=rows.absences(ctx),
        people=[each for each in rows.people(ctx) if each.active],
        refused=refused,
        typed=typed or {"person": request.query_params.get("person", "")},
    )


@router.post("/absences")
def set_away(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """Somebody is away; somebody else does their work."""
    typed = {
        name: str(fields.get(name, "")).strip()
        for name in ("person", "substitute", "begins", "ends", "remark")
    }
    begins, ends = _day(typed["begins"]), _day(typed["ends"])
    if not (typed["person"] and typed["substitute"]) or begins is None or ends is None:
        text = say(visitor, mark("Say who is away, from which day to which, and who stands in."))
        return _absences(request, ctx, text, typed)
    refused = attempt(
        ctx,
        visitor,
        people.set_away,
        typed["person"],
        substitute=typed["substitute"],
        begins=begins,
        ends=ends,
        remark=typed["remark"],
    )
    if refused:
        return _absences(request, ctx, refused, typed)
    log.info("absence_set", person=typed["person"], substitute=typed["substitute"])
    text = say(visitor, mark("Saved. The substitute sees the work from the first day on."))
    return redirect(request, f"{HOME}/absences", Answer(text=text))


@router.post("/absences/{absence_id}/call-off")
def call_back(request: Request, ctx: Command, visitor: Reader, absence_id: int) -> Response:
    """The absence is off."""
    people.call_back(ctx, absence_id)
    log.info("absence_called_off", absence=absence_id)
    text = say(visitor, mark("The absence is off: everybody does their own work."))
    return redirect(request, f"{HOME}/absences", Answer(text=text))


@router.get("/people/new")
def blank(request: Request, ctx: Command) -> Response:
    """Somebody new."""
    return _person_page(request, ctx, "", SimpleNamespace(**_BLANK))


@router.get("/people/{key}")
def person(request: Request, ctx: Command, key: str) -> Response:
    """One person, to change."""
    return _person_page(request, ctx, key, rows.person(ctx, key))


def _person_page(
    request: Request,
    ctx: Context,
    key: str,
    shown: Any,
    *,
    errors: dict[str, str] | None = None,
    refused: str = "",
    note: str = "",
) -> Response:
    house = ctx.organisation
    return render(
        request,
        "organisation/person.html",
        status=INVALID if errors else REFUSED if refused else 200,
        key=key,
        shown=shown,
        organisation=house,
        # What somebody has stays to be seen, whatever the lists say meanwhile.
        skills=sorted({*house.skills, *shown.skills}),
        areas=sorted({*house.areas, *shown.areas}),
        shops=shops(ctx),
        absences=rows.absences(ctx, key) if key else (),
        sessions=sign_ins.sessions(ctx, key) if key else (),
        tokens=api_tokens.of_person(ctx, key) if key else (),
        second=second_factor.is_on(ctx, key) if key else False,
        errors=errors or {},
        refused=refused,
        note=note,
        seen=organisations.seen(ctx),
    )


@router.post("/people")
def add(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """Add somebody; their one-time password is shown once."""
    key = str(fields.get("key", "")).strip()
    shown, errors = _read(ctx, visitor, key, fields)
    if not identity.KEY.fullmatch(key):
        errors["key"] = say(visitor, mark("Small letters, digits, dots and dashes, such as li.na."))
    if errors:
        return _person_page(request, ctx, "", shown, errors=errors)
    password = secrets.token_urlsafe(9)
    refused = attempt(
        ctx, visitor, people.add, key, _profile(shown), password=password, seen_id=seen_of(fields)
    )
    if refused:
        return _person_page(request, ctx, "", shown, refused=refused)
    log.info("person_added", person=key, actor=ctx.actor.key)
    return _with_password(request, visitor, key, shown.name, password)


@router.post("/people/{key}")
def change(request: Request, ctx: Command, visitor: Reader, key: str, fields: Form) -> Response:
    """Change somebody, from their next click on."""
    existing = rows.person(ctx, key)
    shown, errors = _read(ctx, visitor, key, fields)
    shown.active = existing.active
    note = str(fields.get("note", ""))
    if errors:
        return _person_page(request, ctx, key, shown, errors=errors, note=note)
    refused = attempt(ctx, visitor, people.change, key, _profile(shown), note=note, seen_id=seen_of(fields))
    if refused:
        return _person_page(request, ctx, key, shown, refused=refused, note=note)
    log.info("person_changed", person=key, actor=ctx.actor.key)
    text = say(visitor, mark("{what} is saved and in force."), what=shown.name)
    return redirect(request, HOME, Answer(text=text))


@router.post("/people/{key}/password")
def new_password(request: Request, ctx: Command, visitor: Reader, key: str) -> Response:
    """A new one-time password, shown once."""
    existing, password = rows.person(ctx, key), sign_ins.reset_password(ctx, key)
    log.info("password_reset", person=key, actor=ctx.actor.key)
    return _with_password(request, visitor, key, existing.name, password)


def _with_password(request: Request, visitor: Reader, key: str, name: str, password: str) -> Response:
    # On the page itself: a password does not travel on in a cookie.
    return render(request, "organisation/password.html", key=key, name=name, password=password)


@router.post("/people/{key}/sessions/end")
def end_sessions(request: Request, ctx: Command, visitor: Reader, key: str) -> Response:
    """Sign somebody out everywhere."""
    ended = sign_ins.end_sessions(ctx, rows.person(ctx, key).key)
    log.info("sessions_ended", person=key, actor=ctx.actor.key, ended=ended)
    return redirect(request, f"{HOME}/people/{key}", Answer(text=signed_out(visitor, ended)))


@router.post("/people/{key}/second-factor/off")
def turn_off_second_factor(request: Request, ctx: Command, visitor: Reader, key: str) -> Response:
    """They lost their app: they sign in without a code until they set up another."""
    name = rows.person(ctx, key).name
    second_factor.turn_off(ctx, key)
    log.info("second_factor_off", person=key, actor=ctx.actor.key)
    text = say(visitor, mark("{what} signs in without a code until they set up another app."), what=name)
    return redirect(request, f"{HOME}/people/{key}", Answer(text=text))


@router.post("/people/{key}/tokens/{token_id}/revoke")
def revoke_token(request: Request, ctx: Command, visitor: Reader, key: str, token_id: int) -> Response:
    """A program of theirs is let in no more."""
    api_tokens.revoke(ctx, key, token_id)
    log.info("token_revoked", person=key, actor=ctx.actor.key, token=token_id)
    text = say(visitor, mark("The token is revoked."))
    return redirect(request, f"{HOME}/people/{key}", Answer(text=text))


@router.post("/people/{key}/active")
def set_active(request: Request, ctx: Command, visitor: Reader, key: str, fields: Form) -> Response:
    """Keep somebody out, or let them in again."""
    existing, active = rows.person(ctx, key), fields.get("active") == "1"
    refused = attempt(ctx, visitor, people.set_active, key, active=active)
    if refused:
        return _person_page(request, ctx, key, existing, refused=refused)
    log.info("person_active", person=key, active=active, actor=ctx.actor.key)
    text = (
        say(visitor, mark("{what} may sign in again."), what=existing.name)
        if active
        else say(visitor, mark("{what} can no longer sign in."), what=existing.name)
    )
    return redirect(request, f"{HOME}/people/{key}", Answer(text=text))


def _read(ctx: Context, visitor: Reader, key: str, fields: Form) -> tuple[SimpleNamespace, dict[str, str]]:
    """What was typed of a person, and what is wrong with it."""
    shown = SimpleNamespace(
        key=key,
        name=str(fields.get("name", "")).strip(),
        email=str(fields.get("email", "")).strip(),
        roles=[str(each) for each in fields.getlist("roles") if each in ctx.organisation.roles],
        team=str(fields.get("team", "")).strip(),
        skills=[str(each) for each in fields.getlist("skills")],
        areas=[str(each) for each in fields.getlist("areas")],
        shops=[str(each) for each in fields.getlist("shops")],
        active=True,
    )
    errors = {}
    if not shown.name:
        errors["name"] = say(visitor, mark("Say how colleagues call them."))
    if shown.email and not _EMAIL.fullmatch(shown.email):
        errors["email"] = say(visitor, mark("An e-mail address looks like name@company.example."))
    return shown, errors


def _profile(shown: SimpleNamespace) -> Profile:
    return Profile(
        name=shown.name,
        email=shown.email or None,
        roles=shown.roles,
        team=shown.team or None,
        skills=shown.skills,
        areas=shown.areas,
        shops=shown.shops,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
