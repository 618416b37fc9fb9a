"""The queue that jobs, timers and messages are deferred to, in the transaction that needs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, get_args

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.jobs import Job as QueuedJob
from procrastinate.manager import JobManager
from sqlalchemy.orm import Session

from engine.store.database import libpq_url

#: What a worker took and ended need not outlast a crash of the database: what is lost is done again, which does no harm
#: (each command checks what still waits). Work itself is queued in the durable transaction that needs it.
_SAID_AGAIN = "-c synchronous_commit=off"

Kind = Literal[
    "job",
    "timer",
    "message",
    "signal",
    "start",
    "delivery",
    "move",
    "planned_start",
    "scenarios",
    "back_test",
    "verification",
    "bulk",
    "retention",
    "password_link",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, kw_only=True)
class Deferred:
    """Work for later: the row it is about and when."""

    kind: Kind
    id: int
    #: None: at once.
    at: datetime | None = None


class Queue(Protocol):
    """Where work for later goes."""

    def defer(self, session: Session, work: Sequence[Deferred]) -> None:
        """Queue the work if, and only if, the session's transaction commits."""
        ...


class ProcrastinateQueue:
    """Procrastinate on the same PostgreSQL: one statement on the session's own connection.

    No Procrastinate lock is used: it would hold an instance's jobs back behind its own timer of next week. The instance's
    row lock orders what must be ordered (docs/decisions/0001-queue-without-locks.md).
    """

    def __init__(self, url: str) -> None:
        self._url = libpq_url(url)
        # Never opened: it only speaks over the connection it is handed. The app's own connector cannot, once a worker
        # has opened it asynchronously.
        self._deferring = JobManager(SyncPsycopgConnector())

    def app(self) -> App:
        """What a worker opens and runs: a new one each time it begins, since an interrupted one cannot be opened."""
        return App(
            connector=PsycopgConnector(
                conninfo=self._url, min_size=1, max_size=4, kwargs={"options": _SAID_AGAIN}
            )
        )

    def defer(self, session: Session, work: Sequence[Deferred]) -> None:
        """See `Queue.defer`."""
        if not work:
            return
        connection = session.connection().connection.driver_connection
        jobs = [
            QueuedJob(
                id=None,
                queue="default",
                priority=0,
                lock=None,
                queueing_lock=None,
                task_name=item.kind,
                task_kwargs={"id": item.id},
                scheduled_at=item.at,
            )
            for item in work
        ]
        self._deferring.batch_defer_jobs(jobs, connection=connection)


class HandQueue:
    """A queue worked by hand, in order: for scenarios and tests, which move the clock themselves.

    Nothing it holds leaves the house: deliveries to customers are dropped."""

    def __init__(self) -> None:
        self.work: list[Deferred] = []

    def defer(self, session: Session, work: Sequence[Deferred]) -> None:
        """See `Queue.defer`. Timers are found by their rows; so is what starts at a time, which is not kept here."""
        self.work.extend(
            item
            for item in work
            if item.kind != "delivery" and not (item.kind in ("start", "planned_start") and item.at)
        )
