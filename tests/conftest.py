"""What all tests share: a real PostgreSQL, a fresh migrated database each test that asks for one, the engine by hand."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import structlog

from config import settings as settings_module
from config.settings import Settings
from engine.bootstrap import Application, application
from engine.runtime.clock import HandClock
from engine.runtime.queue import HandQueue
from engine.store import embedded, migrate
from engine.store.base import Base
from engine.store.database import Database

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
#: A Monday morning in the business zone (10:00 in Shanghai): within working and calling hours.
MONDAY = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def server() -> str:
    """Address of a real PostgreSQL for tests; durability off, since its data is thrown away."""
    url = os.environ.get("AFTERCARE_TEST_DATABASE_URL") or embedded.start(ROOT / "var" / "test-postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("SELECT pg_reload_conf()")
    return url


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Name of this pytest-xdist worker."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def migrated(server: str, worker_id: str) -> str:
    """Address of this worker's database, brought up by the migrations."""
    name = f"test_{worker_id}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    url = embedded.ensure_database(server, name)
    migrate.upgrade(url, Base.metadata)
    return url


@pytest.fixture
def database_url(migrated: str) -> str:
    """Address of a migrated database as empty as on its first day."""
    with psycopg.connect(migrated) as connection:
        tables = [
            row[0]
            for row in connection.execute(
                "SELECT quote_ident(relname) FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
                " AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"
            )
        ]
        # Ledgers refuse to be emptied, even by TRUNCATE; their triggers sleep for this one session.
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")
        # Numbers of cases and the like come from sequences that belong to no table.
        connection.execute(
            "SELECT setval(oid, 1, false) FROM pg_class"
            " WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"
        )
        connection.execute(
            "INSERT INTO organisation_stream (id, seq, hash) VALUES (0, 0, decode(repeat('00', 32), 'hex'))"
        )
    return migrated


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Connections to a fresh, migrated database."""
    opened = Database(database_url, pool_size=30)
    yield opened
    opened.dispose()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings as shipped, with their files in a folder of the test's."""
    return settings_module.load(var_dir=tmp_path, database_pool=30)


@pytest.fixture
def clock() -> HandClock:
    """A clock that stands on Monday 2 November 2026, 10:00 in Shanghai, until it is moved."""
    return HandClock(MONDAY)


@pytest.fixture
def queue() -> HandQueue:
    """A queue worked by hand."""
    return HandQueue()


@pytest.fixture
def app(database_url: str, settings: Settings, clock: HandClock, queue: HandQueue) -> Iterator[Application]:
    """The real engine on a fresh database; nothing deployed, nobody there."""
    built = application(settings, url=database_url, clock=clock, queue=queue)
    yield built
    built.close()


@pytest.fixture(autouse=True, scope="session")
def quiet_log() -> None:
    """Tests read what happened, not the log."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
