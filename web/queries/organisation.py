"""The organisation's people, absences and versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from engine.runtime.context import Context
from engine.runtime.refusals import NotFound
from engine.store.tables import Absence, OrganisationVersion, Person

VERSIONS = 20
_substitute = aliased(Person)


def people(ctx: Context) -> list[Person]:
    """Everybody, those who may sign in first, by name."""
    return list(ctx.session.scalars(select(Person).order_by(Person.active.desc(), Person.name)))


def person(ctx: Context, key: str) -> Person:
    """One of them. Raises `NotFound`."""
    found = ctx.session.scalars(select(Person).where(Person.key == key)).one_or_none()
    if found is None:
        raise NotFound(what="person", id=key)
    return found


def absences(ctx: Context, person_key: str | None = None) -> Sequence[Row[Any]]:
    """Absences that have not passed, the nearest first."""
    today = ctx.now.astimezone(ctx.organisation.tzinfo).date()
    query = (
        select(
            Absence.id,
            Absence.person,
            Absence.begins,
            Absence.ends,
            Absence.remark,
            Person.name,
            _substitute.name.label("substitute"),
            (func.least(Absence.begins, today) == Absence.begins).label("now"),
        )
        .join(Person, Person.key == Absence.person)
        .join(_substitute, _substitute.key == Absence.substitute)
        .where(Absence.ends >= today)
        .order_by(Absence.begins, Absence.id)
    )
    if person_key is not None:
        query = query.where(Absence.person == person_key)
    return ctx.session.execute(query).all()


def versions(
    ctx: Context, before: int | None = None
) -> list[tuple[OrganisationVersion, dict[str, Any] | None]]:
    """Versions, newest first, each with the content of the one before it; one more than `VERSIONS` if there are."""
    query = select(OrganisationVersion).order_by(OrganisationVersion.id.desc()).limit(VERSIONS + 1)
    if before is not None:
        query = query.where(OrganisationVersion.id < before)
    found = list(ctx.session.scalars(query))
    earlier = [each.content for each in found[1:]]
    return list(zip(found, [*earlier, None][: len(found)], strict=True))
