"""A desk at which single service tasks are done, on the real engine and a fresh database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import engine.aftersales.tables as t
from engine.bootstrap import Application
from engine.runtime.context import SYSTEM, Actor
from engine.runtime.jobs import Job

_keys = count(1)


class Desk:
    """Does one service task at a time, as a worker would: in a transaction of its own, rolled back when it raises."""

    def __init__(self, app: Application) -> None:
        self.app = app

    def job(self, type_: str, inputs: Mapping[str, Any], **fields: Any) -> Job:
        return Job(
            **{
                "id": 1,
                "type": type_,
                "inputs": inputs,
                "headers": {},
                "idempotency_key": f"key-{next(_keys)}",
                "instance_id": 1,
                "root_instance_id": 1,
                "business_key": "CASE-1",
                "process_key": "tests",
                "element_id": "task",
                "attempt": 1,
                "definition_id": 1,
                **fields,
            }
        )

    def do(
        self, type_: str, *, actor: Actor = SYSTEM, job: Mapping[str, Any] | None = None, **inputs: Any
    ) -> Any:
        service_task = self.app.engine.registry.service_task(type_)
        assert service_task is not None
        with self.app.commands.begin(actor) as ctx:
            return service_task.handler(ctx, self.job(type_, inputs, **(job or {})))

    def write(self, build: Callable[[Session], Any]) -> Any:
        with self.app.database.begin() as session:
            return build(session)

    def case(self, number: str = "CASE-1", **fields: Any) -> int:
        def build(session: Session) -> int:
            row = t.AftersalesCase(
                **{
                    "number": number,
                    "process_key": "tests",
                    "state": "registered",
                    "applied_at": self.app.engine.clock.now(),
                    "opened_by": "li.na",
                    **fields,
                }
            )
            session.add(row)
            session.flush()
            return row.id

        return self.write(build)

    def one(self, table: Any, *conditions: Any) -> Any:
        with self.app.database.begin() as session:
            return session.execute(select(table).where(*conditions)).scalar_one()

    def all(self, table: Any, *conditions: Any) -> list[Any]:
        with self.app.database.begin() as session:
            return list(session.execute(select(table).where(*conditions)).scalars())

    def at_once(self, work: Callable[[int], Any], times: int = 20) -> list[Any]:
        """The same work by many at the same time; what each came to, an exception included."""

        def attempt(number: int) -> Any:
            try:
                return work(number)
            except Exception as error:
                return error

        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(attempt, range(times)))


@pytest.fixture
def desk(app: Application) -> Iterator[Desk]:
    """The desk."""
    yield Desk(app)
