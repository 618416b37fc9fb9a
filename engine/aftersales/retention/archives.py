"""Archives: finished cases as sealed files in a folder, before their records go."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.aftersales import sealed_files
from engine.aftersales.retention.due import Due
from engine.aftersales.sealed_files import Sealed
from engine.runtime.context import Context, Engine
from engine.runtime.refusals import NotFound

#: Under the installation's `var_dir`, where the settings name no other place.
FOLDER = "archive"


@dataclass(frozen=True, kw_only=True)
class Archive:
    """An archived case."""

    #: Name in the folder: "2023/AS-2023-000138.zip".
    file: str
    #: SHA-256 of the file, hexadecimal, and its bytes.
    digest: str
    size: int


def folder(engine: Engine) -> Path:
    """Where this installation keeps its archives."""
    return engine.settings.archive_dir or engine.var_dir / FOLDER


def pack(ctx: Context, due: Due, standing: Sealed) -> Archive:
    """Write the archive of a case: it appears whole, and the same case under the same seal gives the same bytes."""
    name = f"{due.closed_at.year}/{due.number}.zip"
    path = folder(ctx.engine) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w+b") as file:
        pages = ctx.engine.registry.case_pages(ctx, due.number, standing)
        sealed_files.pack(ctx, due.number, file, pages, standing)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.seek(0, os.SEEK_END)
    part.replace(path)
    return Archive(file=name, digest=digest, size=size)


def open_kept(engine: Engine, archive: Archive) -> BinaryIO:
    """An archive that is still here and still what the receipt says. Raises `NotFound`."""
    path = folder(engine) / archive.file
    try:
        file = path.open("rb")
    except OSError:
        raise NotFound(what="archive", id=archive.file) from None
    if hashlib.file_digest(file, "sha256").hexdigest() != archive.digest:
        file.close()
        raise NotFound(what="archive", id=archive.file)
    file.seek(0)
    return file


def drop(engine: Engine, file: str) -> bool:
    """Delete an archive; whether it was there."""
    path = folder(engine) / file
    there = path.exists()
    path.unlink(missing_ok=True)
    return there
