"""Signing in and out."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import structlog
from fastapi import Request
from fastapi.responses import Response

from config import sign_in as rules_of_provider
from engine.aftersales import password_links
from engine.runtime import identity, second_factor, sign_ins
from engine.runtime.context import Context
from engine.runtime.refusals import Refusal
from engine.store.tables import Person
from web import provider, sessions
from web.errors import sentence
from web.i18n import LANGUAGES
from web.render import own_path, redirect, render, visitor_of
from web.screen import Command, Screen
from web.security import Form

router = Screen()
log = structlog.get_logger(__name__)
#: How long the code is waited for once the password was told.
CODE_WITHIN_HOURS = 5 / 60


@router.get("/sign-in")
def page(request: Request) -> Response:
    """The sign-in page; whoever is signed in goes on."""
    where = request.query_params.get("next", "")
    if visitor_of(request).actor is not None:
        return redirect(request, onward(where))
    return entry(request, where, out="out" in request.query_params)


def entry(
    request: Request,
    where: str,
    *,
    key: str = "",
    refused: Refusal | None = None,
    told: str = "",
    out: bool = False,
) -> Response:
    """The sign-in page, with what was refused or done; `out` says that one just signed out."""
    engine = request.app.state.engine
    settings = engine.settings
    visitor = sessions.anonymous(engine, request)
    offered = provider.is_offered(settings)
    return render(
        request,
        "sign_in/index.html",
        status=403 if refused else 200,
        key=key,
        wrong=sentence(visitor, refused) if refused else "",
        told=told,
        next=where,
        forgotten=password_links.is_offered(settings),
        out=out and offered,
        provider=rules_of_provider.read(settings.sign_in_file) if offered else None,
        local=settings.local_sign_in,
    )


@router.post("/sign-in")
def sign_in(request: Request, fields: Form) -> Response:
    """Check name and password; after several wrong tries further ones from there wait a while."""
    key, password = str(fields.get("key", "")).strip(), str(fields.get("password", ""))
    where = str(fields.get("next", ""))
    address = sessions.address_of(request)
    with request.app.state.commands.begin() as ctx:
        browser = request.cookies.get(sessions.BROWSER_COOKIE, "")
        person = sign_ins.authenticate(ctx, key, password, address=address, browser=browser)
        if isinstance(person, Refusal):
            log.info("sign_in_refused", key=key, code=person.code, address=address)
            return entry(request, where, key=key, refused=person)
        return known(ctx, request, person, where)


def known(ctx: Context, request: Request, person: Person, where: str) -> Response:
    """Who it is was shown: they go on, or are asked for the code of their app first."""
    if not second_factor.is_on(ctx, person.key):
        return _signed_in(ctx, request, person, where)
    token = _open(ctx, request, person, hours=CODE_WITHIN_HOURS, awaits_code=True)
    response = redirect(request, f"/sign-in/code?{urlencode({'next': onward(where)})}")
    sessions.set_cookie(response, token, engine=ctx.engine)
    return response


@router.get("/sign-in/code")
def code_page(request: Request) -> Response:
    """What the app shows now; asked of whoever told their password."""
    with request.app.state.commands.begin() as ctx:
        if identity.awaiting_code(ctx, request.cookies.get(sessions.COOKIE, "")) is None:
            return redirect(request, "/sign-in")
    return render(request, "sign_in/code.html", wrong="", next=request.query_params.get("next", ""))


@router.post("/sign-in/code")
def tell_code(request: Request, fields: Form) -> Response:
    """Check the code; with the right one the browser is signed in."""
    where = str(fields.get("next", ""))
    with request.app.state.commands.begin() as ctx:
        person = identity.awaiting_code(ctx, request.cookies.get(sessions.COOKIE, ""))
        if person is None:
            return redirect(request, "/sign-in")
        refused = second_factor.check(ctx, person.key, str(fields.get("code", "")))
        if refused is not None:
            log.info("code_refused", key=person.key, code=refused.code, address=sessions.address_of(request))
            wrong = sentence(sessions.anonymous(ctx.engine, request), refused)
            return render(request, "sign_in/code.html", status=403, wrong=wrong, next=where)
        return _signed_in(ctx, request, person, where)


def _signed_in(ctx: Context, request: Request, person: Person, where: str) -> Response:
    token = _open(ctx, request, person, hours=ctx.engine.settings.session_hours)
    response = redirect(request, onward(where))
    sessions.set_cookie(response, token, engine=ctx.engine)
    sessions.remember_browser(replace(ctx, actor=identity.actor(person)), request, response)
    log.info("signed_in", key=person.key, address=sessions.address_of(request))
    return response


def _open(ctx: Context, request: Request, person: Person, *, hours: float, awaits_code: bool = False) -> str:
    # Whoever signed in here before leaves.
    identity.close_session(ctx, request.cookies.get(sessions.COOKIE, ""))
    return identity.open_session(
        ctx,
        person,
        hours=hours,
        address=sessions.address_of(request),
        user_agent=request.headers.get("user-agent", "")[:300],
        awaits_code=awaits_code,
    )


@router.post("/sign-out")
def sign_out(request: Request, ctx: Command) -> Response:
    """Forget this browser."""
    identity.close_session(ctx, request.cookies[sessions.COOKIE])
    response = redirect(request, "/sign-in?out" if provider.is_offered(ctx.engine.settings) else "/sign-in")
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


def onward(where: str) -> str:
    """The page of ours that one wanted, or the first."""
    return where if own_path(where) and not where.startswith("/sign-in") else "/"
