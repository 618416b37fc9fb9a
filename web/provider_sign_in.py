"""Signing in by the company's own provider: there, back, and out of it again."""

from __future__ import annotations

import base64
import binascii

import structlog
from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from engine.runtime import provider_accounts
from engine.runtime.refusals import Refusal
from web import provider, sessions
from web.provider import Asking, SignInOutdated
from web.render import redirect
from web.screen import Screen
from web.sign_in import entry, known, onward

router = Screen(prefix="/sign-in/provider")
log = structlog.get_logger(__name__)
#: Random token, moment and address to go on to; none but this browser's own sign-in follows from it.
COOKIE = "aftercare_provider"


@router.get("")
def go(request: Request) -> Response:
    """To the provider; what comes back is good for this browser alone."""
    engine = request.app.state.engine
    where, asking = onward(request.query_params.get("next", "")), Asking.begin()
    if not provider.is_offered(engine.settings):
        return redirect(request, "/sign-in")
    try:
        address = provider.address(engine.settings, asking, _back(request))
    except Refusal as refused:
        log.warning("provider_sign_in_refused", code=refused.code, cause=repr(refused.__cause__))
        return entry(request, where, refused=refused)
    response = RedirectResponse(address, status_code=303)
    begun = f"{int(engine.clock.now().timestamp())}.{asking.token}.{_packed(where)}"
    response.set_cookie(
        COOKIE,
        begun,
        max_age=engine.settings.oidc_minutes * 60,
        path="/sign-in/provider",
        httponly=True,
        # The browser comes back from another site, so "strict" would lose it.
        samesite="lax",
        secure=engine.settings.secure_cookies,
    )
    return response


@router.get("/back")
def come_back(request: Request) -> Response:
    """The provider says who it is: they are signed in here, with the roles of their groups."""
    engine, address = request.app.state.engine, sessions.address_of(request)
    if not provider.is_offered(engine.settings):
        return redirect(request, "/sign-in")
    where = ""
    try:
        asking, where = _asked(request)
        account = provider.account(
            engine.settings,
            asking,
            request.query_params,
            back=_back(request),
            now=engine.clock.now().timestamp(),
        )
        with request.app.state.commands.begin() as ctx:
            person = provider_accounts.admit(ctx, account)
            log.info("provider_vouched", key=person.key, subject=account.subject, address=address)
            response = known(ctx, request, person, where)
    except Refusal as refused:
        log.info(
            "provider_sign_in_refused", code=refused.code, address=address, cause=repr(refused.__cause__)
        )
        response = entry(request, where, refused=refused)
    # Once: what was begun is over, whatever came of it.
    response.delete_cookie(COOKIE, path="/sign-in/provider")
    return response


@router.get("/out")
def leave(request: Request) -> Response:
    """Sign out of the provider as well."""
    engine = request.app.state.engine
    if not provider.is_offered(engine.settings):
        return redirect(request, "/sign-in")
    try:
        address = provider.leaving(engine.settings, _home(request) + "/sign-in")
    except Refusal as refused:
        return entry(request, "", refused=refused)
    return RedirectResponse(address, status_code=303) if address else redirect(request, "/sign-in")


def _asked(request: Request) -> tuple[Asking, str]:
    """What this browser began, and where it goes on to. Raises `SignInOutdated`."""
    engine = request.app.state.engine
    at, _, rest = request.cookies.get(COOKIE, "").partition(".")
    token, _, where = rest.partition(".")
    if not (at.isascii() and at.isdecimal() and len(at) <= 12 and token):
        raise SignInOutdated()
    age = engine.clock.now().timestamp() - int(at)
    if not -provider.LEEWAY_SECONDS <= age <= engine.settings.oidc_minutes * 60:
        raise SignInOutdated()
    return Asking(token), onward(_unpacked(where))


def _home(request: Request) -> str:
    return (request.app.state.engine.settings.public_url or str(request.base_url)).rstrip("/")


def _back(request: Request) -> str:
    return f"{_home(request)}/sign-in/provider/back"


def _packed(where: str) -> str:
    return base64.urlsafe_b64encode(where.encode()).decode().rstrip("=")


def _unpacked(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""
