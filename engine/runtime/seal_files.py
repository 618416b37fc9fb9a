"""The folder of seals: each a small document to keep elsewhere too, and the list of heads it was made over."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import orjson

from engine.runtime.history import Head

_DOCUMENT, _HEADS, _PENDING = ".json", ".heads.gz", ".pending"
_NAME = re.compile(r"(\d{6,})-\d{4}-\d{2}-\d{2}\.json")
#: Folder of receipts beside the seals, and their names.
_RECEIPTS, _RECEIPT = "receipts", re.compile(r"(\d{6,})\.json")


class BadList(ValueError):
    """A list of heads that was damaged or changed, so that it cannot be read."""


def line(head: Head) -> bytes:
    """A head as a leaf of the tree and a line of the list: `[stream, events, "hash", "case"]`."""
    return orjson.dumps([head.stream, head.seq, head.hash.hex(), head.case])


class Folder:
    """Where seals are written. Nothing in it is ever changed: a seal's files appear whole, once it is committed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def documents(self) -> dict[int, bytes]:
        """The seals there are, by number."""
        return {number: path.read_bytes() for number, path in self._documents().items()}

    def day(self, number: int) -> str:
        """The day a seal was made, as its file says."""
        return self._documents()[number].name.split("-", 1)[1].removesuffix(_DOCUMENT)

    def heads(self, number: int, *, after: int | None = None) -> Iterator[Head] | None:
        """What a seal was made over, by stream, or what follows a stream; None where the list is not kept.

        Raises `BadList` while it is read."""
        document = self._documents().get(number)
        path = document and document.with_suffix(_HEADS)
        return _read(path, after) if path and path.exists() else None

    def listed(self) -> list[int]:
        """Numbers of the seals whose lists are kept, newest first."""
        found = self._documents()
        return sorted((n for n, path in found.items() if path.with_suffix(_HEADS).exists()), reverse=True)

    def write_heads(self, name: str) -> HeadsFile:
        """A list to fill, which counts once `publish` was called."""
        self.path.mkdir(parents=True, exist_ok=True)
        return HeadsFile(self.path / f"{name}{_HEADS}{_PENDING}")

    def write_document(self, name: str, document: bytes) -> None:
        """The document of a seal, which counts once `publish` was called."""
        path = self.path / f"{name}{_DOCUMENT}{_PENDING}"
        with path.open("wb") as file:
            _durable(file, document)

    def publish(self, name: str) -> None:
        """Let a seal that is committed appear under its name."""
        for kind in (_HEADS, _DOCUMENT):
            with suppress(FileNotFoundError):
                (self.path / f"{name}{kind}{_PENDING}").replace(self.path / f"{name}{kind}")

    def settle(self, committed: str | None) -> None:
        """Publish what a process killed after its commit left behind; drop what was never committed."""
        if committed is not None:
            self.publish(committed)
        for left in self.path.glob(f"*{_PENDING}"):
            left.unlink(missing_ok=True)

    def forget_lists(self, keep: int) -> None:
        """Drop all but the newest lists. The documents stay, and later lists cover what earlier ones did."""
        for number in self.listed()[keep:]:
            self._documents()[number].with_suffix(_HEADS).unlink(missing_ok=True)

    def receipts(self) -> dict[int, bytes]:
        """The receipts there are, by number."""
        return self._receipts("")

    def pending_receipts(self) -> dict[int, bytes]:
        """Those being written, or just committed and not yet under their names."""
        return self._receipts(_PENDING)

    def _receipts(self, suffix: str) -> dict[int, bytes]:
        found = {}
        for path in (self.path / _RECEIPTS).glob(f"*{_DOCUMENT}{suffix}"):
            # One may get its name at this very moment.
            with suppress(FileNotFoundError):
                if name := _RECEIPT.fullmatch(path.name.removesuffix(suffix)):
                    found[int(name[1])] = path.read_bytes()
        return found

    def write_receipt(self, number: int, document: bytes) -> None:
        """A receipt, which counts once `settle_receipts` was called."""
        folder = self.path / _RECEIPTS
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{number:06}{_DOCUMENT}{_PENDING}").open("wb") as file:
            _durable(file, document)

    def settle_receipts(self, committed: int) -> None:
        """Publish the receipts up to a number, which are committed. Later ones wait: somebody is writing them, or the
        next to write one overwrites what was never committed."""
        for path in (self.path / _RECEIPTS).glob(f"*{_DOCUMENT}{_PENDING}"):
            if int(path.name.split(".")[0]) <= committed:
                with suppress(FileNotFoundError):
                    path.replace(path.with_suffix(""))

    def _documents(self) -> dict[int, Path]:
        found = ((_NAME.fullmatch(path.name), path) for path in self.path.glob(f"*{_DOCUMENT}"))
        return {int(name[1]): path for name, path in found if name}


class HeadsFile:
    """A list of heads being written; the same list always makes the same bytes."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._packed = gzip.GzipFile(filename="", fileobj=self._file, mode="wb", mtime=0, compresslevel=4)

    def add(self, line_: bytes) -> None:
        """The next line."""
        self._packed.write(line_ + b"\n")

    def __enter__(self) -> HeadsFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._packed.close()
        _durable(self._file)
        self._file.close()


def _durable(file: IO[bytes], content: bytes = b"") -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())


def _read(path: Path, after: int | None) -> Iterator[Head]:
    try:
        with gzip.open(path) as lines:
            for each in lines:
                stream, seq, digest, case = orjson.loads(each)
                if after is None or stream > after:
                    yield Head(stream=stream, seq=seq, hash=bytes.fromhex(digest), case=case)
    except (OSError, EOFError, ValueError, TypeError, zlib.error) as error:
        raise BadList(f"{path.name}: {error}") from error
