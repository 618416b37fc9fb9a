"""Attachments: handed out as downloads, shown in place only where the type is a picture the browser draws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from engine.aftersales import attachments
from web.deps import Command

router = APIRouter(prefix="/attachments")

#: Types a browser shows without running anything of theirs. Everything else is only ever saved.
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp"})
_CHUNK = 1 << 16


@router.get("/{attachment_id}")
def download(ctx: Command, attachment_id: int) -> Response:
    """A file as it was uploaded, under the type found in its bytes."""
    row, content = attachments.open_content(ctx, attachment_id)
    disposition = "inline" if row.type in SHOWN else "attachment"
    return StreamingResponse(
        _chunks(content),
        media_type=row.type if row.type in SHOWN else "application/octet-stream",
        headers={
            "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(row.name)}",
            "Content-Length": str(row.size),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=86400, immutable",
        },
    )


def _chunks(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while chunk := content.read(_CHUNK):
            yield chunk
