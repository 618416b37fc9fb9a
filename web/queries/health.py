"""What can be asked of the database about the system's health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
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


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One figure that the database knows; docs/operations.md lists them."""

    name: str
    text: str
    #: What its rows are told apart by.
    labels: tuple[str, ...] = ()
    #: Rows of the labels' values and the figure.
    statement: str
    #: It only ever grows: told as a counter.
    counts_up: bool = False


METRICS = (
    Metric(
        name="aftercare_cases_running",
        text="Cases that are not finished.",
        labels=("process",),
        statement="SELECT process_key, count(*) FROM process_instance WHERE ended_at IS NULL AND parent_id IS NULL"
        " GROUP BY 1",
    ),
    Metric(
        name="aftercare_user_tasks_open",
        text="Steps that wait for somebody.",
        labels=("process",),
        statement="SELECT process_key, count(*) FROM user_task WHERE state = 'created' GROUP BY 1",
    ),
    Metric(
        name="aftercare_user_tasks_late",
        text="Steps past their deadline.",
        labels=("process",),
        statement="SELECT process_key, count(*) FROM user_task WHERE state = 'created' AND due_at < now() GROUP BY 1",
    ),
    Metric(
        name="aftercare_incidents_open",
        text="Places where a case cannot go on until somebody mends something.",
        labels=("process", "kind"),
        statement="SELECT process_key, kind, count(*) FROM incident WHERE resolved_at IS NULL GROUP BY 1, 2",
    ),
    Metric(
        name="aftercare_service_tasks_open",
        text="Service tasks by type: created (for a worker), waiting (for something), failed (an incident is open).",
        labels=("type", "state"),
        statement="SELECT type, state, count(*) FROM job WHERE ended_at IS NULL GROUP BY 1, 2",
    ),
    Metric(
        name="aftercare_timers_late",
        text="Timers whose time has come and which no worker put on the queue yet.",
        statement="SELECT count(*) FROM timer WHERE queued_at IS NULL AND due_at < now()",
    ),
    Metric(
        name="aftercare_history_events",
        text="Events recorded since the installation began.",
        statement="SELECT coalesce((SELECT last_value FROM pg_sequences"
        " WHERE sequencename = 'history_event_id_seq'), 0)",
        counts_up=True,
    ),
    Metric(
        name="aftercare_messages_unsent",
        text="Messages to customers that have not gone out: queued, failed.",
        labels=("channel", "state"),
        statement="SELECT channel, state, count(*) FROM customer_message WHERE state IN ('queued', 'failed') GROUP BY 1, 2",
    ),
    Metric(
        name="aftercare_queue_jobs",
        text="Deferred work by kind: due, later, doing, failed.",
        labels=("kind", "state"),
        statement="SELECT task_name, CASE WHEN status <> 'todo' THEN status::text WHEN scheduled_at > now() THEN 'later'"
        " ELSE 'due' END, count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1, 2",
    ),
    Metric(
        name="aftercare_queue_delay_seconds",
        text="How long the oldest due work has waited for a worker.",
        labels=("kind",),
        statement="SELECT j.task_name, extract(epoch FROM now() - min(greatest(j.scheduled_at, e.at)))"
        " FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'"
        " WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now() GROUP BY 1",
    ),
    Metric(
        name="aftercare_workers_alive",
        text="Workers that showed a sign of life lately.",
        statement="SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - CAST(:alive AS interval)",
    ),
    Metric(
        name="aftercare_database_size_bytes",
        text="Size of the database with its indexes.",
        statement="SELECT pg_database_size(current_database())",
    ),
    Metric(
        name="aftercare_database_connections",
        text="Connections to the database by state.",
        labels=("state",),
        statement="SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() GROUP BY 1",
    ),
    Metric(
        name="aftercare_database_transactions",
        text="Transactions since the database's statistics began: committed, rolled_back.",
        labels=("outcome",),
        statement="SELECT outcome, n FROM pg_stat_database,"
        " LATERAL (VALUES ('committed', xact_commit), ('rolled_back', xact_rollback)) AS counted (outcome, n)"
        " WHERE datname = current_database()",
        counts_up=True,
    ),
)


def measured(commands: Commands) -> Mapping[Metric, Sequence[Row[Any]]] | None:
    """Rows of every metric; None while the database does not answer."""
    try:
        with commands.transaction() as session:
            return {
                metric: session.execute(
                    text(metric.statement), {"alive": ALIVE} if ":alive" in metric.statement else {}
                ).all()
                for metric in METRICS
            }
    except (DBAPIError, PoolTimeout) as error:
        if is_away(error):
            return None
        raise
