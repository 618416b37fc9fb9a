"""Filling tables with as many rows as a large organisation has, out of one real row each."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from engine.store.base import Base


def multiply(
    connection: psycopg.Connection, table: type[Base], where: str, count: int, changed: Mapping[str, str]
) -> None:
    """`count` copies of the one row `where` finds; `changed` gives columns as SQL over the copy's number `g`."""
    columns = [column.name for column in table.__table__.columns if column.name != "id"]
    values = ", ".join(changed.get(column, f"one.{column}") for column in columns)
    name = table.__tablename__
    connection.execute(
        f"INSERT INTO {name} ({', '.join(columns)}) SELECT {values}"
        f" FROM (SELECT * FROM {name} WHERE {where} LIMIT 1) AS one, generate_series(1, {count}) AS g"
    )


def unchecked(url: str) -> psycopg.Connection:
    """A connection on which neither foreign keys nor triggers are looked at: what is copied was checked once."""
    connection = psycopg.connect(url, autocommit=True)
    connection.execute("SET session_replication_role = replica")
    return connection
