"""Signed-in browsers as pages know them: the cookie, the visitor behind it, the token their forms carry."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import Any

from fastapi import Request, Response

from engine.runtime import identity, sign_ins
from engine.runtime.context import Context, Engine
from web import i18n, masking
from web.visitor import Visitor

COOKIE = "aftercare_session"
#: Says that somebody signed in on this browser before; opens nothing.
BROWSER_COOKIE = "aftercare_browser"
#: Where one chooses one's own password and looks after one's sign-ins.
CREDENTIALS = "/preferences/sign-in"
LANGUAGE_COOKIE = "aftercare_language"
THEME_COOKIE = "aftercare_theme"


def recognise(ctx: Context, request: Request) -> Visitor:
    """Who sends this request: session, person and roles in one SELECT, nothing written."""
    token = request.cookies.get(COOKIE, "")
    person = identity.find_session(ctx, token) if token else None
    return _visitor(ctx, request, person, csrf=csrf_token(token))


def recognise_program(ctx: Context, request: Request, token: str, scope: str) -> Visitor:
    """For whom a program sends this request, where its token is for this scope."""
    return _visitor(ctx, request, identity.find_token(ctx, token, scope), csrf="")


def _visitor(ctx: Context, request: Request, person: Any | None, *, csrf: str) -> Visitor:
    if person is None:
        return anonymous(ctx.engine, request)
    actor = identity.actor(person, person, address=address_of(request))
    return Visitor(
        actor=actor,
        language=person.language,
        theme=person.theme,
        now=ctx.now,
        organisation=ctx.organisation,
        csrf=csrf,
        one_time=person.password_until is not None,
        hidden=masking.hidden(replace(ctx, actor=actor)),
        preferences=person.preferences,
    )


def anonymous(engine: Engine, request: Request) -> Visitor:
    """Somebody not signed in, or not to be recognised now: language and theme as their browser says or as they chose."""
    theme = request.cookies.get(THEME_COOKIE, "")
    return Visitor(
        actor=None,
        language=i18n.preferred(
            request.headers.get("accept-language", ""), request.cookies.get(LANGUAGE_COOKIE, "")
        ),
        theme=theme if theme in ("light", "dark") else "auto",
        now=engine.clock.now(),
        organisation=engine.organisation(),
    )


def set_cookie(response: Response, token: str, *, engine: Engine) -> None:
    """Give the browser its token."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=engine.settings.session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=engine.settings.secure_cookies,
    )


def remember_browser(ctx: Context, request: Request, response: Response) -> None:
    """The actor signed in on this browser: what strangers fail at elsewhere does not keep them out on it."""
    assert ctx.actor.person_id is not None  # signed in
    token = sign_ins.remember_browser(ctx, ctx.actor.person_id, request.cookies.get(BROWSER_COOKIE, ""))
    response.set_cookie(
        BROWSER_COOKIE,
        token,
        max_age=int(sign_ins.KNOWN_FOR.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=ctx.engine.settings.secure_cookies,
    )


def csrf_token(token: str) -> str:
    """What a form of ours carries: derived from the session's token, so it needs no row and leaks nothing of it."""
    return hmac.new(token.encode(), b"aftercare form", hashlib.sha256).hexdigest()


def address_of(request: Request) -> str | None:
    """Network address of the browser."""
    return request.client.host if request.client else None
