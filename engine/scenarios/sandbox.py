"""Sandboxes: databases beside the real one in which people play and scenarios run, each its user's alone for a moment.

What a procedure needs (people, reference data, the procedures themselves) stays there between two looks, since deploying
takes longer than playing; whatever is played lies in a transaction that is rolled back.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache

from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from engine import bootstrap
from engine.aftersales import reference
from engine.bootstrap import Application
from engine.runtime import deployments
from engine.runtime.bundles import SCENARIO, Bundle, names
from engine.runtime.clock import HandClock
from engine.runtime.context import Context
from engine.runtime.definitions import Definitions
from engine.runtime.edge import Commands
from engine.runtime.house import House
from engine.runtime.live import LiveWorkflows
from engine.runtime.queue import HandQueue
from engine.runtime.refusals import Refusal
from engine.scenarios import world
from engine.scenarios.world import World
from engine.store import migrate
from engine.store.base import Base
from engine.store.database import Database
from engine.store.tables import ProcessDefinition

#: So many play or run scenarios at the same moment; whoever comes next waits.
SANDBOXES = 4
#: Key of the advisory lock by which a database is taken, among processes.
_TAKEN = 0x5341_4E44
#: So many versions are kept read in memory before they are read anew.
_MOST_VERSIONS = 200


class CannotBePlayed(Refusal):
    """A draft with errors runs nowhere."""

    code = "cannot_be_played"
    sentence = "This cannot run yet: {first}"


@contextmanager
def opened(ctx: Context, bundle: Bundle, *, besides: Iterable[str] = ()) -> Iterator[World]:
    """The real engine in a sandbox, with this procedure in it and whichever live ones it needs; all undone afterwards.

    `besides`: keys of further live procedures, with what those need. Nothing of `ctx`, whose engine and organisation
    serve, is written. Raises `CannotBePlayed` for a bundle with errors.
    """
    url = ctx.session.get_bind().engine.url.render_as_string(hide_password=False)
    with _sandboxes(url).taken() as (database, connection, definitions):
        clock, queue = HandClock(ctx.now), HandQueue()
        # There the organisation as it is in force is the first version: nobody has changed anything.
        version = replace(ctx.engine.organisation.version, id=0)
        engine = replace(
            ctx.engine,
            organisation=House(lambda: version, database, version=version),
            clock=clock,
            queue=queue,
            live=LiveWorkflows(),
            definitions=definitions,
            registry=ctx.engine.registry.copy(),
        )
        worlds: list[World] = []
        commands = Commands(lambda: worlds[0].session(), engine)
        app = Application(settings=engine.settings, database=database, engine=engine, commands=commands)
        worlds.append(World(application=app, clock=clock, queue=queue, connection=connection))
        with connection.begin():
            _furnish(ctx, commands, bundle, besides)
        queue.work.clear()
        with connection.begin() as played:
            try:
                yield worlds[0]
            finally:
                played.rollback()


def _furnish(real: Context, commands: Commands, bundle: Bundle, besides: Iterable[str]) -> None:
    """Bring what the sandbox lacks; mostly that is nothing."""
    with commands.begin() as ctx:
        world.people(ctx)
        reference.load(ctx, reference.read(ctx.engine.settings.reference_file))
        there = _current(ctx.session)
    played = Bundle(process_key=bundle.process_key, files=bundle.running)
    live = _current(real.session)
    if there.get(played.process_key) != played.digest:
        with commands.begin() as ctx:
            errors = [
                each
                for each in deployments.check(ctx, played, together_with=live)
                if each.severity == "error"
            ]
            if errors:
                raise CannotBePlayed(first=errors[0].message)
            deployments.deploy(ctx, played, together_with=live)
    for key in needed(real, bundle, live, besides):
        if there.get(key) != live[key]:
            id_ = real.engine.definitions.current(real.session, key).id
            files = {
                place: each for place, each in deployments.files(real, id_).items() if place[0] != SCENARIO
            }
            with commands.begin() as ctx:
                deployments.deploy(ctx, Bundle(process_key=key, files=files), together_with=live)


def _current(session: Session) -> dict[str, str]:
    query = select(ProcessDefinition.process_key, ProcessDefinition.digest).where(
        ProcessDefinition.is_current
    )
    return {key: digest for key, digest in session.execute(query)}


def needed(ctx: Context, bundle: Bundle, live: Collection[str], besides: Iterable[str] = ()) -> list[str]:
    """Keys of the live procedures this one and those `besides` call or start, directly or through others: all that
    their diagrams name; and those `besides`."""
    found = [key for key in besides if key != bundle.process_key and key in live]
    diagrams = [
        bundle.diagram,
        *(ctx.engine.definitions.current(ctx.session, key).bpmn_xml for key in found),
    ]
    while diagrams:
        xml = diagrams.pop()
        for key in live:
            if key != bundle.process_key and key not in found and names(xml, key):
                found.append(key)
                diagrams.append(ctx.engine.definitions.current(ctx.session, key).bpmn_xml)
    return found


class Sandboxes:
    """The sandboxes beside the database at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._locks = [threading.Lock() for _ in range(SANDBOXES)]
        self._databases: dict[int, Database] = {}
        self._definitions: dict[int, Definitions] = {}

    @contextmanager
    def taken(self) -> Iterator[tuple[Database, Connection, Definitions]]:
        """A sandbox nobody else is in until the block ends; the first that is free, so that the same are kept warm."""
        for number, lock in enumerate(self._locks):
            if lock.acquire(blocking=False):
                try:
                    with self._entered(number, wait=False) as entered:
                        if entered is not None:
                            yield entered
                            return
                finally:
                    lock.release()
        with self._locks[0], self._entered(0, wait=True) as entered:
            assert entered is not None  # waited for
            yield entered

    @contextmanager
    def _entered(
        self, number: int, *, wait: bool
    ) -> Iterator[tuple[Database, Connection, Definitions] | None]:
        database = self._database(number)
        with database.engine.connect() as connection:
            asked = (
                "SELECT pg_advisory_lock(:key), true" if wait else "SELECT pg_try_advisory_lock(:key), true"
            )
            mine = wait or bool(connection.execute(text(asked), {"key": _TAKEN}).scalar())
            connection.commit()
            if not mine:
                yield None
                return
            try:
                yield database, connection, self._read(number)
            finally:
                if not connection.invalidated:
                    connection.rollback()
                    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _TAKEN})
                    connection.commit()

    def _database(self, number: int) -> Database:
        found = self._databases.get(number)
        if found is None:
            url = bootstrap.beside(self._url, f"sandbox_{number + 1}")
            migrate.upgrade(url, Base.metadata)
            found = self._databases[number] = Database(url, pool_size=1, application_name="aftercare-sandbox")
        return found

    def _read(self, number: int) -> Definitions:
        found = self._definitions.get(number)
        if found is None or len(found) > _MOST_VERSIONS:
            found = self._definitions[number] = Definitions()
        return found


@lru_cache(maxsize=8)
def _sandboxes(url: str) -> Sandboxes:
    return Sandboxes(url)
