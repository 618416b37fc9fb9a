"""Photos and papers for the sample's cases: small real files, so that every link to one opens."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import select

from engine.aftersales import attachments
from engine.aftersales.tables import AftersalesCase
from engine.runtime.context import Context

_WIDTH, _HEIGHT = 320, 214
#: So many different photos: drawing one takes a moment.
_PHOTOS = 8


def put(ctx: Context, values: Any, *, case_number: str | None = None) -> None:
    """Give every file that values name real content, uploaded by the actor; the values then refer to it."""
    case_id = None
    if case_number:
        case_id = ctx.session.scalar(select(AftersalesCase.id).where(AftersalesCase.number == case_number))
    for file in _named(values):
        stem = str(file.get("name", "photo.jpg")).rpartition(".")[0]
        paper = file.get("type") == "application/pdf"
        name, content = (
            (f"{stem}.pdf", _page(stem)) if paper else (f"{stem}.png", _photo(_number(stem, ctx) % _PHOTOS))
        )
        stored = attachments.add(ctx, name, io.BytesIO(content), case_id=case_id)
        file |= {"attachment": str(stored.id), "name": stored.name, "type": stored.type, "size": stored.size}


def _named(value: Any) -> Iterator[dict[str, Any]]:
    """Every file in the values."""
    if isinstance(value, dict):
        if "attachment" in value:
            yield value
        else:
            for inner in value.values():
                yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)


def _number(stem: str, ctx: Context) -> int:
    """A number that differs from upload to upload and is the same each time the sample is made."""
    return zlib.crc32(f"{stem} {ctx.now:%d%H%M}".encode())


@cache
def _photo(number: int) -> bytes:
    """A PNG: a wooden board with a crack across it, its colour and slope by the number."""
    red, green, blue = 150 + number * 9, 105 + number * 6, 70 + number * 5
    slope, start = 0.3 + number / 10, 40 + number * 11
    rows = bytearray()
    for y in range(_HEIGHT):
        rows.append(0)
        crack = int(start + y * slope)
        for x in range(_WIDTH):
            shade = -90 if abs(x - crack - (y * 7 % 5)) < 3 else (x * 3 + y * y // 40) % 23 - 11
            rows += bytes(max(0, min(255, part + shade)) for part in (red, green, blue))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _page(title: str) -> bytes:
    """A PDF of one page that says what it is."""
    text = f"BT /F1 24 Tf 72 720 Td ({title} - sample) Tj ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    page, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(page))
        page += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(page)
    page += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    page += b"".join(b"%010d 00000 n \n" % place for place in places)
    page += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(page)
