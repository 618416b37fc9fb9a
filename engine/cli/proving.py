"""`aftercare real-orders`: the proof on a real shop's orders."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.importing import as_document as import_document
from engine.cli.progress import Progress
from engine.cli.shared import Json, quiet, reaching_the_database, read_settings, show, stop

if TYPE_CHECKING:
    from engine.proving.real_orders import Result


def real_orders(
    file: Annotated[Path, typer.Argument(help="The export of the shop, as it is.")],
    as_json: Json = False,
) -> None:
    """Run a real shop's cancellations and 300 of its order lines; the ledger must equal a plain sum over the file."""
    from engine.aftersales.imports import BadFile
    from engine.bootstrap import fresh_database
    from engine.proving import real_orders
    from engine.proving.export import BadExport
    from engine.proving.floor import Stuck

    settings = read_settings()
    quiet(settings)
    progress = Progress()
    progress("Making a database of its own")
    with reaching_the_database(settings):
        url = fresh_database(settings, "real_orders")
    try:
        result = real_orders.run(settings, url, file, rules=real_orders.read_rules(settings), told=progress)
    except (BadExport, BadFile) as error:
        stop(str(error))
    except Stuck as error:
        stop(f"It does not come to an end: {error}.", 1)
    finally:
        progress.end()
    show(_document(result), as_json=as_json, text="\n".join(_lines(result)))
    if not result.good:
        raise typer.Exit(1)


def _reasons(result: Result) -> dict[str, int]:
    return dict(Counter(each.reason for each in result.unmatched).most_common())


def _document(result: Result) -> dict[str, Any]:
    return {
        "import": import_document(result.imported) | {"skipped": len(result.imported.skipped)},
        "cancellations": {
            "run": [
                {
                    "line": pick.cancellation.at_line if pick.cancellation else None,
                    "order": pick.sale.invoice,
                    "procedure": pick.procedure,
                    "amount": pick.goods,
                }
                for pick in result.matched
            ],
            "reported": [{"line": each.row.at_line, "reason": each.reason} for each in result.unmatched],
            "reasons": _reasons(result),
        },
        "cases": result.cases,
        "seconds": round(result.seconds, 1),
        "cases_a_minute": _pace(result),
        "refunds": len(result.paid),
        "paid": sum(each.total for each in result.paid),
        "differences": result.differences,
        "history": result.broken,
        "good": result.good,
    }


def _pace(result: Result) -> int:
    return round(sum(result.cases.values()) / result.seconds * 60) if result.seconds else 0


def _lines(result: Result) -> list[str]:
    report = result.imported
    if not report.good:
        return [
            f"The file was not imported: {len(report.bad)} bad rows, the first in line {report.bad[0][0]}."
        ]
    written = ", ".join(f"{count} {noun}" for noun, count in report.written.items())
    lines = [f"Imported {report.rows} rows: {written}; {len(report.skipped)} left out on purpose."]
    lines.append(f"{len(result.matched)} cancellations match an earlier purchase and were run:")
    lines += [
        f"  {pick.cancellation.invoice if pick.cancellation else '':9} {pick.procedure:18} {pick.goods:>10}"
        for pick in result.matched
    ]
    lines.append(f"{len(result.unmatched)} cancellations were reported and not paid:")
    lines += [f"  {count:4} {reason}" for reason, count in _reasons(result).items()]
    cases = ", ".join(f"{count} {procedure}" for procedure, count in result.cases.items())
    lines.append(f"Cases run to their end: {cases}; {_pace(result)} a minute ({result.seconds:.0f} s).")
    total, deducted = sum(each.total for each in result.paid), sum(each.deducted for each in result.paid)
    lines.append(f"Ledger: {len(result.paid)} refunded lines, {total} paid, {deducted} deducted.")
    lines += result.differences + result.broken
    lines.append(
        "The ledger equals the sum over the file line by line, and every history is as it was recorded."
        if result.good
        else f"{len(result.differences)} differences, {len(result.broken)} breaks in the history."
    )
    return lines


COMMANDS = (real_orders,)
