"""Signing in: passwords tried, browsers remembered; one's own password and the browsers one is signed in on."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.runtime import history, identity, throttle
from engine.runtime.context import Context
from engine.runtime.identity import digest_of
from engine.runtime.refusals import Refusal
from engine.runtime.throttle import Bucket
from engine.store.tables import ApiToken, KnownBrowser, Person, WebSession

#: Failures in a row before tries wait: of one name from one address or browser, from one address, of one name.
PATIENCE, OF_AN_ADDRESS, OF_A_NAME = 5, 50, 100
#: A browser nobody signed in on for so long is forgotten.
KNOWN_FOR = timedelta(days=180)


class SignInRefused(Refusal):
    """Name or password is wrong; which of them is not told."""

    code = "sign_in_refused"
    sentence = "That name and password do not belong together."


class SignInWait(Refusal):
    """Too many failures in a row."""

    code = "sign_in_wait"
    sentence = "Too many attempts. Try again after {until}."


class OneTimePasswordExpired(Refusal):
    """A one-time password that was not used in time."""

    code = "one_time_password_expired"
    sentence = "This one-time password was good until {until}. Ask an administrator for a new one."


class WrongPassword(Refusal):
    """Whoever is signed in confirms with their password, and it is another."""

    code = "wrong_password"
    sentence = "That is not your present password."


class PasswordTooShort(Refusal):
    """Fewer characters than the installation asks for."""

    code = "password_too_short"
    sentence = "A password has at least {least} characters. Several words are easy to keep in mind."


class PasswordTooPlain(Refusal):
    """What everybody tries first."""

    code = "password_too_plain"
    sentence = "A password is not the name you sign in with, nor one character over and over."


class PasswordUnchanged(Refusal):
    """The same again."""

    code = "password_unchanged"
    sentence = "This is the password you have. Choose another."


def authenticate(
    ctx: Context, key: str, password: str, *, address: str | None = None, browser: str = ""
) -> Person | Refusal:
    """Check a password; a refusal is returned, not raised, because the count of failures must be committed.

    `browser` is the token of a browser's cookie: where the person signed in on it before, only its own failures count.
    """
    buckets = _buckets(ctx, key, address or "", browser)
    until = throttle.waiting(ctx, buckets)
    if until is not None:
        return SignInWait(until=until)
    person = ctx.session.scalar(select(Person).where(Person.key == key, Person.active))
    settings = ctx.engine.settings
    here = settings.local_sign_in or key == settings.emergency_account
    if not identity.is_password_of(person, password) or person is None or not here:
        throttle.failed(ctx, buckets)
        return SignInRefused()
    throttle.succeeded(ctx, buckets[0])
    if person.password_until is not None and person.password_until <= ctx.now:
        return OneTimePasswordExpired(until=person.password_until)
    return person


def _buckets(ctx: Context, key: str, address: str, browser: str) -> Sequence[Bucket]:
    if browser and ctx.session.scalar(
        select(KnownBrowser.person_id)
        .join(Person, Person.id == KnownBrowser.person_id)
        .where(KnownBrowser.token_digest == digest_of(browser), Person.key == key)
    ):
        return [throttle.bucket(PATIENCE, "browser", browser, key)]
    return [
        throttle.bucket(PATIENCE, "name and address", key, address),
        throttle.bucket(OF_AN_ADDRESS, "address", address),
        throttle.bucket(OF_A_NAME, "name", key),
    ]


def remember_browser(ctx: Context, person_id: int, browser: str) -> str:
    """The person signed in on this browser; returns the token for its cookie, a new one where it had none."""
    browser = browser or secrets.token_urlsafe(32)
    ctx.session.execute(
        insert(KnownBrowser)
        .values(token_digest=digest_of(browser), person_id=person_id, seen_at=ctx.now)
        .on_conflict_do_update(
            index_elements=[KnownBrowser.token_digest, KnownBrowser.person_id], set_={"seen_at": ctx.now}
        )
    )
    ctx.session.execute(
        delete(KnownBrowser).where(KnownBrowser.seen_at < ctx.now - KNOWN_FOR),
        execution_options={"synchronize_session": False},
    )
    return browser


def confirm(ctx: Context, password: str) -> Refusal | None:
    """Whether it is really the actor: their present password. A refusal is returned, as by `authenticate`."""
    buckets = [throttle.bucket(PATIENCE, "confirmed by", ctx.actor.key)]
    until = throttle.waiting(ctx, buckets)
    if until is not None:
        return SignInWait(until=until)
    person = ctx.session.scalar(select(Person).where(Person.key == ctx.actor.key))
    if not identity.is_password_of(person, password):
        throttle.failed(ctx, buckets)
        return WrongPassword()
    throttle.succeeded(ctx, buckets[0])
    return None


def unfit(ctx: Context, key: str, wanted: str) -> Refusal | None:
    """Why this cannot be somebody's password; None where it can."""
    least = ctx.engine.settings.password_length
    if len(wanted) < least:
        return PasswordTooShort(least=least)
    if wanted.casefold() == key.casefold() or len(set(wanted)) == 1:
        return PasswordTooPlain()
    return None


def change_password(ctx: Context, present: str, wanted: str, *, session: str) -> Refusal | None:
    """The actor's own new password; every session but this one ends. A refusal is returned, as by `authenticate`."""
    refused = unfit(ctx, ctx.actor.key, wanted) or confirm(ctx, present)
    if refused is not None:
        return refused
    if wanted == present:
        return PasswordUnchanged()
    identity.set_password(ctx, ctx.actor.key, wanted, keeping=session)
    return None


def one_time_until(ctx: Context) -> datetime:
    """Until when a one-time password given now is good."""
    return ctx.now + timedelta(hours=ctx.engine.settings.one_time_password_hours)


def reset_password(ctx: Context, key: str) -> str:
    """A new one-time password for somebody. Their sessions and the tokens of their programs end. Raises `NotFound`."""
    password = secrets.token_urlsafe(9)
    identity.set_password(ctx, key, password, until=one_time_until(ctx))
    revoke_tokens(ctx, key)
    return password


def revoke_tokens(ctx: Context, key: str) -> None:
    """No program acts for somebody any more: whoever knew their password may have made one."""
    person = select(Person.id).where(Person.key == key).scalar_subquery()
    ctx.session.execute(
        update(ApiToken)
        .where(ApiToken.person_id == person, ApiToken.revoked_at.is_(None))
        .values(revoked_at=ctx.now),
        execution_options={"synchronize_session": False},
    )


def sessions(ctx: Context, key: str) -> Sequence[WebSession]:
    """The browsers somebody is signed in on, the latest first."""
    return ctx.session.scalars(
        select(WebSession)
        .join(Person, Person.id == WebSession.person_id)
        .where(Person.key == key, WebSession.expires_at > ctx.now, ~WebSession.awaits_code)
        .order_by(WebSession.created_at.desc(), WebSession.token_digest)
    ).all()


def end_sessions(ctx: Context, key: str, *, digest: str = "", keeping: str = "") -> int:
    """Sign somebody out of the browser with this digest (hex), or of all but the one of the token `keeping`; how many."""
    person = select(Person.id).where(Person.key == key).scalar_subquery()
    meant = (
        WebSession.token_digest == _octets(digest)
        if digest
        else WebSession.token_digest != digest_of(keeping)
    )
    ended = ctx.session.scalars(
        delete(WebSession).where(WebSession.person_id == person, meant).returning(WebSession.token_digest),
        execution_options={"synchronize_session": False},
    ).all()
    if ended:
        history.record_organisation(ctx, "SessionsEnded", person=key, ended=len(ended))
    return len(ended)


def _octets(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
