"""Auditing: proving that nothing recorded was changed."""

from __future__ import annotations

import typer

from engine.cli.shared import Json, open_application, read_settings, show


def verify(as_json: Json = False) -> None:
    """Recompute the hash chain of every history and name each place that was changed."""
    from engine.runtime import history

    application = open_application(read_settings())
    with application.commands.begin() as ctx:
        broken = [
            {"stream": each.stream, "event": each.seq, "reason": each.reason}
            for each in history.verify(ctx.session)
        ]
    lines = [f"Instance {each['stream']}, event {each['event']}: {each['reason']}." for each in broken]
    show(
        {"broken": broken},
        as_json=as_json,
        text="\n".join(lines) if broken else "Every history is as it was recorded.",
    )
    if broken:
        raise typer.Exit(1)


COMMANDS = (verify,)
