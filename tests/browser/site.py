"""A running Aftercare for a browser: the real engine behind a real server, its clock and its queue moved by hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page
from psycopg import sql
from sqlalchemy import select, update

from config import settings as settings_module
from engine import installation
from engine.aftersales import cases
from engine.bootstrap import Application, application
from engine.forms import fields_of
from engine.runtime import deployments, identity, task_forms
from engine.runtime.bundles import Bundle
from engine.runtime.clock import HandClock
from engine.runtime.context import Context
from engine.runtime.queue import HandQueue
from engine.scenarios import given
from engine.scenarios.stage import later
from engine.store import embedded, migrate
from engine.store.base import Base
from engine.store.tables import Person as PersonRow
from engine.store.tables import PlannedStart, Timer, UserTask
from engine.worker import perform
from tests.browser.people import Person
from web.app import create_app

#: Longest wait for anything on a page, in milliseconds: generous, the machine may be busy.
PATIENCE = 20_000
DESKTOP = {"width": 1280, "height": 900}
#: More pieces of work than any step causes: an endless loop.
MOST_STEPS = 2000


def furnish(server: str, name: str, var_dir: Path, *, now: datetime, language: str | None = None) -> str:
    """A database with the sample company's people, reference data and the shipped procedures: the pattern of sites.

    Everybody gets `language`, if given, instead of their own. Returns the name."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    url = embedded.ensure_database(server, name)
    migrate.upgrade(url, Base.metadata)
    settings = settings_module.load(var_dir=var_dir)
    app = application(settings, url=url, clock=HandClock(now), queue=HandQueue())
    try:
        installation.load_reference(app)
        shipped = installation.deploy_shipped(app, settings, told=lambda text: None)
        assert shipped is not None and not shipped.refused, shipped
        with app.commands.begin() as ctx:
            installation.add_sample_people(ctx, password=PASSWORD)
            if language:
                ctx.session.execute(update(PersonRow).values(language=language))
    finally:
        app.close()
    return name


#: What everybody signs in with.
PASSWORD = "a long enough password"


class Site:
    """A running server, and the world around it that a story moves."""

    def __init__(self, app: Application, clock: HandClock, queue: HandQueue, browser: Browser, address: str):
        self.app, self.clock, self.queue = app, clock, queue
        self.browser, self.address = browser, address
        self._contexts: dict[str, BrowserContext] = {}

    # -- people -----------------------------------------------------------------------------------------------------------

    def person(self, key: str) -> Person:
        """Somebody at their browser, signed in."""
        with self.app.database.begin() as session:
            name = session.execute(select(PersonRow.name).where(PersonRow.key == key)).scalar_one()
        return Person(site=self, key=key, name=name, page=self.sign_in(key))

    def sign_in(self, key: str, **options: Any) -> Page:
        """A page on which `key` is signed in through the sign-in page; each person has one browser of their own.

        `options` are those of Playwright's `new_context` and make a browser besides it (colour scheme, size)."""
        context = None if options else self._contexts.get(key)
        if context is None:
            context = self.browser.new_context(
                base_url=self.address, **{"viewport": DESKTOP, "reduced_motion": "reduce", **options}
            )
            context.set_default_timeout(PATIENCE)
            self._contexts[key if not options else f"{key} {options}"] = context
            context.new_page()
        page = context.pages[0]
        page.goto("/")
        if page.url.startswith(f"{self.address}/sign-in"):
            page.locator("[name=key]").fill(key)
            page.locator("[name=password]").fill(PASSWORD)
            page.locator("[name=password]").press("Enter")
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    def stranger(self, *, locale: str = "en") -> Page:
        """A page on which nobody is signed in; `locale` is the browser's language."""
        context = self._contexts.get(f"stranger {locale}")
        if context is None:
            context = self.browser.new_context(base_url=self.address, locale=locale, reduced_motion="reduce")
            context.set_default_timeout(PATIENCE)
            context.new_page()
            self._contexts[f"stranger {locale}"] = context
        return context.pages[0]

    def close_browsers(self) -> None:
        """Everybody closes their browser."""
        for context in self._contexts.values():
            context.close()
        self._contexts.clear()

    # -- what happens besides ---------------------------------------------------------------------------------------------

    def given(self, **world: Any) -> None:
        """Customers, orders, stock, as scenario files give them (processes/README.md)."""
        with self.app.database.begin() as session:
            given.create(session, world, now=self.clock.now())

    def do(self, by: str, command: Any, *args: Any, **kwargs: Any) -> Any:
        """Somebody gives a command without a page, and what follows from it is worked off."""
        with self.app.database.begin() as session:
            actor = identity.actor(session.execute(select(PersonRow).where(PersonRow.key == by)).scalar_one())
        with self.app.commands.begin(actor) as ctx:
            done = command(ctx, *args, **kwargs)
        self.work()
        return done

    def open_case(self, by: str, process: str, values: dict[str, Any], **about: Any) -> str:
        """A case opened without a page; its number."""
        return self.do(by, cases.open_case, process, values, **about).number

    def completes(self, by: str, case: str, element: str, values: dict[str, Any]) -> None:
        """Somebody completes a step without a page; what its form does not ask for is left out."""
        with self.app.database.begin() as session:
            query = select(UserTask.id).where(
                UserTask.business_key == case, UserTask.element_id == element, UserTask.state == "created"
            )
            task_id = session.execute(query).scalars().first()
        assert task_id is not None, f"{case} does not wait at {element}"

        def complete(ctx: Context) -> None:
            task = ctx.session.get_one(UserTask, task_id)
            form = task_forms.form_of(ctx, task)
            fields = fields_of(form, values, zone=ctx.organisation.zone) if form is not None else []
            task_forms.complete(ctx, task, fields)

        self.do(by, complete)

    def also(self, key: str, *roles: str) -> None:
        """Somebody has these roles besides their own."""
        with self.app.database.begin() as session:
            person = session.execute(select(PersonRow).where(PersonRow.key == key)).scalar_one()
            person.roles = sorted({*person.roles, *roles})
            session.flush()

    def deploy(self, by: str, bundle: Bundle, note: str = "") -> Any:
        """A version deployed without a page."""
        return self.do(by, deployments.deploy, bundle, note=note)

    def work(self) -> None:
        """The worker does what is queued: service tasks, messages, called procedures."""
        for _ in range(MOST_STEPS):
            if not self.queue.work:
                return
            item = self.queue.work.pop(0)
            perform(self.app.commands, item.kind, item.id)
        raise AssertionError(f"the queue never empties: more than {MOST_STEPS} pieces of work")

    def pass_time(self, duration: str) -> None:
        """The clock moves on by an ISO 8601 duration; timers on the way fire each at its own time."""
        until = later(self.clock.now(), duration)
        for _ in range(MOST_STEPS):
            with self.app.database.begin() as session:
                due = session.execute(
                    select(Timer.id, Timer.due_at)
                    .where(Timer.due_at <= until)
                    .order_by(Timer.due_at, Timer.id)
                    .limit(1)
                ).one_or_none()
            if due is None:
                break
            self.clock.set(max(due.due_at, self.clock.now()))
            perform(self.app.commands, "timer", due.id)
            self.work()
        else:
            raise AssertionError(f"timers keep firing: more than {MOST_STEPS} within {duration}")
        self.clock.set(until)
        with self.app.database.begin() as session:
            plans = session.execute(select(PlannedStart.id).where(PlannedStart.at <= until)).scalars().all()
        for plan in plans:
            perform(self.app.commands, "planned_start", plan)


@contextmanager
def running(
    server: str, pattern: str, name: str, *, browser: Browser, var_dir: Path, now: datetime
) -> Iterator[Site]:
    """A site on a copy of the database `pattern`, called `name`; both server and copy are gone afterwards."""
    with psycopg.connect(server, autocommit=True) as connection:
        identifiers = {"name": sql.Identifier(name), "pattern": sql.Identifier(pattern)}
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {name} WITH (FORCE)").format(**identifiers))
        connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {pattern}").format(**identifiers))
    clock, queue = HandClock(now), HandQueue()
    settings = settings_module.load(
        var_dir=var_dir, session_hours=24 * 30, secret_key="a key of the tests alone, 32 letters"
    )
    app = application(settings, url=embedded.ensure_database(server, name), clock=clock, queue=queue)
    try:
        with _served(app) as address:
            site = Site(app, clock, queue, browser, address)
            try:
                yield site
            finally:
                site.close_browsers()
    finally:
        app.close()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _served(app: Application) -> Iterator[str]:
    config = uvicorn.Config(
        create_app(app.engine, app.database),
        port=0,
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    ready = threading.Event()
    started = server.startup

    async def startup(*args: Any, **kwargs: Any) -> None:
        await started(*args, **kwargs)
        ready.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, name="site", daemon=True)
    thread.start()
    assert ready.wait(30), "the server did not start"
    try:
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join(30)
