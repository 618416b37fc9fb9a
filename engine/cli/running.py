"""Processes of Aftercare: the web, workers, and everything at once."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from engine.cli.shared import open_application, reaching_the_database, read_settings, wait_for_database


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Web processes.")] = 1,
) -> None:
    """Serve the web, with a worker inside."""
    gc.disable()  # while everything is read nothing is garbage; `web.server` enables it again
    from web.server import serve as serve_web

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = read_settings(**given)
    wait_for_database(settings)
    with reaching_the_database(settings):
        serve_web(settings, processes=processes)


def worker(threads: Annotated[int | None, typer.Option(min=1, help="Jobs at once.")] = None) -> None:
    """Work the queue: service tasks, timers, messages. Run as many as needed, on any machine."""
    from engine.worker import run
    from web import sealed_pages

    settings = read_settings()
    wait_for_database(settings)
    application = open_application(settings)
    sealed_pages.register(application.engine.registry)
    run(application, threads=threads or settings.worker_threads)


def migrate() -> None:
    """Bring the database's schema up to date."""
    from engine.bootstrap import migrate_database

    settings = read_settings()
    with reaching_the_database(settings):
        changed = migrate_database(settings)
    typer.echo("Schema updated." if changed else "The schema is up to date.")


COMMANDS = (serve, worker, migrate)
