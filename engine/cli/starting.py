"""`aftercare start`: everything on one machine with one command."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.deploying import as_document, sentence
from engine.cli.progress import Progress
from engine.cli.shared import quiet, reaching_the_database, read_settings, stop

if TYPE_CHECKING:
    from config.settings import Settings
    from engine.bootstrap import Application

#: Seconds after which a server that does not answer is given up.
PATIENCE = 60


def start(
    sample: Annotated[bool, typer.Option("--sample", help="Load the sample company, once.")] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Start everything: database, schema, procedures, web and worker. Started again it keeps the data."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = read_settings(**given)
    _port_is_free(settings)
    progress = Progress()
    with reaching_the_database(settings):
        sign_ins = _set_up(settings, progress, sample=sample)
    progress.end()
    threading.Thread(target=_greet, args=(settings, sign_ins), daemon=True, name="greeting").start()
    from web.server import serve

    serve(settings)


def _port_is_free(settings: Settings) -> None:
    """End with a sentence where the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((settings.host, settings.port))
        except OSError as error:
            stop(
                f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}. Stop what listens there, "
                "or choose another port with AFTERCARE_PORT or --port."
            )


def _set_up(settings: Settings, progress: Progress, *, sample: bool) -> list[str]:
    """Database, schema, reference data, procedures, people; what to tell whoever started it."""
    progress("Starting the database")
    from engine import bootstrap, installation

    app: Application | None = None
    try:
        bootstrap.migrate_database(settings)
        app = bootstrap.application(settings)
        installation.load_reference(app)
        _deploy(app, settings, progress)
        if sample:
            return _sample(app, settings, progress)
        password = installation.first_administrator(app)
        if password is None:
            return []
        return [f"Sign in as {installation.ADMINISTRATOR} with {password} - this is shown only once."]
    finally:
        if app is not None:
            app.close()


def _deploy(app: Application, settings: Settings, progress: Progress) -> None:
    from engine import bpmn, installation

    try:
        shipped = installation.deploy_shipped(app, settings, told=progress)
    except bpmn.InvalidDiagram as error:
        stop(f"A diagram cannot be read: {error}")
    if shipped is None:
        return
    progress.end()
    for key, problems in shipped.refused.items():
        lines = [f"  {sentence(as_document(problem))}" for problem in problems]
        typer.echo("\n".join([f"{key} was refused; the other procedures run.", *lines]), err=True)
    for key in shipped.kept:
        typer.echo(
            f"{key} was changed here and keeps its version; `aftercare deploy` deploys the shipped one."
        )


def _sample(app: Application, settings: Settings, progress: Progress) -> list[str]:
    from engine.sample import catalogue, company

    if not company.is_loaded(app):
        quiet(settings)
        company.load(settings, app.database.url, told=progress)
    password = catalogue.read(settings.sample_file)["password"]
    with app.commands.begin() as ctx:
        organisation = ctx.organisation
        rows = [
            (person.key, person.name, ", ".join(organisation.roles[role].name for role in person.roles))
            for person in organisation.people
        ]
    return [f"Everybody of the sample signs in with the password {password}", *_table(rows)]


def _table(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    return [f"  {key:14} {roles:26} {name}" for key, name, roles in rows]


def _greet(settings: Settings, sign_ins: list[str]) -> None:
    """Print address and sign-ins once the server answers."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if _answers(host, settings.port):
            address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
            typer.echo("\n".join([*sign_ins, f"Aftercare answers at {address} (stop with Ctrl-C)"]))
            return
        time.sleep(0.1)


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/sign-in")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


COMMANDS: tuple[Any, ...] = (start,)
