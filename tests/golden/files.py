"""Golden instances as files: a case in flight with all it needs, as JSON compressed by zstandard.

A file holds the versions of the procedures the case runs on, its instances with their state blobs, whatever waits for
somebody outside, and its whole history: up to the moment it was put down, and on to the end it came to back then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import zstandard

FORMAT = 1
FOLDER = Path(__file__).parent / "instances"

#: A row as JSON; moments are ISO 8601, bytes are hexadecimal.
Row = Mapping[str, Any]


class NewerFormat(ValueError):
    """The file is of a format that this release does not know."""


@dataclass(frozen=True, kw_only=True)
class Golden:
    """A case put down in flight."""

    name: str
    #: The release that wrote it.
    release: str
    case: str
    #: Table -> its rows when the case was put down, in the order in which they can be written.
    rows: Mapping[str, list[Row]]
    #: Every event of the case until its end, in order.
    history: list[Row]
    #: How many of them had happened when it was put down.
    happened: int


def write(golden: Golden, folder: Path = FOLDER) -> Path:
    """Write `<name>.json.zst`; return where."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{golden.name}.json.zst"
    text = orjson.dumps({"format": FORMAT, **asdict(golden)})
    path.write_bytes(zstandard.ZstdCompressor(level=19).compress(text))
    return path


def read(path: Path) -> Golden:
    """Read a golden instance. Raises `NewerFormat`."""
    found = orjson.loads(zstandard.ZstdDecompressor().decompress(path.read_bytes()))
    if found.pop("format") > FORMAT:
        raise NewerFormat(f"{path.name} was written by a newer release of Aftercare; it cannot be read here.")
    return Golden(**found)


def all_files() -> list[Path]:
    """The golden instances of every release so far."""
    return sorted(FOLDER.glob("*.json.zst"))
