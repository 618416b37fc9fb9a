"""Backups: the database and the folders of files as one file, and back again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from engine.store import embedded
from engine.store.database import libpq_url

DATABASE = "database.dump"


class BackupFailed(Exception):
    """Why there is no backup, or why it was not restored; a sentence for whoever asked."""


def backup(url: str, folders: Mapping[str, Path], file: Path) -> None:
    """Write the database at `url` and the files of some folders, by name, to `file`, while people work.

    The database is taken as it stands at one moment; files are only ever added, so those copied afterwards hold all
    that it names. The file appears whole or not at all, readable by its owner only. Raises `BackupFailed`.
    """
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.") as folder:
        dump, whole = Path(folder) / DATABASE, Path(folder) / "whole"
        _run(
            _program("pg_dump", url),
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--file={dump}",
            url=url,
        )
        # What it holds is compressed already.
        with tarfile.open(whole, "w") as archive:
            archive.add(dump, DATABASE)
            for name, path in folders.items():
                if path.is_dir():
                    archive.add(path, name)
        whole.chmod(0o600)
        whole.replace(file)


def restore(url: str, folders: Mapping[str, Path], file: Path, *, replace: bool) -> None:
    """Bring back what `backup` wrote, into the empty database at `url` or, where `replace`, over what is there.

    Files that are there already stay as they are: none is ever changed.

    Raises `BackupFailed`: the file is no backup, the database is not empty, or somebody is connected to it.
    """
    with tempfile.TemporaryDirectory(prefix="aftercare-restore-") as folder:
        try:
            with tarfile.open(file) as archive:
                archive.extractall(folder, filter="data")
        except (OSError, tarfile.TarError) as error:
            raise BackupFailed(f"{file} cannot be read: {error}.") from error
        dump, program = Path(folder) / DATABASE, _program("pg_restore", url)
        if not dump.is_file():
            raise BackupFailed(f"{file} is no backup of Aftercare.")
        _run(program, "--list", str(dump))
        _make_room(url, replace=replace)
        _run(
            program,
            "--no-owner",
            "--no-privileges",
            "--single-transaction",
            "--exit-on-error",
            str(dump),
            url=url,
        )
        for name, path in folders.items():
            if (Path(folder) / name).is_dir():
                shutil.copytree(Path(folder) / name, path, copy_function=_copy, dirs_exist_ok=True)


def _copy(source: str, target: str) -> None:
    if not Path(target).exists():
        shutil.copy2(source, target)


def _make_room(url: str, *, replace: bool) -> None:
    """See that nothing is in the way. Raises `BackupFailed`."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        name, tables, others = connection.execute(
            "SELECT current_database(),"
            " (SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace),"
            " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid())"
        ).fetchone() or ("", 0, 0)
        if tables and not replace:
            raise BackupFailed(
                f"The database {name} is not empty. Restore into an empty one, or say --replace to lose what is there."
            )
        if others:
            raise BackupFailed(
                f"{others} connection(s) use the database {name}. Stop every web process and worker first."
            )
        if tables:
            connection.execute(sql.SQL("DROP SCHEMA public CASCADE"))
            connection.execute(sql.SQL("CREATE SCHEMA public"))


def _program(name: str, url: str) -> str:
    """The tool that fits the server: the one on PATH where it is of the server's version, else the embedded server's."""
    with psycopg.connect(libpq_url(url)) as connection:
        wanted = connection.info.server_version // 10_000
    on_path = shutil.which(name)
    if on_path:
        told = subprocess.run([on_path, "--version"], capture_output=True, text=True, check=False).stdout
        found = re.search(r"\) (\d+)", told)
        if found and int(found[1]) == wanted:
            return on_path
    return str(embedded.programs() / name)


def _run(program: str, *arguments: str, url: str | None = None) -> None:
    given = conninfo_to_dict(libpq_url(url)) if url else {}
    # Not among the arguments, which every user of the machine can list.
    password = given.pop("password", None)
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    to = [f"--dbname={make_conninfo(**given)}"] if url else []
    done = subprocess.run(
        [program, *to, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        told = done.stderr.strip().splitlines()
        raise BackupFailed(f"{Path(program).name} failed: {told[-1] if told else done.returncode}")
