"""The organisation in force."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from config.organisation import Organisation, parse
from engine.store.database import Database
from engine.store.tables import OrganisationVersion


def stored(database: Database) -> Organisation | None:
    """The newest version in the database, or None when nobody changed the file's."""
    with database.begin() as session:
        content = session.execute(
            select(OrganisationVersion.content).order_by(OrganisationVersion.id.desc()).limit(1)
        ).scalar()
    return parse(content) if content is not None else None


def next_calling_time(organisation: Organisation, from_: datetime) -> datetime:
    """The earliest moment from `from_` on at which consumers may be called. Source: procedures, "Calling customers"."""
    calling, local = organisation.calling, from_.astimezone(organisation.tzinfo)
    opens = local.replace(hour=calling.from_.hour, minute=calling.from_.minute, second=0, microsecond=0)
    if local < opens:
        return opens
    if local.time() < calling.until:
        return local
    return opens + timedelta(days=1)
