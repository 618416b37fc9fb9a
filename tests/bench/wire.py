"""What a command sends to the database, kept and sent again with no engine: the SQL floor."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import psycopg
from psycopg.pq import PipelineStatus

from engine.store.database import libpq_url


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A statement as it went to the driver."""

    query: Any
    params: Any
    many: bool
    #: Sent without waiting for the answer to the one before it.
    pipelined: bool

    def send(self, cursor: psycopg.Cursor[Any]) -> None:
        """Send it again."""
        if self.many:
            cursor.executemany(self.query, self.params)
        else:
            cursor.execute(self.query, self.params)


#: The statements between two commits.
Transaction = list[Sent]


@contextmanager
def kept() -> Iterator[list[Transaction]]:
    """Within: every transaction that commits is kept."""
    transactions: list[Transaction] = []
    open_: Transaction = []
    execute, executemany = psycopg.Cursor.execute, psycopg.Cursor.executemany
    commit = psycopg.Connection.commit

    def keep(cursor: psycopg.Cursor[Any], query: Any, params: Any, *, many: bool) -> None:
        pipelined = cursor.connection.pgconn.pipeline_status != PipelineStatus.OFF
        open_.append(Sent(query=query, params=params, many=many, pipelined=pipelined))

    def executed(cursor, query, params=None, **options):  # type: ignore[no-untyped-def]
        keep(cursor, query, params, many=False)
        return execute(cursor, query, params, **options)

    def executed_many(cursor, query, params_seq, **options):  # type: ignore[no-untyped-def]
        given = list(params_seq)
        keep(cursor, query, given, many=True)
        return executemany(cursor, query, given, **options)

    def committed(connection):  # type: ignore[no-untyped-def]
        if open_:
            transactions.append(list(open_))
            open_.clear()
        return commit(connection)

    psycopg.Cursor.execute, psycopg.Cursor.executemany = executed, executed_many  # type: ignore[method-assign]
    psycopg.Connection.commit = committed  # type: ignore[method-assign]
    try:
        yield transactions
    finally:
        psycopg.Cursor.execute, psycopg.Cursor.executemany = execute, executemany  # type: ignore[method-assign]
        psycopg.Connection.commit = commit  # type: ignore[method-assign]


def replay(url: str, transactions: list[Transaction], *, pipelined: bool = False) -> list[float]:
    """Send the transactions again on one connection; the seconds each took.

    One statement after the other, or as the engine sent them when `pipelined`. Against a copy of the database as it
    was before them: the same statements find and write the same rows.
    """
    took = []
    with psycopg.connect(libpq_url(url), options="-c timezone=UTC") as connection:
        cursor = connection.cursor()
        for transaction in transactions:
            began = time.perf_counter()
            for together, statements in groupby(transaction, lambda sent: pipelined and sent.pipelined):
                with connection.pipeline() if together else nullcontext():
                    for statement in statements:
                        statement.send(cursor)
            connection.commit()
            took.append(time.perf_counter() - began)
    return took
