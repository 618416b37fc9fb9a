"""Puts a process together: settings, database, expressions, handlers. The one place that knows every room."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.orm import Session

import engine.aftersales.tables
import engine.store.tables  # noqa: F401 - registers the runtime's tables
from config import calendar as calendars
from config import organisation as organisations
from config.settings import Settings
from engine.aftersales import attachments, catalogue, choices
from engine.aftersales.retention import archives
from engine.feel import Feel
from engine.runtime import expressions, seals
from engine.runtime.clock import SystemClock
from engine.runtime.context import Clock, Engine
from engine.runtime.definitions import Definitions
from engine.runtime.edge import Commands
from engine.runtime.house import House, Version
from engine.runtime.live import LiveWorkflows
from engine.runtime.queue import ProcrastinateQueue, Queue
from engine.runtime.registry import Registry
from engine.store import embedded, migrate
from engine.store.base import Base
from engine.store.database import Database, libpq_url, sqlalchemy_url

#: Name of the database on the embedded server.
DATABASE = "aftercare"


@dataclass(frozen=True, kw_only=True)
class Application:
    """A process of Aftercare, ready to take commands."""

    settings: Settings
    database: Database
    engine: Engine
    commands: Commands

    def close(self) -> None:
        """Close connections."""
        self.database.dispose()


def database_url(settings: Settings) -> str:
    """The address of the database; starts the embedded server where none is set."""
    if settings.database_url:
        return settings.database_url
    return embedded.ensure_database(embedded.start(settings.var_dir / "postgresql"), DATABASE)


def folders(settings: Settings) -> dict[str, Path]:
    """Where files lie, by the name a backup gives them."""
    kept = Path(settings.var_dir)
    return {
        attachments.FOLDER: kept / attachments.FOLDER,
        seals.FOLDER: settings.seals_dir or kept / seals.FOLDER,
        archives.FOLDER: settings.archive_dir or kept / archives.FOLDER,
    }


def migrate_database(settings: Settings) -> bool:
    """Bring the schema up to date; whether anything changed."""
    return migrate.upgrade(database_url(settings), Base.metadata)


def application(
    settings: Settings,
    *,
    clock: Clock | None = None,
    url: str | None = None,
    database: Database | None = None,
    queue: Queue | None = None,
    transaction: Callable[[], AbstractContextManager[Session]] | None = None,
) -> Application:
    """Build a process. `queue` and `transaction` are given by scenarios and tests, which work their queue by hand.

    `database` is a pool that is there already, else one on `url` or on the settings' database is opened."""
    database = database or Database(url or database_url(settings), pool_size=settings.database_pool)
    built = build_engine(
        settings,
        database=database,
        queue=queue or ProcrastinateQueue(database.url),
        clock=clock or SystemClock(),
    )
    return Application(
        settings=settings,
        database=database,
        engine=built,
        commands=Commands(transaction or database.begin, built),
    )


def build_engine(settings: Settings, *, database: Database, queue: Queue, clock: Clock) -> Engine:
    """The process-wide engine."""
    in_force = House(lambda: files(settings), database)
    registry = Registry()
    catalogue.register(registry, settings)
    choices.register(registry)
    return Engine(
        settings=settings,
        feel=Feel(
            expressions.functions(in_force),
            zone=in_force().zone,
            seconds=settings.limits.expression_seconds,
            megabytes=settings.limits.expression_megabytes,
        ),
        organisation=in_force,
        definitions=Definitions(),
        registry=registry,
        queue=queue,
        live=LiveWorkflows(),
        clock=clock,
        var_dir=Path(settings.var_dir),
    )


def files(settings: Settings) -> Version:
    """The organisation and the calendar as the files have them: the first version."""
    return Version(
        id=0,
        organisation=organisations.read(settings.organisation_file),
        calendar=calendars.read(settings.calendar_file),
    )


def scenario_database(settings: Settings) -> str:
    """A migrated database for scenarios beside the real one: what they do never touches it."""
    url = database_beside(settings, "scenarios")
    migrate.upgrade(url, Base.metadata)
    return url


def fresh_database(settings: Settings, name: str) -> str:
    """A migrated database beside the real one, emptied of what an earlier run left; its commits need not outlast a crash."""
    import psycopg
    from psycopg import sql

    url = database_beside(settings, name)
    database = sql.Identifier(make_url(sqlalchemy_url(url)).database or "")
    with psycopg.connect(libpq_url(database_url(settings)), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))
        database_beside(settings, name)
        connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(database))
    migrate.upgrade(url, Base.metadata)
    return url


def database_beside(settings: Settings, name: str) -> str:
    """The address of a database beside the real one, made where it is not there."""
    return beside(database_url(settings), name)


def beside(url: str, name: str) -> str:
    """The address of a database beside the one at `url`, made where it is not there."""
    own = make_url(sqlalchemy_url(url)).database or DATABASE
    return embedded.ensure_database(libpq_url(url), f"{own}_{name}")
