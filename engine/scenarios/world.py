"""Where scenarios run: a database of their own, each scenario in a transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from config.settings import Settings
from engine import installation
from engine.aftersales import reference
from engine.bootstrap import Application, application
from engine.runtime import deployments
from engine.runtime.bundles import Bundle
from engine.runtime.clock import HandClock, SystemClock
from engine.runtime.house import Version
from engine.runtime.queue import HandQueue
from engine.runtime.refusals import InvalidDeployment


@dataclass(frozen=True, kw_only=True)
class World:
    """The real engine on one connection, with a clock and a queue worked by hand."""

    application: Application
    clock: HandClock
    queue: HandQueue
    connection: Connection

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session inside the scenario's transaction: its commits are savepoints."""
        with (
            Session(
                self.connection,
                join_transaction_mode="create_savepoint",
                expire_on_commit=False,
                autoflush=False,
            ) as session,
            session.begin(),
        ):
            yield session


@contextmanager
def opened(
    settings: Settings, url: str, *, keep: bool = False, house: Version | None = None
) -> Iterator[World]:
    """The engine on the database at `url`, everything inside one transaction that commits only to be kept.

    `house` is in force there instead of the files. One at a time: numbers begin anew with each scenario, and sequences
    know no transactions."""
    clock, queue = HandClock(SystemClock().now()), HandQueue()
    worlds: list[World] = []
    app = application(
        settings, url=url, queue=queue, clock=clock, transaction=lambda: worlds[0].session(), house=house
    )
    try:
        with app.database.engine.connect() as connection, connection.begin() as outermost:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('scenarios', 1))"))
            worlds.append(World(application=app, clock=clock, queue=queue, connection=connection))
            try:
                yield worlds[0]
            finally:
                if not keep:
                    outermost.rollback()
    finally:
        app.close()


def furnish(world: World, bundles: list[Bundle]) -> list[InvalidDeployment]:
    """People, reference data and the procedures; returns the refusals of bundles that cannot be deployed."""
    refused = []
    keys = {bundle.process_key for bundle in bundles}
    with world.application.commands.begin() as ctx:
        installation.add_sample_people(ctx, password=None)
        reference.load(ctx, reference.read(ctx.engine.settings.reference_file))
    for bundle in bundles:
        try:
            with world.application.commands.begin() as ctx:
                deployments.deploy(ctx, bundle, together_with=keys)
        except InvalidDeployment as refusal:
            refused.append(refusal)
    return refused
