"""One file imported: read whole, checked whole, written in one transaction or not at all."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from engine.aftersales.imports import kinds
from engine.aftersales.imports.mapping import Mapping
from engine.aftersales.imports.rows import BadValue, Reader
from engine.runtime import history
from engine.runtime.context import Context

#: Key under which `csv` keeps the fields a row has beyond the header's.
_BEYOND = "\0beyond"


class BadFile(Exception):
    """A file that is not a CSV of the form its mapping says; the message says why."""


@dataclass(kw_only=True)
class Report:
    """What became of a file."""

    kind: str
    #: Fields of ours that the file (or a default of its mapping) says something about.
    fields: frozenset[str] = frozenset()
    rows: int = 0
    #: Line of the file -> what is wrong with it. Anything here and nothing was imported.
    bad: list[tuple[int, str]] = field(default_factory=list)
    #: Line of the file -> why it was left out on purpose.
    skipped: list[tuple[int, str]] = field(default_factory=list)
    #: What was written: {"orders": 12, "order lines": 40 ...}.
    written: dict[str, int] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether the file was imported."""
        return not self.bad


def run(ctx: Context, mapping: Mapping, content: BinaryIO, *, name: str) -> Report:
    """Import a file. With bad rows nothing is written. Raises `BadFile`."""
    kind = kinds.KINDS[mapping.kind]
    reader = Reader(mapping, ZoneInfo(ctx.organisation.zone))
    skips = [(rule, re.compile(rule.matches)) for rule in mapping.skip]
    header, lines = _read(mapping, kind.fields, content)
    report = Report(
        kind=mapping.kind,
        fields=frozenset(
            n for n in kind.fields if mapping.columns.get(n, n) in header or n in mapping.defaults
        ),
    )
    good: list[tuple[int, dict[str, Any]]] = []
    for line, raw in lines:
        report.rows += 1
        if _BEYOND in raw:
            report.bad.append((line, f"it has more fields than the {len(header)} of the header"))
            continue
        reason = next(
            (rule.reason for rule, pattern in skips if pattern.fullmatch((raw[rule.column] or "").strip())),
            None,
        )
        if reason is not None:
            report.skipped.append((line, reason))
            continue
        try:
            good.append((line, reader.row(raw, kind.fields)))
        except BadValue as error:
            report.bad.append((line, str(error)))
    _write(ctx, kind, good, report)
    report.bad.sort()
    report.skipped.sort()
    if report.good:
        history.record_organisation(
            ctx,
            "FileImported",
            file=name,
            kind=mapping.kind,
            rows=report.rows,
            skipped=len(report.skipped),
            written=report.written,
        )
    return report


def _write(ctx: Context, kind: kinds.Kind, rows: kinds.Rows, report: Report) -> None:
    try:
        with ctx.session.begin_nested() as attempt:
            kind.write(ctx, rows, report)
            if report.bad:
                attempt.rollback()
                report.written.clear()
    except IntegrityError as error:
        # What is wrong with rows is found before; this is somebody who wrote the same thing at the same moment.
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or "a constraint"
        raise BadFile(
            f"The database refused the file ({constraint}). Nothing was imported; try again."
        ) from error


def _read(
    mapping: Mapping, fields: dict[str, Any], content: BinaryIO
) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The header and (line of the file, their row), rows without any value left out. Raises `BadFile`."""
    text = io.TextIOWrapper(content, encoding=mapping.encoding, newline="")
    try:
        rows = csv.DictReader(text, delimiter=mapping.separator, restkey=_BEYOND)
        header = [column.strip() for column in rows.fieldnames or []]
        _check_header(mapping, fields, header)
        rows.fieldnames = header
        return header, [(line, row) for line, row in _numbered(rows) if any(filter(None, row.values()))]
    except UnicodeDecodeError as error:
        raise BadFile(f"The file is not {mapping.encoding}: {error.reason} at byte {error.start}.") from error
    except csv.Error as error:
        raise BadFile(f"The file is not a CSV: {error}.") from error
    finally:
        text.detach()


def _numbered(rows: csv.DictReader[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with the line they begin in: one with line breaks inside quotes ends further down."""
    while True:
        before = rows.line_num
        row = next(rows, None)
        if row is None:
            return
        yield before + 1, row


def _check_header(mapping: Mapping, fields: dict[str, Any], header: list[str]) -> None:
    unknown = sorted((set(mapping.columns) | set(mapping.defaults)) - set(fields))
    if unknown:
        raise BadFile(f"{mapping.kind} have no field {', '.join(unknown)}. Fields are: {', '.join(fields)}.")
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise BadFile(f"The file has two columns called {', '.join(twice)}.")
    wanted = {
        mapping.columns.get(name, name)
        for name, each in fields.items()
        if each.required and name not in mapping.defaults
    }
    wanted |= set(mapping.columns.values()) | {rule.column for rule in mapping.skip}
    missing = sorted(wanted - set(header))
    if missing:
        raise BadFile(
            f"The file has no column {', '.join(missing)}. Its columns are: {', '.join(header) or 'none'}. "
            f"Is the separator really “{mapping.separator}”?"
        )
