"""What all tests share: a real PostgreSQL, a fresh migrated database each test that asks for one, the engine by hand."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import argon2
import psycopg
import pytest
import structlog
from psycopg import sql

from config import settings as settings_module
from config.settings import Settings
from engine.bootstrap import Application, application
from engine.runtime import identity
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
def own_name(server: str, worker_id: str, testrun_uid: str) -> Iterator[str]:
    """Name of this worker's database in this run: two runs beside each other never meet. Dropped at the end.

    What killed runs left behind goes now; a name in use is told by the connection its owner holds."""
    name = f"test_{testrun_uid[:12]}_{worker_id}"
    with psycopg.connect(server, autocommit=True) as connection:
        # One at a time: between its creation and its owner's connection a database looks left behind.
        connection.execute("SELECT pg_advisory_lock(hashtext('databases of tests'))")
        held = psycopg.connect(embedded.ensure_database(server, name))
        left = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%' AND datname NOT LIKE '%furnished%'"
            " AND datname NOT IN (SELECT datname FROM pg_stat_activity WHERE datname IS NOT NULL)"
        ).fetchall()
        for (other,) in left:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(other)))
        connection.execute("SELECT pg_advisory_unlock_all()")
        yield name
        held.close()
        for (own,) in connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [name]
        ).fetchall():
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(own)))


@pytest.fixture(scope="session")
def migrated(server: str, own_name: str) -> str:
    """Address of this worker's database, brought up by the migrations."""
    url = embedded.ensure_database(server, own_name)
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


@pytest.fixture(scope="session")
def connections(migrated: str) -> Iterator[Database]:
    """This worker's pool: one for all tests, since each pool compiles every statement anew."""
    opened = Database(migrated, pool_size=30)
    yield opened
    opened.dispose()


@pytest.fixture
def database(database_url: str, connections: Database) -> Database:
    """Connections to a fresh, migrated database."""
    return connections


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
def app(database: Database, settings: Settings, clock: HandClock, queue: HandQueue) -> Application:
    """The real engine on a fresh database; nothing deployed, nobody there."""
    return application(settings, database=database, clock=clock, queue=queue)


@pytest.fixture(autouse=True)
def quiet_log() -> None:
    """Tests read what happened, not the log; commands that a test ran before have set it up for themselves."""
    structlog.reset_defaults()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> None:
    """Hashing is slow on purpose; nine people a test would make it the slowest thing here."""
    identity._hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
