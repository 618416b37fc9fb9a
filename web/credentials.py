"""How one signs in: one's own password, the browsers one is signed in on, the tokens of one's programs."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from fastapi import Request
from fastapi.responses import Response

from engine.runtime import api_tokens, second_factor, sign_ins
from engine.runtime.context import Context
from engine.runtime.identity import digest_of
from engine.runtime.refusals import Refusal
from engine.store.tables import WebSession
from web import access, sessions
from web.errors import REFUSED, sentence
from web.i18n import mark, words
from web.render import Answer, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form

router = Screen(prefix=sessions.CREDENTIALS)
log = structlog.get_logger(__name__)
#: Days a token can be made for, where the installation allows as many.
DAYS = (7, 30, 90, 180, 365)
#: What gives a browser and its system away, the particular before what others say too.
BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad")),
    *(("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")),
)


@router.get("")
def page(request: Request, ctx: Command, visitor: Reader) -> Response:
    """All of it."""
    return _page(request, ctx, visitor)


def _page(
    request: Request,
    ctx: Context,
    visitor: Reader,
    *,
    refused: Refusal | None = None,
    about: str = "",
    token: str = "",
    name: str = "",
    shared: str = "",
    recovery: Sequence[str] = (),
) -> Response:
    settings = ctx.engine.settings
    return render(
        request,
        "preferences/credentials.html",
        status=REFUSED if refused else 200,
        refused=sentence(visitor, refused) if refused else "",
        about=about,
        token=token,
        name=name,
        least=settings.password_length,
        sessions=sign_ins.sessions(ctx, ctx.actor.key),
        browser_of=_browser,
        here=digest_of(request.cookies.get(sessions.COOKIE, "")),
        shared=shared,
        app=second_factor.address(ctx, shared) if shared else "",
        recovery=recovery,
        offered=second_factor.is_offered(ctx),
        second=second_factor.is_on(ctx, ctx.actor.key),
        tokens=api_tokens.of_person(ctx, ctx.actor.key),
        may_make=access.SUBMIT.open_to(visitor.places),
        days=[each for each in DAYS if each <= settings.api_token_days] or [settings.api_token_days],
    )


def _browser(session: WebSession) -> str:
    """What a browser says it is, in two words: "Firefox, Windows"."""
    said = session.user_agent or ""
    named = (next((name for mark_, name in known if mark_ in said), "") for known in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, named)) or said[:40]


@router.post("/password")
def change_password(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """Another password of one's own; one is signed out everywhere else."""
    wanted = str(fields.get("wanted", ""))
    token = request.cookies[sessions.COOKIE]
    if wanted != str(fields.get("again", "")):
        return _page(request, ctx, visitor, refused=NotTheSame(), about="password")
    refused = sign_ins.change_password(ctx, str(fields.get("present", "")), wanted, session=token)
    if refused is not None:
        log.info("password_kept", code=refused.code, actor=ctx.actor.key)
        return _page(request, ctx, visitor, refused=refused, about="password")
    log.info("password_changed", actor=ctx.actor.key)
    text = say(visitor, mark("Your password is changed. You are signed out everywhere else."))
    response = redirect(request, sessions.CREDENTIALS, Answer(text=text))
    sessions.remember_browser(ctx, request, response)
    return response


class NotTheSame(Refusal):
    """Typed twice, differently."""

    code = "not_the_same"
    sentence = "The two new passwords are not the same. Type the new one again."


@router.post("/sessions/end")
def end_sessions(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """Sign out of one other browser, or of all."""
    one, token = str(fields.get("session", "")), request.cookies[sessions.COOKIE]
    ended = sign_ins.end_sessions(ctx, ctx.actor.key, digest=one, keeping=token)
    log.info("sessions_ended", person=ctx.actor.key, actor=ctx.actor.key, ended=ended)
    return redirect(request, sessions.CREDENTIALS, Answer(text=signed_out(visitor, ended)))


def signed_out(visitor: Reader, ended: int) -> str:
    """What is said once sessions have ended."""
    text = words(visitor.language).ngettext(
        "Signed out of %(num)s browser.", "Signed out of %(num)s browsers.", ended
    )
    return text % {"num": ended}


@router.post("/second-factor")
def begin_second_factor(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """What one's app is to know; shown this once, and asks for the password."""
    refused = sign_ins.confirm(ctx, str(fields.get("present", "")))
    if refused is not None:
        return _page(request, ctx, visitor, refused=refused, about="second")
    return _page(request, ctx, visitor, shared=second_factor.begin(ctx))


@router.post("/second-factor/confirm")
def turn_on_second_factor(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """The app shows the right code: it is asked for from now on."""
    told = second_factor.turn_on(ctx, str(fields.get("code", "")))
    if isinstance(told, Refusal):
        return _page(request, ctx, visitor, refused=told, about="second")
    log.info("second_factor_on", actor=ctx.actor.key)
    return _page(request, ctx, visitor, recovery=told)


@router.post("/second-factor/off")
def turn_off_second_factor(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """No code any more; asks for the password."""
    refused = sign_ins.confirm(ctx, str(fields.get("present", "")))
    if refused is not None:
        return _page(request, ctx, visitor, refused=refused, about="second")
    second_factor.turn_off(ctx, ctx.actor.key)
    log.info("second_factor_off", person=ctx.actor.key, actor=ctx.actor.key)
    text = say(visitor, mark("You sign in without a code again."))
    return redirect(request, sessions.CREDENTIALS, Answer(text=text))


@router.post("/tokens")
def make_token(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """A token for a program; it is shown this once, and asks for the password."""
    name, days = str(fields.get("name", "")), str(fields.get("days", ""))
    refused = sign_ins.confirm(ctx, str(fields.get("present", "")))
    if refused is not None:
        return _page(request, ctx, visitor, refused=refused, about="tokens", name=name)
    token = api_tokens.make(
        ctx, ctx.actor.key, name=name, scopes=api_tokens.SCOPES, days=int(days) if days.isdecimal() else 0
    )
    log.info("token_made", actor=ctx.actor.key)
    # On the page itself: a token does not travel on in a cookie.
    return _page(request, ctx, visitor, token=token)


@router.post("/tokens/{token_id}/revoke")
def revoke_token(request: Request, ctx: Command, visitor: Reader, token_id: int) -> Response:
    """A program is let in no more."""
    api_tokens.revoke(ctx, ctx.actor.key, token_id)
    log.info("token_revoked", person=ctx.actor.key, actor=ctx.actor.key, token=token_id)
    return redirect(request, sessions.CREDENTIALS, Answer(text=say(visitor, mark("The token is revoked."))))
