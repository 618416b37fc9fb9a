"""The psycopg connection under a session, for what is sent so often that SQLAlchemy costs more than the work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session


@contextmanager
def driver(session: Session) -> Iterator[psycopg.Connection[Any]]:
    """The session's connection, in its transaction.

    Raises `sqlalchemy.exc.DBAPIError` (`IntegrityError`, `OperationalError` ...) as the session itself would, and like it
    lets go of a connection that is lost.
    """
    connection = session.connection()
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)  # decision 1
    try:
        yield raw
    except psycopg.Error as error:
        if raw.closed:
            connection.invalidate(error)
        raise DBAPIError.instance(None, None, error, psycopg.Error) from error  # type: ignore[arg-type]
