"""`aftercare export`: the history for process-mining tools."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.shared import open_application, quiet, read_settings, stop

if TYPE_CHECKING:
    from engine.runtime.context import Context


def export(
    file_format: Annotated[str, typer.Argument(metavar="FORMAT", help="xes, ocel or csv.")],
    process: Annotated[str, typer.Option(help="Only cases of this procedure.")] = "",
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="Only cases begun on this day or later."),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Only cases begun on this day or earlier."),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="File to write; standard output without it.")] = None,
) -> None:
    """Write the history of cases as XES (IEEE 1849), OCEL 2.0 or CSV. Reads only."""
    from engine import mining

    chosen = mining.FORMATS.get(file_format)
    if chosen is None:
        stop(f"There is no format {file_format}. Formats are: {', '.join(mining.FORMATS)}.")
    settings = read_settings()
    quiet(settings)
    application = open_application(settings)
    tally = mining.Tally()
    try:
        target = output.open("wb") if output else nullcontext(sys.stdout.buffer)
    except OSError as error:
        stop(f"{output} cannot be written: {error.strerror}.")
    with target as file, application.commands.begin() as ctx:
        selection = mining.Selection(
            process=process,
            begins=_midnight(ctx, first),
            ends=_midnight(ctx, last + timedelta(days=1) if last else None),
        )
        for piece in chosen.document(ctx, selection, tally):
            file.write(piece)
    typer.echo(f"{tally.events} events of {tally.cases} cases.", err=True)


def _midnight(ctx: Context, day: datetime | None) -> datetime | None:
    """When a day begins in the business zone."""
    return day.replace(tzinfo=ctx.organisation.tzinfo) if day else None


COMMANDS = (export,)
