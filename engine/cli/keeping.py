"""Keeping: what was kept as long as the rules say is archived and removed."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.cli.progress import Progress
from engine.cli.shared import Json, open_application, quiet, read_settings, show, stop


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is due; change nothing.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for the receipts.")] = "",
    as_json: Json = False,
) -> None:
    """Archive the cases that are due as sealed files and remove their records, with receipts."""
    from engine.aftersales.retention import due, runs
    from engine.aftersales.tables import RetentionRun
    from engine.runtime.refusals import Refusal
    from web import sealed_pages

    settings = read_settings()
    quiet(settings)
    application = open_application(settings)
    sealed_pages.register(application.engine.registry)
    with application.commands.begin() as ctx:
        rules, shares = due.rules(ctx), due.shares(ctx)
    if dry_run:
        document = [
            {
                "procedure": each.process_key,
                "days": each.days,
                "kept": each.kept,
                "due": each.due,
                "held": each.held,
                "bound": each.bound,
                "next_at": each.next_at,
            }
            for each in shares
        ]
        show({"procedures": document, "most": rules.most}, as_json=as_json, text="\n".join(_lines(shares)))
        return
    try:
        with application.commands.begin() as ctx:
            asked = runs.ask(ctx, reason=reason or runs.DAILY)
    except runs.NothingDue as refusal:
        show({"removed": 0, "left": []}, as_json=as_json, text=str(refusal))
        return
    except Refusal as refusal:
        stop(str(refusal), 1)
    progress = Progress()
    while runs.step(application.commands, asked.id):
        with application.commands.begin() as ctx:
            progress(f"{ctx.session.get_one(RetentionRun, asked.id).done} of {asked.total} cases")
    progress.end()
    with application.commands.begin() as ctx:
        done = ctx.session.get_one(RetentionRun, asked.id)
    left = [{"case": each["case"], "reason": each["sentence"].format(**each["params"])} for each in done.left]
    lines = [
        f"{done.done} cases were archived and removed.",
        *(f"{each['case']} stays: {each['reason']}." for each in left),
    ]
    show({"removed": done.done, "left": left}, as_json=as_json, text="\n".join(lines))


def _lines(shares: list[Any]) -> list[str]:
    return [
        f"{each.process_key}: {each.kept} finished cases are kept {each.days} days; due {each.due},"
        f" held {each.held}, still needed {each.bound}"
        + (f"; the next on {each.next_at:%Y-%m-%d}" if each.next_at else "")
        for each in shares
    ] or ["No finished case is kept here."]


COMMANDS = (retention,)
