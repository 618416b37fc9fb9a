"""`aftercare conformance`: third-party models on the real engine, scored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.progress import Progress
from engine.cli.shared import Json, quiet, reaching_the_database, read_settings, show, stop


def conformance(
    folder: Annotated[Path, typer.Argument(help="A folder with a cases.json, or a folder of such folders.")],
    as_json: Json = False,
) -> None:
    """Run suites of models with their expectations on a database of their own; exit 1 when anything is wrong."""
    from engine.bootstrap import fresh_database
    from engine.conformance import report, runner, suites

    settings = read_settings()
    quiet(settings)
    try:
        found = suites.read(folder)
    except suites.BadSuite as error:
        stop(str(error))
    progress = Progress()
    progress("Making a database of its own")
    with reaching_the_database(settings):
        url = fresh_database(settings, "conformance")
    try:
        scores = runner.run(settings, url, found, told=progress)
    finally:
        progress.end()
    show(report.document(scores), as_json=as_json, text=report.text(scores))
    if any(each.counts["wrong"] for each in scores):
        raise typer.Exit(1)


COMMANDS = (conformance,)
