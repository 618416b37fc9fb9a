"""Auditing: proving that nothing recorded was changed, and sealing it so that it stays provable."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.progress import Progress
from engine.cli.shared import Json, open_application, read_settings, show, stop

if TYPE_CHECKING:
    from engine.bootstrap import Application
    from engine.runtime.seal_files import Folder

_Copies = Annotated[
    Path | None,
    typer.Option(
        "--seals",
        help="Compare with another copy of the seals than the installation's own.",
        exists=True,
        file_okay=False,
    ),
]


def verify(
    number: Annotated[str, typer.Argument(metavar="[CASE]", help="Only this case.")] = "",
    seals: _Copies = None,
    as_json: Json = False,
) -> None:
    """Recompute every history, compare it with the last seal, and name each place that was changed."""
    from engine.runtime import receipts, seal_checks
    from engine.runtime import seals as kept_seals
    from engine.runtime.seal_files import Folder
    from engine.runtime.verification import MOST, narrowed

    application = open_application(read_settings())
    kept = Folder(seals) if seals else kept_seals.folder(application.engine)
    if number:
        _verify_case(application, kept, number, as_json=as_json)
        return
    walked = _walk(application, kept)
    with application.commands.begin() as ctx:
        breaks = narrowed(ctx.session, kept, walked["seal"], walked.pop("breaks"))
        wrong = list(seal_checks.check(ctx.session, kept))
        unfounded = list(receipts.check(ctx.session, kept))
    document = {
        **walked,
        "broken": [
            {"stream": each.stream, "case": each.case, "event": each.seq, "reason": each.reason}
            for each in breaks
        ],
        "seals": [{"seal": each.number, "reason": each.reason} for each in wrong],
        "receipts": [{"receipt": each.number, "reason": each.reason} for each in unfounded],
    }
    more = walked["found"] - len(breaks)
    lines = [
        *(
            f"{_called(each.case)}, instance {each.stream}{f', event {each.seq}' if each.seq else ''}: {each.reason}."
            for each in breaks
        ),
        *([f"And {more} more; the first {MOST} are named."] if more else []),
        *(f"Seal {each.number}: {each.reason}." for each in wrong),
        *(f"Receipt {each.number}: {each.reason}." for each in unfounded),
    ]
    against = f"seal {walked['seal']}" if walked["seal"] else "no seal (there is none yet)"
    fine = f"{walked['events']} events of {walked['streams']} histories, against {against}."
    if walked["removed"]:
        fine += f" {walked['removed']} histories of that seal were removed, each with a receipt."
    for receipt, n in sorted(walked["erased"].items()):
        fine += f" {n} event(s) were erased by receipt {receipt}, and are as it left them."
    show(
        document,
        as_json=as_json,
        text="\n".join(lines) if lines else f"Every history is as it was recorded: {fine}",
    )
    if lines:
        raise typer.Exit(1)


def _verify_case(application: Application, kept: Folder, number: str, *, as_json: bool) -> None:
    """One case: its chains, whether the last seal covers it, and what receipts erased of it."""
    from dataclasses import asdict

    from engine.aftersales import sealed_files, visibility
    from engine.runtime import case_proof
    from engine.runtime.refusals import NotFound

    with application.commands.begin() as ctx:
        try:
            visibility.check_case(ctx, number)
            streams = [each.id for each in sealed_files.instances(ctx, number)]
        except NotFound as refusal:
            stop(str(refusal), 1)
        proof = case_proof.prove(ctx, streams, kept)
    lines = [
        f"Instance {each.stream}{f', event {each.seq}' if each.seq else ''}: {each.reason}."
        for each in proof.breaks
    ]
    fine = [f"Case {number} is as it was recorded: {proof.events} events."]
    if not proof.seal:
        fine.append("There is no seal yet.")
    elif proof.sealed:
        fine.append(f"Seal {proof.seal} of {proof.day} covers {proof.sealed} of them, as they are.")
    else:
        fine.append(f"Seal {proof.seal} of {proof.day}, the last one, does not cover it yet.")
    fine += [
        f"{n} event(s) were erased by receipt {receipt}, and are as it left them."
        for receipt, n in sorted(proof.erased.items())
    ]
    broken = [{"stream": each.stream, "event": each.seq, "reason": each.reason} for each in proof.breaks]
    show(
        {"case": number, **asdict(proof), "breaks": broken},
        as_json=as_json,
        text="\n".join(lines) if lines else " ".join(fine),
    )
    if lines:
        raise typer.Exit(1)


def _walk(application: Application, kept: Folder) -> dict[str, Any]:
    from engine.runtime.verification import MOST, Walk

    walk, tell = Walk(kept), Progress()
    done: dict[str, Any] = {"seal": walk.seal, "streams": 0, "events": 0, "found": 0, "breaks": []}
    done |= {"removed": 0, "erased": Counter()}
    while walk.after is not None:
        with application.commands.begin() as ctx:
            step = walk.step(ctx.session)
        done["streams"] += step.streams
        done["events"] += step.events
        done["found"] += len(step.breaks)
        done["removed"] += step.removed
        done["erased"].update(step.erased)
        done["breaks"] += step.breaks[: MOST - len(done["breaks"])]
        tell(f"{done['streams']} histories, {done['events']} events")
    tell.end()
    return done


def replay(
    number: Annotated[str, typer.Argument(metavar="[CASE]", help="Only this case.")] = "",
    as_json: Json = False,
) -> None:
    """Rebuild cases from the inputs their histories recorded, and name each place where something else comes of them."""
    from engine.runtime import replay_checks

    application, tell = open_application(read_settings()), Progress()
    cases: set[str | None] = set()
    done: dict[str, Any] = {"instances": 0, "moments": 0, "diverged": []}
    with application.commands.begin() as ctx:
        for each in replay_checks.check(ctx, number=number):
            cases.add(each.case)
            done["instances"] += 1
            done["moments"] += each.moments
            if each.trouble:
                done["diverged"].append(
                    {"stream": each.instance_id, "case": each.case, "reason": each.trouble}
                )
            tell(f"{done['instances']} instances, {done['moments']} moments")
    tell.end()
    if number and not cases:
        stop(f"There is no case {number}.", 1)
    lines = [
        f"{_called(each['case'])}, instance {each['stream']}: {each['reason']}." for each in done["diverged"]
    ]
    counted = f"{len(cases)} case(s), {done['instances']} instance(s), {done['moments']} moments"
    fine = f"Everything replays as it was recorded: {counted}."
    show({"cases": len(cases), **done}, as_json=as_json, text="\n".join(lines) if lines else fine)
    if lines:
        raise typer.Exit(1)


def _called(case: str | None) -> str:
    return f"Case {case}" if case else "Organisation"


def seal(as_json: Json = False) -> None:
    """Seal all histories as they stand, today's seal or not, and write it to the folder of the settings."""
    from dataclasses import asdict

    from engine.aftersales import seal_mail
    from engine.runtime import seals

    settings = read_settings()
    application = open_application(settings)
    with application.commands.begin() as ctx:
        made = seals.make(ctx)
    mailed = seal_mail.send(settings, made)
    lines = [
        f"Seal {made.number} over {made.streams} histories with {made.events} events: {made.root}",
        f"Written to {seals.folder(application.engine).path}."
        + (f" Mailed to {settings.seal_mail_to}." if mailed else ""),
        *(
            f"{_called(case)}, instance {stream}: no longer as it was sealed before ({seq} events then)."
            for stream, case, seq in made.changed
        ),
    ]
    show({**asdict(made), "mailed": mailed}, as_json=as_json, text="\n".join(lines))
    if made.changed:
        raise typer.Exit(1)


def export_case(
    number: Annotated[str, typer.Argument(help="Number of the case.")],
    file: Annotated[
        Path | None, typer.Argument(help="Where to write it; NUMBER.zip here unless said.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a case as a sealed file: all that was recorded of it, and a program that checks it offline."""
    from engine.runtime.refusals import NotFound
    from web import sealed_pages

    application = open_application(read_settings())
    target = file or Path(f"{number}.zip")
    try:
        with application.commands.begin() as ctx, target.open("w+b") as packed:
            digest = sealed_pages.write(ctx, number, packed)
    except NotFound:
        target.unlink(missing_ok=True)
        stop(f"There is no case {number}.")
    except OSError as error:
        stop(f"{target} cannot be written: {error.strerror}.")
    show(
        {"file": str(target), "manifest": digest},
        as_json=as_json,
        text=f"Written to {target}. It checks itself: python verify.py {target}\nManifest: {digest}",
    )


COMMANDS = (verify, replay, seal, export_case)
