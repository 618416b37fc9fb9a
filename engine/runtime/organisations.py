"""Versions of the organisation: every change keeps the whole of it, and any earlier one can be gone back to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
from sqlalchemy import any_, delete, func, insert, literal, select, text, update
from sqlalchemy.dialects.postgresql import array

from config import organisation as organisations
from config.calendar import Calendar
from config.organisation import Organisation
from engine.runtime import history, role_use
from engine.runtime.context import Context
from engine.runtime.house import newest, read
from engine.runtime.refusals import NotFound, Refusal, Stale
from engine.store.tables import Absence, OrganisationVersion, Person

#: Columns of a person that belong to the organisation; sign-in and preferences are the person's own.
PROFILE = ("key", "name", "email", "active", "roles", "skills", "areas", "shops", "team")
#: The place whose people may edit all this.
PLACE = "organisation"


class NobodyLeft(Refusal):
    """Nobody could undo this change."""

    code = "nobody_left"
    sentence = "Then nobody could administer the organisation any more. Give the role to somebody else first."


class StillListed(Refusal):
    """A team, skill or area that people have."""

    code = "still_listed"
    sentence = "“{what}” is still said of {people}. Change them first."


def seen(ctx: Context) -> int:
    """Id of the version in force, as a form names what it was made from."""
    return ctx.session.execute(select(newest())).scalar_one()


def begin(ctx: Context, seen_id: int | None = None) -> None:
    """Begin a change, one at a time; the first ever keeps what the files say before it is changed.

    Raises `Stale` when the organisation is no longer as `seen_id` had it.
    """
    ctx.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('organisation', 1))"))
    newest_id = seen(ctx)
    if seen_id is not None and seen_id != newest_id:
        raise Stale()
    ctx.engine.organisation.seen(ctx.session, newest_id)
    if not newest_id:
        _insert(ctx, document(ctx), author="system")


def change(
    ctx: Context,
    *,
    organisation: Organisation | None = None,
    calendar: Calendar | None = None,
    note: str = "",
    seen_id: int | None = None,
) -> int:
    """Put another organisation or calendar in force; the id of the new version.

    Raises `Stale`, `role_use.RoleInUse`, `role_use.RoleHeld`, `NobodyLeft`.
    """
    begin(ctx, seen_id)
    if organisation is not None:
        role_use.check(ctx, organisation)
        _check_lists(ctx, organisation)
    return keep(ctx, organisation=organisation, calendar=calendar, note=note)


def _check_lists(ctx: Context, wanted: Organisation) -> None:
    """Teams, skills and areas that somebody has stay on their lists. Raises `StillListed`."""
    present = ctx.organisation
    for gone, column in (
        (set(present.teams) - set(wanted.teams), func.array_remove(array([Person.team]), None)),
        (set(present.skills) - set(wanted.skills), Person.skills),
        (set(present.areas) - set(wanted.areas), Person.areas),
    ):
        for what in sorted(gone):
            people = ctx.session.execute(
                select(Person.name).where(literal(what) == any_(column)).order_by(Person.name).limit(5)
            ).scalars()
            if held := people.all():
                raise StillListed(what=what, people=held)


def keep(
    ctx: Context,
    *,
    organisation: Organisation | None = None,
    calendar: Calendar | None = None,
    note: str = "",
    **said: Any,
) -> int:
    """Keep the whole as it stands in this transaction as the next version, in force once it commits.

    Raises `NobodyLeft`.
    """
    content = document(ctx, organisation=organisation, calendar=calendar)
    _check_somebody_left(content)
    version_id = _insert(ctx, content, author=ctx.actor.key, note=note.strip())
    history.record_organisation(ctx, "OrganisationChanged", version=version_id, note=note.strip(), **said)
    # The next command of this process finds it without being told; a rolled-back one never counts.
    return version_id


def document(
    ctx: Context, *, organisation: Organisation | None = None, calendar: Calendar | None = None
) -> dict[str, Any]:
    """The whole organisation as a version keeps it."""
    people = ctx.session.execute(
        select(*(getattr(Person, name) for name in PROFILE)).order_by(Person.key)
    ).mappings()
    absences = ctx.session.execute(
        select(Absence.person, Absence.substitute, Absence.begins, Absence.ends, Absence.remark).order_by(
            Absence.begins, Absence.id
        )
    ).mappings()
    return {
        "organisation": organisations.document(organisation or ctx.organisation),
        "calendar": (calendar or ctx.engine.calendar).model_dump(mode="json"),
        "people": [dict(row) for row in people],
        "absences": [
            {**row, "begins": row["begins"].isoformat(), "ends": row["ends"].isoformat()} for row in absences
        ],
    }


def _insert(ctx: Context, content: Mapping[str, Any], *, author: str, note: str = "") -> int:
    plain = orjson.loads(orjson.dumps(content))
    return ctx.session.execute(
        insert(OrganisationVersion)
        .values(content=plain, created_at=ctx.now, created_by=author, note=note)
        .returning(OrganisationVersion.id)
    ).scalar_one()


def _check_somebody_left(content: Mapping[str, Any]) -> None:
    roles = content["organisation"]["roles"]
    opening = {key for key, role in roles.items() if PLACE in role["places"]}
    if not any(person["active"] and opening & set(person["roles"]) for person in content["people"]):
        raise NobodyLeft()


def version(ctx: Context, version_id: int) -> OrganisationVersion:
    """One version. Raises `NotFound`."""
    found = ctx.session.get(OrganisationVersion, version_id)
    if found is None:
        raise NotFound(what="version", id=version_id)
    return found


def go_back(ctx: Context, version_id: int, *, note: str = "") -> int:
    """Put an earlier version in force again, as the next one. People who came since stay as they are.

    Raises `NotFound`, `role_use.RoleInUse`, `role_use.RoleHeld`, `NobodyLeft`.
    """
    begin(ctx)
    content = version(ctx, version_id).content
    wanted = read(version_id, content, ctx.engine.organisation.version)
    for person in content.get("people", ()):
        ctx.session.execute(
            update(Person)
            .where(Person.key == person["key"])
            # A version from before a column says nothing of it.
            .values(**{name: person[name] for name in PROFILE if name != "key" and name in person}),
            execution_options={"synchronize_session": False},
        )
    role_use.check(ctx, wanted.organisation)
    ctx.session.execute(delete(Absence))
    if content.get("absences"):
        ctx.session.execute(
            insert(Absence),
            [
                {
                    **each,
                    "begins": date.fromisoformat(each["begins"]),
                    "ends": date.fromisoformat(each["ends"]),
                }
                for each in content["absences"]
            ],
        )
    return keep(
        ctx, organisation=wanted.organisation, calendar=wanted.calendar, note=note, back_to=version_id
    )
