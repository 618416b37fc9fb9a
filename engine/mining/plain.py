"""CSV: a row an event, for spreadsheets and for tools that read nothing else."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC

from engine.mining.events import Case, Event
from engine.mining.reading import Reading

COLUMNS = (
    "case",
    "procedure",
    "case_version",
    "number",
    "at",
    "activity",
    "lifecycle",
    "event",
    "resource",
    "role",
    "element",
    "outcome",
    "service",
    "process",
    "version",
    "instance",
    "seq",
    "reason",
    "tier",
    "order",
)
#: A spreadsheet runs a text that begins like this as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(reading: Reading, traces: Iterable[tuple[Case, Iterable[Event]]]) -> Iterator[str]:
    """The rows, one by one."""
    text = io.StringIO()
    row = csv.writer(text).writerow
    row(COLUMNS)
    for case, events in traces:
        reason, tier, order = (case.attributes.get(name, "") for name in ("reason", "tier", "order"))
        for event in events:
            row(
                _safe(value)
                for value in (
                    case.number,
                    case.process,
                    case.version,
                    event.id,
                    event.at.astimezone(UTC).isoformat(timespec="milliseconds"),
                    event.activity,
                    event.lifecycle,
                    event.type,
                    event.resource,
                    event.role,
                    event.element,
                    event.outcome,
                    event.service,
                    event.process,
                    event.version,
                    event.stream,
                    event.seq,
                    reason,
                    tier,
                    order,
                )
            )
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> str:
    part = text.getvalue()
    text.seek(0)
    text.truncate()
    return part


def _safe(value: object) -> object:
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value
