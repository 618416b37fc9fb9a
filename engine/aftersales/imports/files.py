"""One file imported: read whole, checked whole, written in one transaction or not at all."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from engine.aftersales.imports import kinds
from engine.aftersales.imports.mapping import Mapping
from engine.aftersales.imports.rows import BadValue, Reader
from engine.runtime import history
from engine.runtime.context import Context


class BadFile(Exception):
    """A file that is not a CSV of the form its mapping says; the message says why."""


@dataclass(kw_only=True)
class Report:
    """What became of a file."""

    kind: str
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
    report = Report(kind=mapping.kind)
    reader = Reader(mapping, ZoneInfo(ctx.organisation.zone))
    skips = [(rule, re.compile(rule.matches)) for rule in mapping.skip]
    good: list[tuple[int, dict[str, Any]]] = []
    for line, raw in _lines(mapping, kind.fields, content):
        report.rows += 1
        reason = next(
            (
                rule.reason
                for rule, pattern in skips
                if pattern.fullmatch((raw.get(rule.column) or "").strip())
            ),
            None,
        )
        if reason is not None:
            report.skipped.append((line, reason))
            continue
        try:
            good.append((line, reader.row(raw, kind.fields)))
        except BadValue as error:
            report.bad.append((line, str(error)))
    with ctx.session.begin_nested() as attempt:
        kind.write(ctx, good, report)
        if report.bad:
            attempt.rollback()
            report.written.clear()
    report.bad.sort()
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


def _lines(mapping: Mapping, fields: dict[str, Any], content: BinaryIO) -> list[tuple[int, dict[str, str]]]:
    """(line of the file, their row). Raises `BadFile`."""
    try:
        text = io.TextIOWrapper(content, encoding=mapping.encoding, newline="")
        rows = csv.DictReader(text, delimiter=mapping.separator)
        header = [column.strip() for column in rows.fieldnames or []]
        rows.fieldnames = header
        wanted = {mapping.columns.get(name, name) for name, each in fields.items() if each.required}
        wanted -= {mapping.columns.get(name, name) for name in mapping.defaults}
        wanted |= {column for name, column in mapping.columns.items() if name in fields}
        missing = sorted(wanted - set(header))
        if missing:
            raise BadFile(
                f"The file has no column {', '.join(missing)}. Its columns are: {', '.join(header) or 'none'}. "
                f"Is the separator really “{mapping.separator}”?"
            )
        unknown = sorted(set(mapping.columns) - set(fields))
        if unknown:
            raise BadFile(
                f"{mapping.kind} have no field {', '.join(unknown)}. Fields are: {', '.join(fields)}."
            )
        return [(rows.line_num, {**row}) for row in rows]
    except UnicodeDecodeError as error:
        raise BadFile(f"The file is not {mapping.encoding}: {error.reason} at byte {error.start}.") from error
    except csv.Error as error:
        raise BadFile(f"The file is not a CSV: {error}.") from error
