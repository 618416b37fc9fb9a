"""Values as pairs of path and text, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One value that is other than it was."""

    path: str
    #: As text; None where there was, or is, no such value.
    old: str | None
    new: str | None


def facts_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """A payload as (path, value) pairs, each leaf once: `refund.lines[0].amount` = 200."""
    match value:
        case Mapping() if value:
            for name, inner in value.items():
                yield from facts_of(inner, f"{path}.{name}" if path else str(name))
        case list() if value:
            for at, inner in enumerate(value):
                yield from facts_of(inner, f"{path}[{at}]")
        case str():
            yield path, value
        case _:
            yield path, orjson.dumps(value).decode()


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What was added, changed and taken away, by path."""
    old = dict(facts_of(before)) if before else {}
    new = dict(facts_of(after)) if after else {}
    return [
        Difference(path=path, old=old.get(path), new=new.get(path))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    ]
