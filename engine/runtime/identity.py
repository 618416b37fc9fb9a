"""Identity: people, their passwords, their signed-in browsers."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import date, timedelta
from functools import cache
from typing import Any

import argon2
from sqlalchemy import Date, bindparam, delete, func, select, update
from sqlalchemy.orm import aliased

from engine.runtime import history
from engine.runtime.context import Actor, Context
from engine.runtime.house import newest
from engine.runtime.refusals import NotFound, Refusal
from engine.store.question import Question
from engine.store.tables import Absence, Person, WebSession

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
        one, other = (ctx.organisation.label(role, ctx.actor.language) for role in clash)
        raise RolesClash(person=key, role=one, other=other)


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
    shops: Collection[str] = (),
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
        shops=list(shops),
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


_away = aliased(Person)


def _stood_in_for(column: Any) -> Any:
    """Of those away today whom the person stands in for: an array of a column of theirs."""
    of_them = (
        select(column)
        .select_from(Absence)
        .join(_away, _away.key == Absence.person)
        .where(
            Absence.substitute == Person.key,
            bindparam("today", type_=Date).between(Absence.begins, Absence.ends),
        )
    )
    return func.array(of_them.correlate(Person).scalar_subquery())


#: Keys of those the person stands in for today, the roles that lends, and the areas and shops of all of them.
_STANDING_IN = (
    _stood_in_for(_away.key).label("stands_in_for"),
    _stood_in_for(func.unnest(_away.roles)).label("lent"),
    (Person.areas + _stood_in_for(func.unnest(_away.areas))).label("areas"),
    (Person.shops + _stood_in_for(func.unnest(_away.shops))).label("shops"),
)
#: Whose browser holds a token; asked with every click, and so with it whether the organisation changed.
_SIGNED_IN = Question(
    select(
        Person.id,
        Person.key,
        Person.name,
        Person.roles,
        Person.language,
        Person.theme,
        Person.preferences,
        *_STANDING_IN,
        newest().label("organisation"),
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
    found = _SIGNED_IN.first(ctx.session, digest=_digest(token), now=ctx.now, today=_today(ctx))
    if found is not None:
        ctx.engine.organisation.seen(ctx.session, found.organisation)
    return found


def _today(ctx: Context) -> date:
    return ctx.now.astimezone(ctx.organisation.tzinfo).date()


def close_session(ctx: Context, token: str) -> None:
    """Sign a browser out."""
    ctx.session.execute(delete(WebSession).where(WebSession.token_digest == _digest(token)))


def actor(person: Any, standing_in: Any = None, *, address: str | None = None) -> Actor:
    """A person as the one who acts; `standing_in` has what they are for colleagues too (the columns of `_STANDING_IN`)."""
    return Actor(
        key=person.key,
        name=person.name,
        roles=frozenset((*person.roles, *(standing_in.lent if standing_in else ()))),
        language=person.language,
        address=address,
        person_id=person.id,
        stands_in_for=frozenset(standing_in.stands_in_for if standing_in else ()),
        areas=frozenset((standing_in or person).areas),
        shops=frozenset((standing_in or person).shops),
    )


def acting(ctx: Context, key: str) -> Actor:
    """Somebody active as they would act today. Raises `NotFound`."""
    row = ctx.session.execute(
        select(Person, *_STANDING_IN).where(Person.key == key, Person.active), {"today": _today(ctx)}
    ).one_or_none()
    if row is None:
        raise NotFound(what="person", id=key)
    return actor(row[0], row)


def set_preferences(ctx: Context, **changed: object) -> None:
    """Keep what the acting person prefers: language, theme, or a page's own settings under its name."""
    person = _person(ctx, ctx.actor.key)
    columns = {name: changed.pop(name) for name in ("language", "theme") if name in changed}
    values = columns | ({"preferences": {**person.preferences, **changed}} if changed else {})
    ctx.session.execute(update(Person).where(Person.id == person.id).values(**values))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
