"""Procedures: checked, deployed, and played through their scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.shared import Json, open_application, quiet, read_bundles, read_settings, show, stop

Folder = Annotated[Path | None, typer.Argument(help="Folder with bpmn/, dmn/, translations/, forms/.")]


def deploy(
    folder: Folder = None,
    note: Annotated[str, typer.Option(help="Why, for the history.")] = "",
    at: Annotated[
        str,
        typer.Option(help="When new cases start on it, in business time: 2026-11-30T08:00. Empty: at once."),
    ] = "",
    as_json: Json = False,
) -> None:
    """Deploy every procedure of a folder (the shipped ones by default). Unchanged ones make no new version."""
    from datetime import datetime

    from engine.runtime import deployments
    from engine.runtime.refusals import InvalidDeployment
    from engine.runtime.releases import StartInThePast

    settings = read_settings()
    application = open_application(settings)
    try:
        begins = datetime.fromisoformat(at) if at else None
    except ValueError:
        stop(f"--at {at}: not a date and time such as 2026-11-30T08:00.")
    if begins is not None and begins.tzinfo is None:
        begins = begins.replace(tzinfo=application.engine.organisation().tzinfo)
    found = read_bundles(settings, folder)
    keys = {bundle.process_key for bundle in found}
    rows: list[dict[str, Any]] = []
    for bundle in found:
        try:
            with application.commands.begin() as ctx:
                definition, new = deployments.deploy(ctx, bundle, note=note, together_with=keys, at=begins)
            planned = {} if definition.is_current else {"begins": begins}
            rows.append({"process": bundle.process_key, "version": definition.version, "new": new, **planned})
        except InvalidDeployment as refusal:
            problems = [as_document(problem) for problem in refusal.params["problems"]]
            rows.append({"process": bundle.process_key, "refused": problems})
        except StartInThePast as refusal:
            stop(str(refusal))
    lines = []
    for row in rows:
        if "refused" in row:
            lines += [f"{row['process']}: refused", *(f"  {sentence(problem)}" for problem in row["refused"])]
        else:
            begins_at = f" from {row['begins']:%Y-%m-%d %H:%M}" if row.get("begins") else ""
            unchanged = "" if row["new"] else " (unchanged)"
            lines.append(f"{row['process']}: version {row['version']}{begins_at}{unchanged}")
    show(rows, as_json=as_json, text="\n".join(lines))
    if any("refused" in row for row in rows):
        raise typer.Exit(1)


def as_document(problem: Any) -> dict[str, Any]:
    """A problem as JSON."""
    return {
        "element": problem.element,
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "remedy": problem.remedy,
    }


def sentence(problem: dict[str, Any]) -> str:
    """A problem on one line."""
    return (
        f"{problem['severity']} {problem['element']} [{problem['code']}]: "
        f"{problem['message']} {problem['remedy']}"
    )


def lint(folder: Folder = None, as_json: Json = False) -> None:
    """Check diagrams, decision tables and forms as a deployment would."""
    from config import organisation as organisations
    from engine.aftersales import catalogue
    from engine.runtime.lint import lint as lint_bundle
    from engine.runtime.registry import Registry

    settings = read_settings()
    registry = Registry()
    catalogue.register(registry, settings)
    found = read_bundles(settings, folder)
    keys = {bundle.process_key for bundle in found}
    organisation = organisations.read(settings.organisation_file)
    report = {
        bundle.process_key: [
            as_document(problem)
            for problem in lint_bundle(
                bundle,
                organisation=organisation,
                service_task_types=registry.service_task_types,
                process_keys=keys,
                given=registry.given,
            )
        ]
        for bundle in found
    }
    lines = [f"{key}: {sentence(problem)}" for key, problems in report.items() for problem in problems]
    errors = sum(problem["severity"] == "error" for problems in report.values() for problem in problems)
    warnings = sum(map(len, report.values())) - errors
    lines.append(f"{len(report)} procedures, {errors} errors, {warnings} warnings")
    show(report, as_json=as_json, text="\n".join(lines))
    if errors:
        raise typer.Exit(1)


def scenarios(
    process: Annotated[str | None, typer.Option(help="Only this procedure's.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Folder of scenario files.")] = None,
    as_json: Json = False,
) -> None:
    """Play every scenario on the real engine and say which share of each diagram's sequence flows they pass."""
    from engine.bootstrap import scenario_database
    from engine.scenarios import runner
    from engine.scenarios.files import BadScenario

    settings = read_settings()
    quiet(settings)
    bundles = read_bundles(settings)
    try:
        stories = runner.from_folder(folder or settings.processes_dir / "scenarios", process)
    except BadScenario as error:
        stop(str(error))

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
    show(document, as_json=as_json, text="\n".join(lines))
    if document["failed"] or document["uncovered"] or document["refused"]:
        raise typer.Exit(1)


COMMANDS = (deploy, lint, scenarios)
