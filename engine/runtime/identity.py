"""Identity: people, their passwords, their signed-in browsers."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import argon2
from sqlalchemy import Date, Text, any_, bindparam, delete, func, select, update
from sqlalchemy.orm import aliased

from engine.runtime import history
from engine.runtime.context import Actor, Context
from engine.runtime.house import newest
from engine.runtime.refusals import NotFound, Refusal
from engine.store.question import Question
from engine.store.tables import Absence, ApiToken, KnownBrowser, PasswordLink, Person, WebSession

_hasher = argon2.PasswordHasher()
#: What people sign in with looks like this: li.na.
KEY = re.compile(r"[a-z][a-z0-9._-]*")


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
    password_until: datetime | None = None,
    language: str = "en",
    skills: Collection[str] = (),
    areas: Collection[str] = (),
    shops: Collection[str] = (),
    team: str | None = None,
) -> Person:
    """Add somebody. The key must be new (`uq_person_key`). With `password_until` the password is a one-time password.

    Raises `RolesClash`.
    """
    _check_roles(ctx, key, roles)
    person = Person(
        key=key,
        name=name,
        roles=sorted(roles),
        language=language,
        password_hash=hashed(password) if password else None,
        password_until=password_until,
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


def set_password(
    ctx: Context, key: str, password: str, *, until: datetime | None = None, keeping: str | None = None
) -> None:
    """Give somebody a new password: their own, or with `until` a one-time password.

    Their sessions end (but the one of the token `keeping`), no browser is known as theirs any more, and links to choose
    a password are void.
    """
    person = _person(ctx, key)
    person.password_hash, person.password_until = hashed(password), until
    ctx.session.flush()
    ctx.session.execute(
        delete(WebSession).where(
            WebSession.person_id == person.id, WebSession.token_digest != digest_of(keeping or "")
        )
    )
    ctx.session.execute(delete(KnownBrowser).where(KnownBrowser.person_id == person.id))
    ctx.session.execute(delete(PasswordLink).where(PasswordLink.person_id == person.id))
    history.record_organisation(ctx, "PasswordSet", person=key, one_time=until is not None)


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


def is_password_of(person: Person | None, password: str) -> bool:
    """Whether it is; takes as long when there is nobody, or nobody who signs in by password."""
    kept = person.password_hash if person is not None else None
    try:
        _hasher.verify(kept or _nobody(), password)
    except argon2.exceptions.VerificationError:
        return False
    return kept is not None


def open_session(
    ctx: Context,
    person: Person,
    *,
    hours: float,
    address: str | None,
    user_agent: str | None,
    awaits_code: bool = False,
) -> str:
    """Sign a browser in; return the token for its cookie. With `awaits_code` it opens nothing yet."""
    token = secrets.token_urlsafe(32)
    ctx.session.add(
        WebSession(
            token_digest=digest_of(token),
            person_id=person.id,
            created_at=ctx.now,
            expires_at=ctx.now + timedelta(hours=hours),
            awaits_code=awaits_code,
            address=address,
            user_agent=user_agent,
        )
    )
    ctx.session.flush()
    ctx.session.execute(delete(WebSession).where(WebSession.expires_at < ctx.now))
    if not awaits_code:
        history.record_organisation(ctx, "SignedIn", person=person.key, address=address)
    return token


def awaiting_code(ctx: Context, token: str) -> Person | None:
    """Who told their password on the browser that holds this token, and not yet their code."""
    return ctx.session.scalar(
        select(Person)
        .join(WebSession, WebSession.person_id == Person.id)
        .where(
            WebSession.token_digest == digest_of(token),
            WebSession.expires_at > ctx.now,
            WebSession.awaits_code,
            Person.active,
        )
    )


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
_WHO = select(
    Person.id,
    Person.key,
    Person.name,
    Person.roles,
    Person.language,
    Person.theme,
    Person.preferences,
    Person.password_until,
    *_STANDING_IN,
    newest().label("organisation"),
).where(Person.active)
#: Whose browser holds a token; asked with every click, and so with it whether the organisation changed.
_SIGNED_IN = Question(
    _WHO.join(WebSession, WebSession.person_id == Person.id).where(
        WebSession.token_digest == bindparam("digest"),
        WebSession.expires_at > bindparam("now"),
        ~WebSession.awaits_code,
    )
)
#: For whom a program's token stands, where it is for this scope.
_TOKEN = Question(
    _WHO.join(ApiToken, ApiToken.person_id == Person.id).where(
        ApiToken.token_digest == bindparam("digest"),
        ApiToken.expires_at > bindparam("now"),
        ApiToken.revoked_at.is_(None),
        bindparam("scope", type_=Text) == any_(ApiToken.scopes),
    )
)


def find_session(ctx: Context, token: str) -> Any | None:
    """Whose browser holds this token (their columns by name); None when it is unknown, expired or no longer active."""
    return _found(ctx, _SIGNED_IN.first(ctx.session, **_asked(ctx, token)))


def find_token(ctx: Context, token: str, scope: str) -> Any | None:
    """For whom a program's token stands, as `find_session`; None also when it is not for this scope."""
    found = _found(ctx, _TOKEN.first(ctx.session, scope=scope, **_asked(ctx, token)))
    if found is not None:
        ctx.session.execute(
            update(ApiToken).where(ApiToken.token_digest == digest_of(token)).values(last_used_at=ctx.now),
            execution_options={"synchronize_session": False},
        )
    return found


def _asked(ctx: Context, token: str) -> dict[str, Any]:
    return {"digest": digest_of(token), "now": ctx.now, "today": _today(ctx)}


def _found(ctx: Context, person: Any | None) -> Any | None:
    if person is not None:
        ctx.engine.organisation.seen(ctx.session, person.organisation)
    return person


def _today(ctx: Context) -> date:
    return ctx.now.astimezone(ctx.organisation.tzinfo).date()


def close_session(ctx: Context, token: str) -> None:
    """Sign a browser out."""
    ctx.session.execute(delete(WebSession).where(WebSession.token_digest == digest_of(token)))


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


def digest_of(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
