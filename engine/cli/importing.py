"""Files of customers, products, orders, serial numbers and stock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.shared import Json, open_application, read_settings, show, stop

if TYPE_CHECKING:
    from engine.aftersales.imports import Mapping, Report

#: Lines shown of each list; a file can be wrong in every line.
SHOWN = 40


def import_(
    kind: Annotated[str, typer.Argument(help="customers, products, orders, serials or stock.")],
    file: Annotated[Path, typer.Argument(help="A CSV file.")],
    mapping: Annotated[
        Path | None, typer.Option(help="How to read somebody else's CSV (docs/import.md); ours without it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Import a file: all of it, or nothing and a report of the bad rows by line."""
    from engine.aftersales import imports

    settings = read_settings()
    how = _mapping(kind, mapping)
    try:
        content = file.open("rb")
    except OSError as error:
        stop(f"{file} cannot be read: {error.strerror}.")
    application = open_application(settings)
    with content:
        try:
            with application.commands.begin() as ctx:
                report = imports.run(ctx, how, content, name=file.name)
        except imports.BadFile as error:
            stop(str(error))
    show(as_document(report), as_json=as_json, text="\n".join(as_lines(report)))
    if not report.good:
        raise typer.Exit(1)


def _mapping(kind: str, path: Path | None) -> Mapping:
    from engine.aftersales import imports
    from engine.aftersales.imports.kinds import KINDS

    if kind not in KINDS:
        stop(f"There is no kind {kind}. Kinds are: {', '.join(KINDS)}.")
    if path is None:
        return imports.plain(kind)  # type: ignore[arg-type] - checked above
    try:
        how = imports.read(path)
    except imports.BadMapping as error:
        stop(str(error))
    if how.kind != kind:
        stop(f"{path.name} says how to read {how.kind}, not {kind}.")
    return how


def as_document(report: Report) -> dict[str, Any]:
    """A report as JSON."""
    return {
        "kind": report.kind,
        "imported": report.good,
        "rows": report.rows,
        "written": report.written,
        "bad": [{"line": line, "problem": problem} for line, problem in report.bad],
        "skipped": [{"line": line, "reason": reason} for line, reason in report.skipped],
    }


def as_lines(report: Report) -> list[str]:
    """A report as text."""
    lines = [f"line {line}: {problem}" for line, problem in report.bad[:SHOWN]]
    if len(report.bad) > SHOWN:
        lines.append(f"... and {len(report.bad) - SHOWN} more")
    reasons: dict[str, int] = {}
    for _, reason in report.skipped:
        reasons[reason] = reasons.get(reason, 0) + 1
    lines += [f"left out {count} row{'s' if count > 1 else ''}: {reason}" for reason, count in _most(reasons)]
    if report.bad:
        return [*lines, f"{len(report.bad)} of {report.rows} rows are bad. Nothing was imported."]
    written = ", ".join(f"{count} {noun}" for noun, count in report.written.items() if count) or "nothing new"
    return [*lines, f"Rows read: {report.rows}. Written: {written}."]


def _most(reasons: dict[str, int]) -> list[tuple[str, int]]:
    """The most frequent reasons first, the many that come once cut short."""
    ordered = sorted(reasons.items(), key=lambda item: -item[1])
    if len(ordered) <= SHOWN:
        return ordered
    rest = sum(count for _, count in ordered[SHOWN:])
    return [*ordered[:SHOWN], (f"{len(ordered) - SHOWN} further reasons", rest)]


COMMANDS = (import_,)
