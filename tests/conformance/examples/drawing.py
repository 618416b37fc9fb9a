"""What examples are drawn with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.bpmn.drawing import diagram, flows, node, start
from tests.conformance.drawn import TOP


@dataclass(frozen=True, kw_only=True)
class Example:
    """A construct in the smallest file that has it."""

    name: str
    xml: bytes
    kind: Literal["bpmn", "dmn"] = "bpmn"
    #: What is particular about it where it runs.
    note: str = ""
    #: The release that first had it; None: the first of all.
    since: str | None = None


def drawn(name: str, *body: str, note: str = "", top: str = "") -> Example:
    """An example whose process holds this."""
    return Example(name=name, xml=diagram(*body, top=TOP + top), note=note)


def in_a_flow(name: str, element: str, *more: str, note: str = "", top: str = "") -> Example:
    """An example of an element with the id `x`, between a start and a task."""
    return drawn(
        name, start(), element, node("task", "next"), flows("start x next"), *more, note=note, top=top
    )
