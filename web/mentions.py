"""Notes as pages show them: names where the text mentions people."""

from __future__ import annotations

from collections.abc import Mapping

from engine.aftersales import notes


def parts(text: str, names: Mapping[str, str] | None) -> list[tuple[str, bool]]:
    """A note's text, cut where it names people: (text or name, whether it is a name). `names` is by key."""
    known = names or {}
    pieces = notes.MENTION.split(text)
    # The pattern has one group: every second piece is what stood after an @.
    return [
        (known.get(piece, f"@{piece}") if at % 2 else piece, bool(at % 2) and piece in known)
        for at, piece in enumerate(pieces)
    ]


def plain(text: str, names: Mapping[str, str] | None) -> str:
    """A note's text with names for keys."""
    return "".join(f"@{part}" if is_name else part for part, is_name in parts(text, names))
