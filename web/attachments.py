"""Attachments: handed out as downloads, shown in place only where the type is a picture the browser draws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from fastapi.responses import Response, StreamingResponse

from engine.aftersales import attachments, visibility
from engine.aftersales.tables import Attachment
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound
from web.screen import Command, Screen

router = Screen(prefix="/attachments")

#: Types a browser shows without running anything of theirs. Everything else is only ever saved.
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp"})
_CHUNK = 1 << 16


@router.get("/{attachment_id}")
def download(ctx: Command, attachment_id: int) -> Response:
    """A file as it was uploaded, under the type found in its bytes."""
    row = attachments.by_id(ctx, attachment_id)
    _check(ctx, row)
    content = attachments.content(ctx, row)
    disposition = "inline" if row.type in SHOWN else "attachment"
    return StreamingResponse(
        _chunks(content),
        media_type=row.type if row.type in SHOWN else "application/octet-stream",
        headers={
            "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(row.name)}",
            "Content-Length": str(row.size),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=86400, immutable",
            # Kept for whoever it was handed to, not for who signs in after them.
            "Vary": "Cookie",
        },
    )


def _check(ctx: Context, row: Attachment) -> None:
    """A case's files are for who sees the case; those of a form not sent yet for who chose them. Raises `NotFound`."""
    seen = visibility.sees_case(ctx, id=row.case_id) if row.case_id else row.person == ctx.actor.key
    if not seen:
        raise NotFound(what="attachment", id=row.id)


def _chunks(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while chunk := content.read(_CHUNK):
            yield chunk
