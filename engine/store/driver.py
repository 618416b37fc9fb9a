"""The psycopg connection under a session, for what is sent so often that SQLAlchemy costs more than the work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from psycopg.rows import RowFactory, tuple_row
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session


class Driver:
    """The session's connection, in its transaction."""

    def __init__(self, connection: Connection, raw: psycopg.Connection[Any]) -> None:
        self._connection, self._raw = connection, raw

    def pipeline(self) -> AbstractContextManager[Any]:
        """Within: nothing waits for the answer to what was sent before it; answers can be read once it ends."""
        return self._raw.pipeline()

    def execute(
        self,
        text: str,
        parameters: Sequence[Any] | Mapping[str, Any],
        *,
        row_factory: RowFactory[Any] = tuple_row,
    ) -> psycopg.Cursor[Any]:
        """Send a statement. Who listens to the engine's statements hears of it."""
        for listener in self._connection.dispatch.before_cursor_execute:
            listener(self._connection, None, text, parameters, None, False)
        return self._raw.cursor(row_factory=row_factory).execute(text, parameters)


@contextmanager
def driver(session: Session) -> Iterator[Driver]:
    """The session's connection to psycopg.

    Raises `sqlalchemy.exc.DBAPIError` (`IntegrityError`, `OperationalError` ...) as the session itself would, and like it
    lets go of a connection that is lost.
    """
    connection = session.connection()
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)  # decision 1
    try:
        yield Driver(connection, raw)
    except psycopg.Error as error:
        if raw.closed:
            connection.invalidate(error)
        raise DBAPIError.instance(None, None, error, psycopg.Error) from error  # type: ignore[arg-type]
