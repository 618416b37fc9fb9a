"""The house as it is in force: organisation and calendar, the same for all that one process does.

Every process finds out about a new version by itself: the number of the newest one comes with what a command reads
anyway (who is signed in, the case it locks), and only when it is another one than last time its content is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import ScalarSelect, case, func, select
from sqlalchemy.orm import Session

from config import calendar as calendars
from config import organisation as organisations
from config.calendar import Calendar
from config.organisation import Organisation
from engine.store.database import Database
from engine.store.tables import OrganisationVersion


@dataclass(frozen=True, kw_only=True)
class Version:
    """Organisation and calendar of one moment."""

    #: Row id of the version; 0 where nobody has changed what the files say.
    id: int
    organisation: Organisation
    calendar: Calendar


def newest() -> ScalarSelect[int]:
    """Id of the version in force, as a column of any question; 0 while the files are."""
    return select(func.coalesce(func.max(OrganisationVersion.id), 0)).scalar_subquery()


class House:
    """What is in force in this process. Called, it gives the organisation."""

    def __init__(
        self, files: Callable[[], Version], database: Database, *, version: Version | None = None
    ) -> None:
        """`version`: what is in force, where whoever builds it knows."""
        self._files, self._database = files, database
        self._lock = Lock()
        self._version = version

    @property
    def version(self) -> Version:
        """What is in force; read when first asked for."""
        version = self._version
        if version is None:
            with self._lock, self._database.begin() as session:
                version = self._version = self._read(session, session.execute(select(newest())).scalar_one())
        return version

    def __call__(self) -> Organisation:
        """The organisation."""
        return self.version.organisation

    @property
    def calendar(self) -> Calendar:
        """The working calendar."""
        return self.version.calendar

    def at(self, session: Session, moment: datetime) -> Version:
        """What was in force at a moment of the past.

        The first version keeps what the files said until the first change; before any change the files are in force."""
        created = OrganisationVersion.created_at
        version_id = session.scalars(
            select(OrganisationVersion.id)
            .order_by(
                created > moment,
                case((created <= moment, OrganisationVersion.id)).desc(),
                OrganisationVersion.id,
            )
            .limit(1)
        ).first()
        present = self.version
        return present if version_id in (None, present.id) else self._read(session, version_id)

    def seen(self, session: Session, newest_id: int) -> None:
        """A command read which version is the newest: take it over if it is another."""
        if self._version is None or self._version.id != newest_id:
            self._version = self._read(session, newest_id)

    def _read(self, session: Session, version_id: int) -> Version:
        files = self._files()
        if not version_id:
            return files
        content = session.execute(
            select(OrganisationVersion.content).where(OrganisationVersion.id == version_id)
        ).scalar_one()
        return read(version_id, content, files)


def read(version_id: int, content: Mapping[str, Any], files: Version) -> Version:
    """A stored version. Who may approve their own work stays with whoever keeps the files."""
    stored = organisations.parse(content["organisation"])
    return Version(
        id=version_id,
        organisation=stored.model_copy(update={"self_approval": files.organisation.self_approval}),
        calendar=calendars.parse(content["calendar"]) if "calendar" in content else files.calendar,
    )
