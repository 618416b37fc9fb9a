"""Backups: everything there is as one file, and everything back from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.shared import reaching_the_database, read_settings, stop


def backup(file: Annotated[Path, typer.Argument(help="Where to write it.", dir_okay=False)]) -> None:
    """Write database, attachments and seals to one file, while people work."""
    from engine.bootstrap import database_url, folders
    from engine.store import backups

    settings = read_settings()
    with reaching_the_database(settings):
        file.absolute().parent.mkdir(parents=True, exist_ok=True)
        try:
            backups.backup(database_url(settings), folders(settings), file.absolute())
        except backups.BackupFailed as error:
            stop(str(error), code=1)
    typer.echo(
        f"Written to {file} ({file.stat().st_size / 1_000_000:.1f} MB). Keep it as safe as the database."
    )


def restore(
    file: Annotated[Path, typer.Argument(help="What `aftercare backup` wrote.", exists=True, dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Lose what is in the database now.")] = False,
) -> None:
    """Bring back a backup, into an empty database unless told otherwise. Stop web and workers first."""
    from engine.bootstrap import database_url, folders, migrate_database
    from engine.store import backups

    settings = read_settings()
    with reaching_the_database(settings):
        try:
            backups.restore(database_url(settings), folders(settings), file, replace=replace)
        except backups.BackupFailed as error:
            stop(str(error), code=1)
        migrate_database(settings)
    typer.echo(
        "Restored. Running cases go on, and timers that came due meanwhile fire, once web and workers start."
    )


COMMANDS = (backup, restore)
