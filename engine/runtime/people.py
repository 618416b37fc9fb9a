"""People as an administrator keeps them, and who stands in for whom; every change is a version of the organisation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select

from engine.runtime import identity, organisations, sign_ins
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, Refusal
from engine.store.tables import Absence, Person


class PersonExists(Refusal):
    """Two people cannot sign in with one name."""

    code = "person_exists"
    sentence = "There is somebody with the sign-in {key} already. Choose another."


class OneselfAsSubstitute(Refusal):
    """Nobody stands in for themselves."""

    code = "oneself_as_substitute"
    sentence = "{person} cannot stand in for themselves. Choose somebody else."


class AbsenceBackwards(Refusal):
    """An absence that ends before it begins."""

    code = "absence_backwards"
    sentence = "The last day is before the first. Exchange them."


class SubstituteAway(Refusal):
    """Work would go to somebody who is not there."""

    code = "substitute_away"
    sentence = "{substitute} is away too from {begins} to {ends}. Choose somebody else."


class SubstituteClash(Refusal):
    """Standing in would unite two roles that must be apart."""

    code = "substitute_clash"
    sentence = (
        "{substitute} cannot stand in for {person}: {role} and {other} must be independent of each other."
    )


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What an administrator says of a person."""

    name: str
    email: str | None
    roles: Collection[str]
    team: str | None
    skills: Collection[str]
    areas: Collection[str]
    #: Keys.
    shops: Collection[str] = ()


def add(
    ctx: Context,
    key: str,
    profile: Profile,
    *,
    password: str,
    language: str = "en",
    seen_id: int | None = None,
) -> None:
    """Somebody new, with a one-time password. Raises `PersonExists`, `RolesClash`, `Stale`."""
    organisations.begin(ctx, seen_id)
    if ctx.session.scalar(select(Person.id).where(Person.key == key)) is not None:
        raise PersonExists(key=key)
    person = identity.create_person(
        ctx,
        key,
        profile.name,
        roles=profile.roles,
        password=password,
        password_until=sign_ins.one_time_until(ctx),
        language=language,
        skills=profile.skills,
        areas=profile.areas,
        shops=profile.shops,
        team=profile.team,
    )
    person.email = profile.email
    ctx.session.flush()
    organisations.keep(ctx, note="")


def change(ctx: Context, key: str, profile: Profile, *, note: str = "", seen_id: int | None = None) -> None:
    """Somebody's name, roles, team, skills and areas, from their next click on.

    Raises `NotFound`, `RolesClash`, `NobodyLeft`, `Stale`.
    """
    organisations.begin(ctx, seen_id)
    person = _person(ctx, key)
    if set(person.roles) != set(profile.roles):
        identity.set_roles(ctx, key, profile.roles)
    person.name, person.email, person.team = profile.name, profile.email, profile.team
    person.skills, person.areas = sorted(profile.skills), sorted(profile.areas)
    person.shops = sorted(profile.shops)
    ctx.session.flush()
    organisations.keep(ctx, note=note, person=key)


def set_active(ctx: Context, key: str, *, active: bool) -> None:
    """Let somebody in again, or keep them out and end their sessions. Raises `NotFound`, `NobodyLeft`."""
    organisations.begin(ctx)
    identity.set_active(ctx, key, active=active)
    organisations.keep(ctx, person=key)


def set_away(
    ctx: Context, key: str, *, substitute: str, begins: date, ends: date, remark: str = ""
) -> Absence:
    """Somebody is away from one day to another; the substitute sees and does their work meanwhile.

    Raises `NotFound`, `OneselfAsSubstitute`, `AbsenceBackwards`, `SubstituteAway`, `SubstituteClash`.
    """
    organisations.begin(ctx)
    person, other = _person(ctx, key), _person(ctx, substitute)
    if key == substitute:
        raise OneselfAsSubstitute(person=person.name)
    if ends < begins:
        raise AbsenceBackwards()
    away = (
        ctx.session.execute(
            select(Absence).where(
                Absence.person == substitute, Absence.begins <= ends, Absence.ends >= begins
            )
        )
        .scalars()
        .first()
    )
    if away is not None:
        raise SubstituteAway(substitute=other.name, begins=away.begins, ends=away.ends)
    clash = ctx.organisation.clash(frozenset((*person.roles, *other.roles)))
    if clash is not None:
        one, two = (ctx.organisation.label(role, ctx.actor.language) for role in clash)
        raise SubstituteClash(substitute=other.name, person=person.name, role=one, other=two)
    absence = Absence(person=key, substitute=substitute, begins=begins, ends=ends, remark=remark.strip())
    ctx.session.add(absence)
    ctx.session.flush()
    organisations.keep(ctx, away=key, substitute=substitute, begins=begins, ends=ends)
    return absence


def call_back(ctx: Context, absence_id: int) -> None:
    """An absence is off: everybody does their own work again. Raises `NotFound`."""
    organisations.begin(ctx)
    absence = ctx.session.get(Absence, absence_id)
    if absence is None:
        raise NotFound(what="absence", id=absence_id)
    ctx.session.execute(delete(Absence).where(Absence.id == absence_id))
    organisations.keep(ctx, back=absence.person, substitute=absence.substitute)


def _person(ctx: Context, key: str) -> Person:
    person = ctx.session.execute(select(Person).where(Person.key == key)).scalar_one_or_none()
    if person is None:
        raise NotFound(what="person", id=key)
    return person
