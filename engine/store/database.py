"""Connections to PostgreSQL: one pool a process, one transaction a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

#: Classes of SQLSTATE that pass by themselves: connection, transaction rolled back, resources, object in use, operator.
_PASSING = ("08", "40", "53", "55", "57")
#: How long an address that does not answer is waited for.
CONNECT_SECONDS = 5


class Database:
    """A pool of connections and the factory of sessions over it.

    `begin()` is the *command edge*: what runs inside is one transaction, committed at the end or rolled back whole.
    """

    def __init__(self, url: str, *, pool_size: int = 10, application_name: str = "aftercare") -> None:
        self.url = url
        self.engine: Engine = create_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=False,
            connect_args={
                "application_name": application_name,
                "options": "-c timezone=UTC",
                "connect_timeout": CONNECT_SECONDS,
            },
        )
        self.sessions = sessionmaker(self.engine, expire_on_commit=False, autoflush=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A session in one transaction: committed when the block ends, rolled back when it raises."""
        with self.sessions.begin() as session:
            yield session

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def sqlalchemy_url(url: str) -> str:
    """`postgresql://...` as people write it, with the driver SQLAlchemy needs named."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    return url


def libpq_url(url: str) -> str:
    """The same address as libpq (psycopg, Procrastinate, pg_dump) understands it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def is_away(error: BaseException) -> bool:
    """Whether a failure means that the database could not be reached or gave up what it was doing (it was stopped, the
    line broke, it chose one of two that waited for each other): the same command can succeed a moment later."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, PoolTimeout | PendingRollbackError):
            return True
        if isinstance(seen, DBAPIError) and seen.connection_invalidated:
            return True
        if isinstance(seen, psycopg.OperationalError):
            return seen.sqlstate is None or seen.sqlstate[:2] in _PASSING
        seen = seen.__cause__
    return False
