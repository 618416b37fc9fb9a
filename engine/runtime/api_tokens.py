"""API tokens: a program acts for a person, within scopes and until a day, and never on a page."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import select, update

from engine.runtime import history
from engine.runtime.context import Context
from engine.runtime.identity import digest_of
from engine.runtime.refusals import NotFound, Refusal
from engine.store.tables import ApiToken, Person

#: What a token can be for. A scope allows an action of `web.access` to whom the person's roles allow it, no more.
SCOPES = ("deployments",)
#: So that a token that was published by mistake is found by those who look for such things.
PREFIX = "aftercare_"
_ENDING = 6


class TokenNeedsScope(Refusal):
    """For nothing, or for something there is not."""

    code = "token_needs_scope"
    sentence = "A token is for at least one of: {scopes}."


class TokenNeedsName(Refusal):
    """Nobody would know later which one to revoke."""

    code = "token_needs_name"
    sentence = "Say what the token is for, such as the program that uses it."


class TokenTooLong(Refusal):
    """A token that is never looked at again."""

    code = "token_too_long"
    sentence = "A token is good for 1 to {most} days."


def make(ctx: Context, person_key: str, *, name: str, scopes: Collection[str], days: int) -> str:
    """A new token for somebody: told this once. Raises `NotFound`, `TokenNeedsName`, `TokenNeedsScope`, `TokenTooLong`."""
    most = ctx.engine.settings.api_token_days
    if not name.strip():
        raise TokenNeedsName()
    if not scopes or not set(scopes) <= set(SCOPES):
        raise TokenNeedsScope(scopes=SCOPES)
    if not 1 <= days <= most:
        raise TokenTooLong(most=most)
    person_id = ctx.session.scalar(select(Person.id).where(Person.key == person_key))
    if person_id is None:
        raise NotFound(what="person", id=person_key)
    token = PREFIX + secrets.token_urlsafe(32)
    ctx.session.add(
        ApiToken(
            person_id=person_id,
            name=name.strip(),
            scopes=sorted(scopes),
            token_digest=digest_of(token),
            ending=token[-_ENDING:],
            created_at=ctx.now,
            expires_at=ctx.now + timedelta(days=days),
        )
    )
    ctx.session.flush()
    history.record_organisation(
        ctx, "TokenMade", person=person_key, name=name.strip(), scopes=sorted(scopes), days=days
    )
    return token


def of_person(ctx: Context, person_key: str) -> Sequence[ApiToken]:
    """Somebody's tokens that can still be used, the newest first."""
    return ctx.session.scalars(
        select(ApiToken)
        .join(Person, Person.id == ApiToken.person_id)
        .where(Person.key == person_key, ApiToken.revoked_at.is_(None), ApiToken.expires_at > ctx.now)
        .order_by(ApiToken.id.desc())
    ).all()


def revoke(ctx: Context, person_key: str, token_id: int) -> None:
    """From now on one of somebody's tokens is good for nothing. Raises `NotFound`."""
    person = select(Person.id).where(Person.key == person_key).scalar_subquery()
    name = ctx.session.scalar(
        update(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.person_id == person, ApiToken.revoked_at.is_(None))
        .values(revoked_at=ctx.now)
        .returning(ApiToken.name),
        execution_options={"synchronize_session": False},
    )
    if name is None:
        raise NotFound(what="token", id=token_id)
    history.record_organisation(ctx, "TokenRevoked", person=person_key, name=name)
