"""Signing in and out."""

from __future__ import annotations

from dataclasses import replace

import structlog
from fastapi import Request
from fastapi.responses import Response

from engine.runtime import identity, sign_ins
from engine.runtime.refusals import Refusal
from web import sessions
from web.errors import sentence
from web.i18n import LANGUAGES
from web.render import own_path, redirect, render, visitor_of
from web.screen import Command, Screen
from web.security import Form

router = Screen()
log = structlog.get_logger(__name__)


@router.get("/sign-in")
def page(request: Request) -> Response:
    """The sign-in page; whoever is signed in goes on."""
    where = request.query_params.get("next", "")
    if visitor_of(request).actor is not None:
        return redirect(request, _onward(where))
    return render(request, "sign_in/index.html", key="", wrong="", next=where)


@router.post("/sign-in")
def sign_in(request: Request, fields: Form) -> Response:
    """Check name and password; after several wrong tries further ones from there wait a while."""
    key, password = str(fields.get("key", "")).strip(), str(fields.get("password", ""))
    where = str(fields.get("next", ""))
    engine, address = request.app.state.engine, sessions.address_of(request)
    with request.app.state.commands.begin() as ctx:
        known = request.cookies.get(sessions.BROWSER_COOKIE, "")
        person = sign_ins.authenticate(ctx, key, password, address=address, browser=known)
        if isinstance(person, Refusal):
            log.info("sign_in_refused", key=key, code=person.code, address=address)
            wrong = sentence(sessions.anonymous(engine, request), person)
            return render(request, "sign_in/index.html", status=403, key=key, wrong=wrong, next=where)
        # Whoever signed in here before leaves.
        identity.close_session(ctx, request.cookies.get(sessions.COOKIE, ""))
        token = identity.open_session(
            ctx,
            person,
            hours=engine.settings.session_hours,
            address=address,
            user_agent=request.headers.get("user-agent", "")[:300],
        )
        response = redirect(request, _onward(where))
        sessions.remember_browser(replace(ctx, actor=identity.actor(person)), request, response)
    log.info("signed_in", key=key, address=address)
    sessions.set_cookie(response, token, engine=engine)
    return response


@router.post("/sign-out")
def sign_out(request: Request, ctx: Command) -> Response:
    """Forget this browser."""
    identity.close_session(ctx, request.cookies[sessions.COOKIE])
    response = redirect(request, "/sign-in")
    response.delete_cookie(sessions.COOKIE)
    return response


@router.post("/sign-in/language")
def language(request: Request, fields: Form) -> Response:
    """Choose the language of the pages before signing in."""
    response = redirect(request, "/sign-in")
    chosen = str(fields.get("language", ""))
    if chosen in LANGUAGES:
        response.set_cookie(
            sessions.LANGUAGE_COOKIE, chosen, max_age=365 * 86400, samesite="lax", httponly=True
        )
    return response


def _onward(where: str) -> str:
    return where if own_path(where) and not where.startswith("/sign-in") else "/"
