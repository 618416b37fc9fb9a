"""Moving running cases to another version of their procedure, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.progress import Progress
from engine.cli.shared import Json, open_application, read_settings, show, stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.bootstrap import Application
    from engine.runtime.context import Context
    from engine.runtime.moving.plan import Planned

Process = Annotated[str, typer.Argument(help="Key of the procedure.")]


def move(
    process: Process,
    from_: Annotated[int, typer.Option("--from", help="Version the cases are on.")],
    to: Annotated[int, typer.Option("--to", help="Version they are to be on.")],
    mapped: Annotated[
        list[str] | None, typer.Option("--map", help="old=new: the step that takes the place of another.")
    ] = None,
    step: Annotated[str, typer.Option(help="Only cases that stand at this element.")] = "",
    number: Annotated[str, typer.Option(help="Only cases whose number contains this.")] = "",
    reason: Annotated[str, typer.Option(help="Why, for their history.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say who can be moved and who not.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Move running cases to another version. What cannot be carried stays, and is listed with the reasons."""
    from engine.runtime.moving import mapping, plan, runs
    from engine.runtime.moving.plan import Choice
    from engine.runtime.refusals import NothingToMove, Refusal

    names = _mapping(mapped or [])
    application = open_application(read_settings())
    try:
        with application.commands.begin() as ctx:
            comparison = mapping.compare(
                ctx, _version(ctx, process, from_), _version(ctx, process, to), names
            )
            planned = plan.plan(ctx, comparison, Choice(step=step, number=number))
            run = None if dry_run else runs.begin(ctx, comparison, planned, reason=reason).id
    except NothingToMove:
        run = None
    except Refusal as refusal:
        stop(str(refusal))
    if run is None:
        _tell_plan(planned, as_json=as_json)
    else:
        _work(application, run, as_json=as_json)


def move_back(
    move: Annotated[int, typer.Argument(help="Number of the run that moved them, as `aftercare move` says.")],
    reason: Annotated[str, typer.Option(help="Why, for their history.")] = "",
    as_json: Json = False,
) -> None:
    """Move back what a run moved and nobody has touched since."""
    from engine.runtime.moving import runs
    from engine.runtime.refusals import Refusal

    application = open_application(read_settings())
    try:
        with application.commands.begin() as ctx:
            run = runs.begin_back(ctx, move, reason=reason).id
    except Refusal as refusal:
        stop(str(refusal))
    _work(application, run, as_json=as_json)


def _mapping(pairs: Sequence[str]) -> dict[str, str]:
    wrong = [pair for pair in pairs if pair.count("=") != 1]
    if wrong:
        stop(f"--map {wrong[0]}: write it as old=new, the ids of two elements.")
    return dict(tuple(pair.split("=")) for pair in pairs)  # type: ignore[misc]


def _version(ctx: Context, process: str, version: int) -> int:
    """Id of a version. Raises `NotFound`."""
    from engine.runtime import deployments
    from engine.runtime.refusals import NotFound

    found = [each.id for each in deployments.versions(ctx, process) if each.version == version]
    if not found:
        raise NotFound(what=f"{process} version", id=version)
    return found[0]


def _tell_plan(planned: Sequence[Planned], *, as_json: bool) -> None:
    rows = [
        {
            "case": each.business_key,
            "steps": sorted(each.steps),
            "can_be_moved": not each.reasons,
            "reasons": [{**why.document(), "sentence": why.sentence} for why in each.reasons],
        }
        for each in planned
    ]
    lines = [_line(row["case"], row["reasons"]) for row in rows if row["reasons"]]
    free = sum(row["can_be_moved"] for row in rows)
    lines.append(f"{free} of {len(rows)} can be moved")
    show({"cases": rows, "can_be_moved": free}, as_json=as_json, text="\n".join(lines))


def _work(application: Application, run: int, *, as_json: bool) -> None:
    """Do the run here and now, though a worker may take it up as well, and say what became of each."""
    from engine.runtime.moving import reasons, runs

    telling = Progress()
    runs.work(application.commands, run, told=telling)
    telling.end()
    with application.commands.begin() as ctx:
        far = runs.progress(ctx.session, run)
        rows: list[dict[str, Any]] = [
            {
                "case": item.business_key,
                "state": item.state,
                "reasons": [{**why, "sentence": reasons.read(why).sentence} for why in item.reasons],
            }
            for item in runs.items(ctx.session, run)
        ]
    lines = [_line(row["case"], row["reasons"]) for row in rows if row["reasons"]]
    lines.append(f"run {run}: {far.moved} moved, {far.refused} stay")
    show(
        {"run": run, "moved": far.moved, "refused": far.refused, "cases": rows},
        as_json=as_json,
        text="\n".join(lines),
    )


def _line(case: str, found: Sequence[Any]) -> str:
    return f"{case}: " + " ".join(f"{why['sentence']} [{why['step'] or why['code']}]" for why in found)


COMMANDS = (move, move_back)
