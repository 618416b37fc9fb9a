"""A drawing under way: elements, the diagram's messages and errors, and ids that are never given twice."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bpmn.drawing import message, node

#: What events in a drawing refer to. All messages share one key, so that any of them reaches whoever waits.
TOP = "".join(
    [
        message("m", '="1"'),
        node("signal", "sig", name="sig"),
        node("error", "err", errorCode="E"),
        node("escalation", "esc", escalationCode="S"),
    ]
)

#: Where a shape is entered and left.
Way = tuple[str, str]


@dataclass
class Drawing:
    """Collects elements while a random shape is drawn; each shape goes from one element to another."""

    body: list[str] = field(default_factory=list)
    count: int = 0
    #: Called by the call activities; None draws a job in their place.
    called: str | None = None

    def new(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def add(self, *parts: str) -> None:
        self.body += parts
