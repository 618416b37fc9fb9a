"""`aftercare`: everything an operator does from a shell."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer

from config import settings as settings_module
from config.settings import BadSetting, Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="After-sales service run as BPMN.")
users = typer.Typer(no_args_is_help=True, help="People who can sign in.")
app.add_typer(users, name="users")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


def _settings(**overrides: Any) -> Settings:
    try:
        settings = settings_module.load(**overrides)
    except BadSetting as error:
        _stop(str(error))
    _configure_logging(settings)
    return settings


def _stop(message: str) -> Any:
    typer.echo(message, err=True)
    raise typer.Exit(2)


def _configure_logging(settings: Settings) -> None:
    renderer = structlog.processors.JSONRenderer() if settings.log_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info if settings.log_json else structlog.dev.set_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level.upper()),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _application(settings: Settings) -> Any:
    from engine.bootstrap import application

    return application(settings)


def _print(document: Any, *, as_json: bool, text: str) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2) if as_json else text)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Web processes.")] = 1,
) -> None:
    """Serve the web, with a worker inside."""
    from web.server import serve as serve_web

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    serve_web(_settings(**given), processes=processes)


@app.command()
def worker(threads: Annotated[int | None, typer.Option(min=1, help="Jobs at once.")] = None) -> None:
    """Work the queue: service tasks, timers, messages. Run as many as needed, on any machine."""
    from engine.worker import run

    settings = _settings()
    application = _application(settings)
    run(application, threads=threads or settings.worker_threads)


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from engine.bootstrap import migrate_database

    typer.echo("Schema updated." if migrate_database(_settings()) else "The schema is up to date.")


def _bundles(settings: Settings, folder: Path | None) -> Any:
    from engine import bpmn
    from engine.runtime import bundles

    processes = folder or settings.processes_dir
    forms = folder / "forms" if folder and (folder / "forms").is_dir() else settings.forms_dir
    try:
        return bundles.from_folders(processes, forms)
    except bpmn.InvalidDiagram as error:
        _stop(f"A diagram cannot be read: {error}")


@app.command()
def deploy(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder with bpmn/, dmn/, translations/, forms/.")
    ] = None,
    note: Annotated[str, typer.Option(help="Why, for the history.")] = "",
    as_json: Json = False,
) -> None:
    """Deploy every procedure of a folder (the shipped ones by default). Unchanged ones make no new version."""
    from engine.runtime import deployments
    from engine.runtime.refusals import InvalidDeployment

    settings = _settings()
    application = _application(settings)
    found = _bundles(settings, folder)
    keys = {bundle.process_key for bundle in found}
    rows, refused = [], 0
    for bundle in found:
        try:
            with application.commands.begin() as ctx:
                definition, new = deployments.deploy(ctx, bundle, note=note, together_with=keys)
            rows.append({"process": bundle.process_key, "version": definition.version, "new": new})
        except InvalidDeployment as refusal:
            refused += 1
            problems = [_problem(problem) for problem in refusal.params["problems"]]
            rows.append({"process": bundle.process_key, "refused": problems})
    lines = []
    for row in rows:
        if "refused" in row:
            lines += [f"{row['process']}: refused"] + [
                f"  {_sentence(problem)}" for problem in row["refused"]
            ]
        else:
            lines.append(f"{row['process']}: version {row['version']}{'' if row['new'] else ' (unchanged)'}")
    _print(rows, as_json=as_json, text="\n".join(lines))
    if refused:
        raise typer.Exit(1)


def _problem(problem: Any) -> dict[str, Any]:
    return {
        "element": problem.element,
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "remedy": problem.remedy,
    }


def _sentence(problem: dict[str, Any]) -> str:
    return f"{problem['severity']} {problem['element']} [{problem['code']}]: {problem['message']} {problem['remedy']}"


@app.command()
def lint(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder with bpmn/, dmn/, translations/, forms/.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check diagrams, decision tables and forms as a deployment would."""
    from config import organisation as organisations
    from engine.aftersales import catalogue
    from engine.runtime.lint import lint as lint_bundle
    from engine.runtime.registry import Registry

    settings = _settings()
    registry = Registry()
    catalogue.register(registry, settings)
    found = _bundles(settings, folder)
    keys = {bundle.process_key for bundle in found}
    organisation = organisations.read(settings.organisation_file)
    report = {
        bundle.process_key: [
            _problem(problem)
            for problem in lint_bundle(
                bundle,
                organisation=organisation,
                service_task_types=registry.service_task_types,
                process_keys=keys,
            )
        ]
        for bundle in found
    }
    lines = [f"{key}: {_sentence(problem)}" for key, problems in report.items() for problem in problems]
    errors = sum(problem["severity"] == "error" for problems in report.values() for problem in problems)
    lines.append(
        f"{len(report)} procedures, {errors} errors, {sum(map(len, report.values())) - errors} warnings"
    )
    _print(report, as_json=as_json, text="\n".join(lines))
    if errors:
        raise typer.Exit(1)


@app.command()
def scenarios(
    process: Annotated[str | None, typer.Option(help="Only this procedure's.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Folder of scenario files.")] = None,
    as_json: Json = False,
) -> None:
    """Play every scenario on the real engine and say which share of each diagram's sequence flows they pass."""
    from engine.bootstrap import scenario_database
    from engine.scenarios import runner
    from engine.scenarios.files import BadScenario

    settings = _settings()
    if settings.log_level == "INFO":
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("ERROR"))
    bundles = _bundles(settings, None)
    try:
        stories = runner.from_folder(folder or settings.processes_dir / "scenarios", process)
    except BadScenario as error:
        _stop(str(error))

    def told(result: Any) -> None:
        if not as_json:
            mark = "FAILED" if result.failure else "passed"
            typer.echo(f"{mark}  {result.scenario.process}: {result.scenario.name}")
            if result.failure:
                typer.echo(f"        {result.scenario.path.name}: {result.failure}")

    report = runner.run(
        settings, scenario_database(settings), bundles=bundles, scenarios=stories, progress=told
    )
    document = {
        "passed": len(report.results) - len(report.failed),
        "failed": len(report.failed),
        "coverage": {key: share for key, share in report.coverage.items() if process in (None, key)},
        "uncovered": {key: flows for key, flows in report.uncovered.items() if process in (None, key)},
        "failures": [
            {"file": result.scenario.path.name, "name": result.scenario.name, "failure": result.failure}
            for result in report.failed
        ],
        "refused": [str(refusal) for refusal in report.refused],
    }
    lines = [f"refused: {refusal}" for refusal in document["refused"]]
    lines += [f"{share:7.1%}  {key}" for key, share in document["coverage"].items()]
    lines += [f"not passed in {key}: {', '.join(flows)}" for key, flows in document["uncovered"].items()]
    lines.append(f"{document['passed']} passed, {document['failed']} failed")
    _print(document, as_json=as_json, text="\n".join(lines))
    if document["failed"] or document["uncovered"] or document["refused"]:
        raise typer.Exit(1)


@app.command()
def verify(as_json: Json = False) -> None:
    """Recompute the hash chain of every history and name each place that was changed."""
    from engine.runtime import history

    application = _application(_settings())
    with application.commands.begin() as ctx:
        broken = [
            {"stream": each.stream, "event": each.seq, "reason": each.reason}
            for each in history.verify(ctx.session)
        ]
    lines = [f"Instance {each['stream']}, event {each['event']}: {each['reason']}." for each in broken]
    _print(
        {"broken": broken},
        as_json=as_json,
        text="\n".join(lines) if broken else "Every history is as it was recorded.",
    )
    if broken:
        raise typer.Exit(1)


@users.command("add")
def users_add(
    key: Annotated[str, typer.Argument(help="What they sign in with.")],
    name: Annotated[str, typer.Argument(help="Their name.")],
    role: Annotated[list[str], typer.Option(help="A role; repeat for several.")],
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
) -> None:
    """Add somebody; prints a one-time password."""
    from engine.runtime import identity

    application = _application(_settings())
    with application.commands.begin() as ctx:
        unknown = sorted(set(role) - set(ctx.organisation.roles))
        if unknown:
            _stop(f"There is no role {', '.join(unknown)}. Roles are: {', '.join(ctx.organisation.roles)}.")
        password = secrets.token_urlsafe(9)
        identity.create_person(ctx, key, name, roles=role, password=password, language=language)
    typer.echo(f"{key}: {password}")


@users.command("password")
def users_password(key: Annotated[str, typer.Argument(help="Whose.")]) -> None:
    """Give somebody a new one-time password and end their sessions."""
    from engine.runtime import identity
    from engine.runtime.refusals import Refusal

    application = _application(_settings())
    password = secrets.token_urlsafe(9)
    try:
        with application.commands.begin() as ctx:
            identity.set_password(ctx, key, password)
    except Refusal as refusal:
        _stop(str(refusal))
    typer.echo(f"{key}: {password}")


@users.command("list")
def users_list(as_json: Json = False) -> None:
    """Who can sign in, and their roles."""
    from sqlalchemy import select

    from engine.store.tables import Person

    application = _application(_settings())
    with application.commands.begin() as ctx:
        people = [
            {"key": person.key, "name": person.name, "roles": person.roles, "active": person.active}
            for person in ctx.session.execute(select(Person).order_by(Person.key)).scalars()
        ]
    lines = [f"{each['key']:16} {each['name']:24} {', '.join(each['roles'])}" for each in people]
    _print(people, as_json=as_json, text="\n".join(lines))


if __name__ == "__main__":
    app()
