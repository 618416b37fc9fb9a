"""What every command needs: settings read once, the log set up, one way to stop and one to print."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import structlog
import typer

from config import settings as settings_module
from config.settings import BadSetting, Settings
from engine import log

if TYPE_CHECKING:
    from engine.bootstrap import Application
    from engine.runtime.bundles import Bundle

#: How long a process that stays waits for its database when it starts.
PATIENCE_SECONDS = 30.0
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


def read_settings(**overrides: Any) -> Settings:
    """The settings of this process; a bad one ends it with a sentence."""
    try:
        settings = settings_module.load(**overrides)
    except BadSetting as error:
        stop(str(error))
    log.configure(settings)
    return settings


def stop(message: str, code: int = 2) -> NoReturn:
    """Say why it does not go on, and end."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


def quiet(settings: Settings) -> None:
    """Leave only errors in the log: what goes wrong on purpose is part of a scenario, not news."""
    if settings.log_level == "INFO":
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("ERROR"))


def open_application(settings: Settings, **given: Any) -> Application:
    """This process, ready to take commands; an unreachable database ends it with a sentence."""
    from engine.bootstrap import application

    with reaching_the_database(settings):
        return application(settings, **given)


def wait_for_database(settings: Settings) -> None:
    """Give a database that is just starting, or being started again, a while to answer.

    Web and workers are started beside their database, and again when either was killed: ending at once would leave it to
    somebody to start them again. What is wrong for longer is said by whatever comes next.
    """
    import psycopg

    from engine.store.database import libpq_url

    if not settings.database_url:
        return  # the embedded server is started by whoever needs it
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            psycopg.connect(libpq_url(settings.database_url), connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            structlog.get_logger().warning("waiting_for_the_database", error=str(error).strip())
            time.sleep(1)


class reaching_the_database:
    """Turns a database that cannot be reached into a sentence and exit 2."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        import psycopg
        from sqlalchemy.exc import OperationalError

        if isinstance(error, psycopg.OperationalError | OperationalError):
            reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
            where = (
                "AFTERCARE_DATABASE_URL"
                if self._settings.database_url
                else f"{self._settings.var_dir}/postgresql"
            )
            stop(f"The database ({where}) cannot be reached: {reason}")


def read_bundles(settings: Settings, folder: Path | None = None) -> list[Bundle]:
    """The procedures of a folder, or the shipped ones."""
    from engine import bpmn
    from engine.runtime import bundles

    processes = folder or settings.processes_dir
    forms = folder / "forms" if folder and (folder / "forms").is_dir() else settings.forms_dir
    try:
        return bundles.from_folders(processes, forms)
    except bpmn.InvalidDiagram as error:
        stop(f"A diagram cannot be read: {error}")


def show(document: Any, *, as_json: bool, text: str) -> None:
    """Print a result as JSON or as text."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str) if as_json else text)
