"""`aftercare back-test`: what a draft or version would have made of the last finished cases."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from engine.cli.progress import Progress
from engine.cli.shared import Json, open_application, quiet, read_settings, show, stop


def back_test(
    process: Annotated[str, typer.Argument(help="Key of the procedure.")],
    draft: Annotated[bool, typer.Option("--draft", help="Try the open draft.")] = False,
    version: Annotated[int | None, typer.Option(help="Try this version.")] = None,
    last: Annotated[int, typer.Option(min=1, help="How many of the last finished cases.")] = 300,
    as_json: Json = False,
) -> None:
    """Take finished cases once more through a draft or version, by their recorded answers. Changes nothing."""
    from sqlalchemy import select

    from engine.backtests import runs
    from engine.backtests.figures import figures, row
    from engine.runtime.refusals import Refusal
    from engine.store.tables import ProcessDefinition

    if draft == (version is not None):
        stop("Say what to try: --draft or --version N.")
    settings = read_settings()
    quiet(settings)
    application = open_application(settings)
    progress = Progress()
    with application.commands.begin() as ctx:
        found = select(ProcessDefinition.id).where(
            ProcessDefinition.process_key == process, ProcessDefinition.version == version
        )
        definition_id = None if draft else ctx.session.scalar(found)
        if definition_id is None and not draft:
            stop(f"There is no version {version} of {process}.")
        try:
            tried = runs.candidate(ctx, process, definition_id).definition
        except Refusal as refusal:
            stop(str(refusal), 1)
        ids = runs.finished(ctx.session, process, last=last, before=ctx.now)
        rows: list[dict[str, Any]] = []
        for outcome in runs.through(ctx.session, ctx.engine, tried, ids):
            rows.append(row(outcome))
            progress(f"{len(rows)} of {len(ids)} cases")
    progress.end()
    total = figures(rows)
    document = {**asdict(total), "rows": rows}
    show(document, as_json=as_json, text="\n".join(_lines(process, total, rows)))


def _lines(process: str, total: Any, rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        f"{process}: {total.cases} finished cases, {total.same} go as they went",
        f"{total.ways['another_path']:6} take another path",
        f"{total.ways['somebody_else']:6} ask somebody else",
        f"{total.ways['another_amount']:6} pay another amount",
        f"{total.ways['longer']:6} take longer",
        f"{total.need_answer:6} need a new answer",
        f"{total.not_comparable:6} of which nothing can be said",
        f"Paid where it is known: {total.paid}, it would be {total.would_pay}.",
    ]
    lines += [f"{n:6} need a new answer at {element}" for element, n in total.asked_at.most_common()]
    for each in rows:
        ways = [
            way.replace("_", " ")
            for way in ("another_path", "somebody_else", "another_amount", "longer")
            if each[way]
        ]
        if each["stop_element"] is not None:
            ways.append(f"needs a new answer at {each['stop_element']}")
        if ways:
            lines.append(f"{each['business_key']}: {', '.join(ways)}")
    return lines


COMMANDS = (back_test,)
