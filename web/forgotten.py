"""A forgotten password: a link is asked for, and a new password chosen with it."""

from __future__ import annotations

import structlog
from fastapi import Request
from fastapi.responses import Response

from engine.aftersales import password_links
from engine.runtime.refusals import Refusal
from web import sessions
from web.credentials import NotTheSame
from web.errors import sentence
from web.i18n import mark
from web.render import redirect, render, say
from web.screen import Screen
from web.security import Form
from web.sign_in import entry

router = Screen(prefix="/sign-in")
log = structlog.get_logger(__name__)


@router.get("/forgotten")
def forgotten(request: Request) -> Response:
    """Where one asks for a link."""
    return _asking(request) if _is_offered(request) else redirect(request, "/sign-in")


@router.post("/forgotten")
def ask(request: Request, fields: Form) -> Response:
    """The same answer for everybody and nobody."""
    if not _is_offered(request):
        return redirect(request, "/sign-in")
    key, address = str(fields.get("key", "")).strip(), sessions.address_of(request)
    with request.app.state.commands.begin() as ctx:
        refused = password_links.ask(ctx, key, address=address)
    log.info("password_link_asked", key=key, address=address, code=refused.code if refused else "")
    return _asking(request, key=key, refused=refused, asked=refused is None)


@router.get("/new-password")
def new_password(request: Request) -> Response:
    """Where the link leads; looking uses it up no more than a mail program does that looks at links."""
    token = request.query_params.get("token", "")
    try:
        with request.app.state.commands.begin() as ctx:
            password_links.owner(ctx, token)
    except Refusal as refused:
        return _asking(request, refused=refused) if _is_offered(request) else redirect(request, "/sign-in")
    return _choosing(request, token)


@router.post("/new-password")
def choose(request: Request, fields: Form) -> Response:
    """The new password, with which one signs in then; a second factor is still asked for."""
    token, wanted = str(fields.get("token", "")), str(fields.get("wanted", ""))
    try:
        with request.app.state.commands.begin() as ctx:
            if wanted != str(fields.get("again", "")):
                password_links.owner(ctx, token)
                raise NotTheSame()
            person = password_links.choose(ctx, token, wanted)
            key = person.key
    except password_links.LinkOutdated as refused:
        return _asking(request, refused=refused) if _is_offered(request) else redirect(request, "/sign-in")
    except Refusal as refused:
        return _choosing(request, token, refused=refused)
    log.info("password_chosen_by_link", key=key, address=sessions.address_of(request))
    visitor = sessions.anonymous(request.app.state.engine, request)
    return entry(request, "", key=key, told=say(visitor, mark("Your password is changed. Sign in with it.")))


def _is_offered(request: Request) -> bool:
    return password_links.is_offered(request.app.state.engine.settings)


def _asking(
    request: Request, *, key: str = "", refused: Refusal | None = None, asked: bool = False
) -> Response:
    return render(
        request,
        "sign_in/forgotten.html",
        status=403 if refused else 200,
        key=key,
        wrong=_said(request, refused),
        asked=asked,
        minutes=request.app.state.engine.settings.password_link_minutes,
    )


def _choosing(request: Request, token: str, *, refused: Refusal | None = None) -> Response:
    return render(
        request,
        "sign_in/new_password.html",
        status=403 if refused else 200,
        token=token,
        wrong=_said(request, refused),
        least=request.app.state.engine.settings.password_length,
    )


def _said(request: Request, refused: Refusal | None) -> str:
    return sentence(sessions.anonymous(request.app.state.engine, request), refused) if refused else ""
