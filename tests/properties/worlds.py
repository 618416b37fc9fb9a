"""Worlds one after the other on one database: each in a transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from config.settings import Settings
from engine.bootstrap import application
from engine.runtime.clock import HandClock
from engine.runtime.queue import HandQueue
from engine.scenarios.world import World
from engine.store.database import Database


class Worlds:
    """One engine for all of them: building one costs more than what an example does with it."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        self._world: World
        self._clock, self._queue = HandClock(datetime.now(UTC)), HandQueue()
        self._app = application(
            settings,
            database=database,
            queue=self._queue,
            clock=self._clock,
            transaction=lambda: self._world.session(),
        )

    @contextmanager
    def opened(self, at: datetime) -> Iterator[World]:
        """A world whose clock stands at a moment."""
        self._clock.set(at)
        self._queue.work.clear()
        with self._database.engine.connect() as connection, connection.begin() as outermost:
            self._world = World(
                application=self._app, clock=self._clock, queue=self._queue, connection=connection
            )
            try:
                yield self._world
            finally:
                outermost.rollback()
