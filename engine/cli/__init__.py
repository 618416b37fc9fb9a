"""`aftercare`: everything an operator does from a shell. One module a noun; this one puts them together."""

from __future__ import annotations

import typer

from engine.cli import (
    auditing,
    back_testing,
    backing_up,
    conforming,
    deploying,
    exporting,
    importing,
    keeping,
    moving,
    people,
    proving,
    running,
    starting,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, help="After-sales service run as BPMN.")
for command in (
    *starting.COMMANDS,
    *running.COMMANDS,
    *deploying.COMMANDS,
    *moving.COMMANDS,
    *back_testing.COMMANDS,
    *importing.COMMANDS,
    *proving.COMMANDS,
    *conforming.COMMANDS,
    *auditing.COMMANDS,
    *exporting.COMMANDS,
    *keeping.COMMANDS,
    *backing_up.COMMANDS,
):
    app.command(command.__name__.replace("_", "-").strip("-"))(command)
app.add_typer(people.users, name="users")
