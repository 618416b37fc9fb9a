"""Identity: people, their passwords, their signed-in browsers."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta
from functools import cache
from typing import Any

import argon2
from sqlalchemy import bindparam, delete, select, update

from engine.runtime import history
from engine.runtime.context import Actor, Context
from engine.runtime.refusals import NotFound, Refusal
from engine.store.question import Question
from engine.store.tables import Person, WebSession

#: After this many failures in a row a further attempt waits, longer each time: slow for a guesser, short for a person.
PATIENCE = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)

_hasher = argon2.PasswordHasher()


class SignInRefused(Refusal):
    """Name or password is wrong; which of them is not told."""

    code = "sign_in_refused"
    sentence = "That name and password do not belong together."


class SignInWait(Refusal):
    """Too many failures in a row."""

    code = "sign_in_wait"
    sentence = "Too many attempts. Try again after {until}."


class RolesClash(Refusal):
    """Two roles that one person may not hold together."""

    code = "roles_clash"
    sentence = "{person} cannot be both {role} and {other}: these must be independent of each other."


def _check_roles(ctx: Context, key: str, roles: Collection[str]) -> None:
    clash = ctx.organisation.clash(frozenset(roles))
    if clash is not None:
        names = [ctx.organisation.roles[role].name for role in clash]
        raise RolesClash(person=key, role=names[0], other=names[1])


def create_person(
    ctx: Context,
    key: str,
    name: str,
    *,
    roles: Collection[str],
    password: str | None,
    language: str = "en",
    skills: Collection[str] = (),
    areas: Collection[str] = (),
    team: str | None = None,
) -> Person:
    """Add somebody. The key must be new (`uq_person_key`). Raises `RolesClash`."""
    _check_roles(ctx, key, roles)
    person = Person(
        key=key,
        name=name,
        roles=sorted(roles),
        language=language,
        password_hash=hashed(password) if password else None,
        skills=list(skills),
        areas=list(areas),
        team=team,
        preferences={},
    )
    ctx.session.add(person)
    ctx.session.flush()
    history.record_organisation(ctx, "PersonCreated", person=key, roles=person.roles)
    return person


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(password)


def set_password(ctx: Context, key: str, password: str) -> None:
    """Give somebody a new password and end their sessions."""
    person = _person(ctx, key)
    person.password_hash = hashed(password)
    ctx.session.flush()
    ctx.session.execute(delete(WebSession).where(WebSession.person_id == person.id))
    history.record_organisation(ctx, "PasswordSet", person=key)


def set_roles(ctx: Context, key: str, roles: Collection[str]) -> None:
    """Change what somebody may do, from their next click on. Raises `RolesClash`."""
    _check_roles(ctx, key, roles)
    person = _person(ctx, key)
    before, person.roles = person.roles, sorted(roles)
    ctx.session.flush()
    history.record_organisation(ctx, "RolesSet", person=key, before=before, roles=person.roles)


def set_active(ctx: Context, key: str, *, active: bool) -> None:
    """Let somebody in again, or keep them out and end their sessions."""
    person = _person(ctx, key)
    person.active = active
    ctx.session.flush()
    if not active:
        ctx.session.execute(delete(WebSession).where(WebSession.person_id == person.id))
    history.record_organisation(ctx, "PersonActivated" if active else "PersonDeactivated", person=key)


def _person(ctx: Context, key: str) -> Person:
    person = ctx.session.execute(select(Person).where(Person.key == key)).scalar_one_or_none()
    if person is None:
        raise NotFound(what="person", id=key)
    return person


@cache
def _nobody() -> str:
    """Verified when there is no such person, so that an unknown name takes as long as a wrong password."""
    return _hasher.hash(secrets.token_hex(8))


def authenticate(ctx: Context, key: str, password: str) -> Person | SignInRefused | SignInWait:
    """Check a password; the refusal is returned, not raised, because the count of failures must be committed."""
    person = ctx.session.execute(
        select(Person).where(Person.key == key, Person.active).with_for_update()
    ).scalar_one_or_none()
    if person is not None and person.locked_until is not None and person.locked_until > ctx.now:
        return SignInWait(until=person.locked_until)
    try:
        _hasher.verify(person.password_hash if person and person.password_hash else _nobody(), password)
        good = person is not None and person.password_hash is not None
    except argon2.exceptions.VerificationError:
        good = False
    if person is not None and good:
        person.failed_sign_ins, person.locked_until = 0, None
        ctx.session.flush()
        return person
    if person is not None:
        person.failed_sign_ins += 1
        if person.failed_sign_ins >= PATIENCE:
            wait = min(FIRST_WAIT * 2 ** (person.failed_sign_ins - PATIENCE), LONGEST_WAIT)
            person.locked_until = ctx.now + wait
        ctx.session.flush()
    return SignInRefused()


def open_session(
    ctx: Context, person: Person, *, hours: int, address: str | None, user_agent: str | None
) -> str:
    """Sign a browser in; return the token for its cookie."""
    token = secrets.token_urlsafe(32)
    ctx.session.add(
        WebSession(
            token_digest=_digest(token),
            person_id=person.id,
            created_at=ctx.now,
            expires_at=ctx.now + timedelta(hours=hours),
            address=address,
            user_agent=user_agent,
        )
    )
    ctx.session.flush()
    ctx.session.execute(delete(WebSession).where(WebSession.expires_at < ctx.now))
    history.record_organisation(ctx, "SignedIn", person=person.key, address=address)
    return token


#: Whose browser holds a token; asked with every click.
_SIGNED_IN = Question(
    select(
        Person.id, Person.key, Person.name, Person.roles, Person.language, Person.theme, Person.preferences
    )
    .join(WebSession, WebSession.person_id == Person.id)
    .where(
        WebSession.token_digest == bindparam("digest"),
        WebSession.expires_at > bindparam("now"),
        Person.active,
    )
)


def find_session(ctx: Context, token: str) -> Any | None:
    """Whose browser holds this token (their columns by name); None when it is unknown, expired or no longer active."""
    return _SIGNED_IN.first(ctx.session, digest=_digest(token), now=ctx.now)


def close_session(ctx: Context, token: str) -> None:
    """Sign a browser out."""
    ctx.session.execute(delete(WebSession).where(WebSession.token_digest == _digest(token)))


def actor(person: Any, *, address: str | None = None) -> Actor:
    """A person as the one who acts."""
    return Actor(
        key=person.key,
        name=person.name,
        roles=frozenset(person.roles),
        language=person.language,
        address=address,
        person_id=person.id,
    )


def set_preferences(ctx: Context, **changed: object) -> None:
    """Keep what the acting person prefers: language, theme, or a page's own settings under its name."""
    person = _person(ctx, ctx.actor.key)
    columns = {name: changed.pop(name) for name in ("language", "theme") if name in changed}
    values = columns | ({"preferences": {**person.preferences, **changed}} if changed else {})
    ctx.session.execute(update(Person).where(Person.id == person.id).values(**values))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
