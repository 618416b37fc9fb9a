"""Lists as files: CSV row by row, XLSX through a file on disk, so that no list is too long for memory."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

from fastapi import Request
from fastapi.responses import StreamingResponse
from sqlalchemy import Select

from engine.runtime.edge import Commands
from engine.runtime.refusals import NotFound
from web import i18n
from web.visitor import Visitor

_BATCH = 500
_CHUNK = 1 << 16
FORMATS = ("csv", "xlsx")
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: A spreadsheet runs a text that begins like this as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def check(file_format: str) -> None:
    """Raises `NotFound` for a format there is not."""
    if file_format not in FORMATS:
        raise NotFound(what="file format", id=file_format)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column of a file."""

    #: Message id of its head.
    label: str
    #: Row -> str, int, Decimal (money), date or aware datetime; None leaves the cell empty.
    value: Callable[[Any], Any]


def answer(
    request: Request,
    visitor: Visitor,
    file_format: str,
    name: str,
    fields: Sequence[Field],
    query: Select[Any],
) -> StreamingResponse:
    """The whole of `query` as a download `name-2026-11-22.csv` or `.xlsx`, read in a transaction of its own."""
    rows = _rows(request.app.state.commands, visitor, query)
    gettext = i18n.words(visitor.language).gettext
    heads = [gettext(field.label) for field in fields]
    cells = ([_local(field.value(row), visitor) for field in fields] for row in rows)
    content = _csv(heads, cells) if file_format == "csv" else _chunks(_xlsx(heads, cells))
    today = visitor.now.astimezone(visitor.zone).date()
    return StreamingResponse(
        content,
        media_type=_TYPES[file_format],
        headers={"Content-Disposition": f'attachment; filename="{name}-{today}.{file_format}"'},
    )


def _rows(commands: Commands, visitor: Visitor, query: Select[Any]) -> Iterator[Any]:
    assert visitor.actor is not None  # pages with exports are for signed-in people
    with commands.begin(visitor.actor) as ctx:
        yield from ctx.session.execute(query.execution_options(yield_per=_BATCH))


def _local(value: Any, visitor: Visitor) -> Any:
    """Moments without their zone: spreadsheets know none."""
    return value.astimezone(visitor.zone).replace(tzinfo=None) if isinstance(value, datetime) else value


def _csv(heads: Sequence[str], rows: Iterator[Sequence[Any]]) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    # Without this mark spreadsheets take UTF-8 for something else.
    text.write("\ufeff")
    writer.writerow(heads)
    for number, row in enumerate(rows, start=1):
        writer.writerow([_plain(value) for value in row])
        if number % _BATCH == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    part = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return part


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return "" if value is None else value


def _xlsx(heads: Sequence[str], rows: Iterator[Sequence[Any]]) -> BinaryIO:
    import xlsxwriter  # only those wait for it who export

    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever streams it
    with xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        head = book.add_format({"bold": True, "bottom": 1})
        money, moment = (book.add_format({"num_format": shape}) for shape in ("#,##0.00", "yyyy-mm-dd hh:mm"))
        sheet.freeze_panes(1, 0)
        for column, label in enumerate(heads):
            sheet.set_column(column, column, 18)
            sheet.write_string(0, column, label, head)
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                match value:
                    case None | "":
                        pass
                    case datetime():
                        sheet.write_datetime(last, column, value, moment)
                    case date():
                        sheet.write_datetime(last, column, value)
                    case Decimal():
                        sheet.write_number(last, column, float(value), money)
                    case int() | float():
                        sheet.write_number(last, column, value)
                    case _:
                        sheet.write_string(last, column, str(value))
        if heads:
            sheet.autofilter(0, 0, last, len(heads) - 1)
    file.seek(0)
    return file


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
