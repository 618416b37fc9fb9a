"""What goes to the database, counted at the driver: nothing goes by unseen, whichever way it was sent."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import psycopg


class Statements(list[str]):
    """The statements sent since it was made, each of an `executemany`; counts as long as somebody holds it."""

    __hash__ = object.__hash__

    def __init__(self) -> None:
        super().__init__()
        self.commits = 0
        _counting.add(self)


_counting: weakref.WeakSet[Statements] = weakref.WeakSet()


def _told(send: Callable[..., Any]) -> Callable[..., Any]:
    def told(cursor: psycopg.Cursor, query: Any, params: Any = None, **options: Any) -> Any:
        many = send.__name__ == "executemany"
        for statements in _counting:
            statements.extend([str(query)] * (len(params) if many else 1))
        return send(cursor, query, params, **options)

    return told


def _commit_told(commit: Callable[[Any], None]) -> Callable[[Any], None]:
    def told(connection: psycopg.Connection) -> None:
        for statements in _counting:
            statements.commits += 1
        commit(connection)

    return told


def count_statements() -> Statements:
    """Begin to count."""
    return Statements()


psycopg.Cursor.execute = _told(psycopg.Cursor.execute)  # type: ignore[method-assign]
psycopg.Cursor.executemany = _told(psycopg.Cursor.executemany)  # type: ignore[method-assign]
psycopg.Connection.commit = _commit_told(psycopg.Connection.commit)  # type: ignore[method-assign]
