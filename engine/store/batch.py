"""A batch: what a command writes, gathered and sent to PostgreSQL in one round trip (libpq's pipeline mode)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy.orm import Session

from engine.store.base import Base
from engine.store.driver import driver

Row = Mapping[str, Any]


class Batch:
    """Statements in their order; none waits for the one before it, and their text never depends on how many rows there are.

    Rows travel as one JSON document that PostgreSQL reads by the table's own column types.
    """

    def __init__(self) -> None:
        self._statements: list[tuple[str, Any]] = []
        self._asked: list[int] = []

    def insert(self, table: type[Base], rows: Sequence[Row]) -> None:
        """Insert rows that all have the same columns."""
        if rows:
            self._statements.append((_insert(table.__tablename__, tuple(rows[0])), (_json(rows),)))

    def insert_numbered(self, table: type[Base], rows: Sequence[Row], *, clause: str = "") -> None:
        """Insert rows whose ids `send` returns, in their order. `clause` says what becomes of those already there."""
        if rows:
            self._asked.append(len(self._statements))
            text = f"{_insert(table.__tablename__, tuple(rows[0]))} {clause} RETURNING id"
            self._statements.append((text, (_json(rows),)))

    def update(self, table: type[Base], rows: Iterable[Row], *, only: str = "true") -> None:
        """Set columns of rows known by their `id`, where `only` (a condition on `t`) holds."""
        for row in rows:
            text = f"{_update(table.__tablename__, tuple(row))} AND {only}"
            self._statements.append((text, (_json(row), row["id"])))

    def execute(self, text: str, parameters: Sequence[Any]) -> None:
        """Any statement whose result nobody needs; placeholders are `%s`."""
        self._statements.append((text, parameters))

    def send(self, session: Session) -> list[list[int]]:
        """Send everything in the session's transaction; the ids of each `insert_numbered`.

        Raises `sqlalchemy.exc.DBAPIError` (`IntegrityError` ...) for the first statement the database refuses.
        """
        if not self._statements:
            return []
        with driver(session) as connection, connection.pipeline():
            cursors = [connection.execute(text, parameters) for text, parameters in self._statements]
        ids = [[row[0] for row in cursors[place].fetchall()] for place in self._asked]
        self._statements, self._asked = [], []
        return ids


@lru_cache(maxsize=256)
def _insert(table: str, columns: tuple[str, ...]) -> str:
    listed = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO {table} ({listed}) SELECT {listed} FROM json_populate_recordset(NULL::{table}, %s::json)"


@lru_cache(maxsize=256)
def _update(table: str, columns: tuple[str, ...]) -> str:
    set_ = ", ".join(f'"{column}" = r."{column}"' for column in columns if column != "id")
    return f"UPDATE {table} AS t SET {set_} FROM json_populate_record(NULL::{table}, %s::json) AS r WHERE t.id = %s"


def _json(value: Any) -> str:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
