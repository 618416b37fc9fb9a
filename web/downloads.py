"""Files that people take along: streamed from disk, so that a large one stays out of memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from typing import BinaryIO

from fastapi.responses import StreamingResponse

_CHUNK = 1 << 16


def zipped(name: str, file: BinaryIO) -> StreamingResponse:
    """A ZIP as a download called `name`; closes the file when it was sent."""
    return StreamingResponse(
        _chunks(file),
        media_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(file.seek(0, os.SEEK_END)),
        },
    )


def written(write: Callable[[BinaryIO], object]) -> BinaryIO:
    """A file of its own that is gone once it is closed, with what `write` put into it. Raises what `write` does."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever streams it
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    return file


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
