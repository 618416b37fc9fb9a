"""Questions: queries asked with every click, compiled once; several of them can go in one round trip."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import Session

from engine.store.driver import driver

_DIALECT = PGDialect_psycopg()


class Question:
    """A select of named columns whose values are all `bindparam`s, kept at the head of the module that asks it.

    Rows are named tuples of the columns. Lists are compared with `= ANY`, never `IN`: the text has to stay the same.
    """

    def __init__(self, select: Select[Any]) -> None:
        self._select = select

    @cached_property
    def _row(self) -> Callable[[Any], Callable[[Any], Any]]:
        """Psycopg's row factory. Its own would read the columns' names from every answer anew."""
        row = namedtuple("Row", [column.name for column in self._select.selected_columns])  # type: ignore[misc]
        return lambda _cursor: row._make

    @cached_property
    def _compiled(self) -> tuple[str, dict[str, Any]]:
        compiled = self._select.compile(dialect=_DIALECT)
        return str(compiled), dict(compiled.params)

    def all(self, session: Session, **values: Any) -> list[Any]:
        """All rows."""
        text, fixed = self._compiled
        with driver(session) as connection:
            return connection.execute(text, {**fixed, **values}, row_factory=self._row).fetchall()

    def first(self, session: Session, **values: Any) -> Any | None:
        """The first row, or None."""
        return next(iter(self.all(session, **values)), None)


def ask(session: Session, questions: Sequence[tuple[Question, dict[str, Any]]]) -> list[list[Any]]:
    """The rows of several questions, none of which needs the answer of another: one round trip."""
    with driver(session) as connection:
        cursors = []
        with connection.pipeline():
            for question, values in questions:
                text, fixed = question._compiled
                cursors.append(connection.execute(text, {**fixed, **values}, row_factory=question._row))
        return [cursor.fetchall() for cursor in cursors]
