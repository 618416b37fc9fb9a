"""Where measuring happens: a PostgreSQL of the bench's own with durable commits, a database a figure, the engine over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from config import settings as settings_module
from engine import bootstrap, installation
from engine.bootstrap import Application
from engine.runtime import deployments, identity
from engine.runtime.bundles import Bundle
from engine.runtime.context import Actor
from engine.store import embedded, migrate
from engine.store.base import Base

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var" / "bench"
PASSWORD = "a long enough password"
CLERK = Actor(key="li.na", name="Li Na", roles=frozenset({"customer_service"}))


class House:
    """One run of the bench."""

    def __init__(self, *, share: float) -> None:
        self._server = embedded.start(VAR / "postgresql")
        #: 1 for full size; a tenth for the quick one.
        self.share = share
        with psycopg.connect(self._server) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                row = connection.execute(f"SHOW {setting}").fetchone()
                assert row == ("on",), f"{setting} is off: commits here are not durable"

    def size(self, full: int, *, least: int = 1) -> int:
        """How many of something are measured."""
        return max(int(full * self.share), least)

    def database(self, name: str) -> str:
        """A fresh, migrated database; its address."""
        self._drop(name)
        url = embedded.ensure_database(self._server, name)
        migrate.upgrade(url, Base.metadata)
        return url

    def copy(self, url: str, name: str) -> str:
        """A copy of a database nobody is connected to; its address."""
        self._drop(name)
        source = make_url(url).database or ""
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
            )
        return make_url(url).set(database=name).render_as_string(hide_password=False)

    def _drop(self, name: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    @contextmanager
    def engine(self, url: str) -> Iterator[Application]:
        """The engine over a database."""
        app = bootstrap.application(settings_module.load(database_url=url, var_dir=VAR))
        try:
            yield app
        finally:
            app.close()

    def furnished(self, name: str, bundles: Sequence[Bundle] = (), *, shipped: bool = False) -> str:
        """A fresh database with people, reference data and these procedures deployed; its address."""
        url = self.database(name)
        with self.engine(url) as app:
            installation.load_reference(app)
            with app.commands.begin() as ctx:
                installation.add_sample_people(ctx, password=PASSWORD)
            if shipped:
                installation.deploy_shipped(app, app.settings, told=lambda _: None)
            for bundle in bundles:
                with app.commands.begin() as ctx:
                    deployments.deploy(ctx, bundle)
        return url

    def analyse(self, url: str) -> None:
        """Let the planner know what is there, as autovacuum would after a while."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")


def sign_in(app: Application, person: str) -> str:
    """A signed-in browser's session token, without the slow hashing of a password."""
    with app.commands.begin() as ctx:
        found = identity._person(ctx, person)
        return identity.open_session(ctx, found, hours=12, address=None, user_agent="bench")
