"""Signed-in browsers as pages know them: the cookie, the visitor behind it, the token their forms carry."""

from __future__ import annotations

import hashlib
import hmac

from fastapi import Request, Response

from engine.runtime import identity
from engine.runtime.context import Context, Engine
from web import i18n
from web.visitor import Visitor

COOKIE = "aftercare_session"
LANGUAGE_COOKIE = "aftercare_language"
THEME_COOKIE = "aftercare_theme"


def recognise(ctx: Context, request: Request) -> Visitor:
    """Who sends this request: session, person and roles in one SELECT, nothing written."""
    token = request.cookies.get(COOKIE, "")
    person = identity.find_session(ctx, token) if token else None
    if person is None:
        return anonymous(ctx.engine, request)
    return Visitor(
        actor=identity.actor(person, person, address=address_of(request)),
        language=person.language,
        theme=person.theme,
        now=ctx.now,
        organisation=ctx.organisation,
        csrf=csrf_token(token),
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


def csrf_token(token: str) -> str:
    """What a form of ours carries: derived from the session's token, so it needs no row and leaks nothing of it."""
    return hmac.new(token.encode(), b"aftercare form", hashlib.sha256).hexdigest()


def address_of(request: Request) -> str | None:
    """Network address of the browser."""
    return request.client.host if request.client else None
