"""What an expression read: each variable it names, as far down as it names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.feel import Feel, paths


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One thing an expression read."""

    #: `order.total`, as the expression has it.
    path: str
    #: None where there was nothing.
    value: Any


def readings(feel: Feel, text: str, variables: Mapping[str, Any]) -> tuple[Reading, ...]:
    """What `=expression` reads of `variables`, in its order; nothing for a text that stands for itself."""
    if not text.startswith("="):
        return ()
    return tuple(
        Reading(path=path, value=_at(variables, path.split("."))) for path in paths(text[1:], feel=feel)
    )


def _at(value: Any, parts: list[str]) -> Any:
    for part in parts:
        if not isinstance(value, Mapping):
            # A property of a list is one of each of its items, of a date a part of it: show the whole.
            return value
        value = value.get(part)
    return value
