"""What can be asked of the database about the system's health."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine.runtime.edge import Commands
from engine.store import migrate
from engine.store.database import is_away
from web.queries.operate import ALIVE

_STATE = text(
    "SELECT (SELECT version_num FROM alembic_version) AS revision,"
    " (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - :alive) AS workers"
)


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Whether there is all that work needs."""

    database: bool
    #: The schema is the one this release was made for.
    migrations: bool
    #: How many workers showed a sign of life lately.
    workers: int

    @property
    def ready(self) -> bool:
        """All of it."""
        return self.database and self.migrations and self.workers > 0


def readiness(commands: Commands) -> Readiness:
    """Look, in one statement."""
    try:
        with commands.transaction() as session:
            found = session.execute(_STATE, {"alive": ALIVE}).one()
    except (DBAPIError, PoolTimeout) as error:
        # It answered, but has no such tables: nothing was migrated yet.
        return Readiness(database=not is_away(error), migrations=False, workers=0)
    return Readiness(database=True, migrations=found.revision == migrate.head(), workers=found.workers)
