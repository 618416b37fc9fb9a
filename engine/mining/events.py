"""Cases and events as mining tools know them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: Type of a history event -> transition of the standard life cycle (XES lifecycle extension). An element runs from
#: `start` to `complete` or `ate_abort`; what else the history says of it is `unknown` to that life cycle, so that a tool
#: which keeps `complete` has each element once.
_LIFECYCLE = {
    "ElementActivated": "start",
    "ElementCompleted": "complete",
    "ElementTerminated": "ate_abort",
    "UserTaskCreated": "schedule",
    "UserTaskClaimed": "assign",
    "UserTaskAssigned": "reassign",
    "UserTaskReleased": "reassign",
    "UserTaskCancelled": "withdraw",
    "ProcessInstanceCancelled": "pi_abort",
}
COMPLETE, UNKNOWN = "complete", "unknown"


def lifecycle(type_: str, *, frame: bool) -> str:
    """The transition an event is; the frame around a repeated activity is none of its own."""
    return UNKNOWN if frame else _LIFECYCLE.get(type_, UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A case: what its trace is about."""

    number: str
    process: str
    version: int
    started_at: datetime
    #: What else is known, by name; only what there is. str, int, Decimal or aware datetime.
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of the history."""

    id: int
    at: datetime
    #: As the history calls it: "UserTaskCompleted".
    type: str
    #: The element's name as drawn; the type where it is about no element.
    activity: str
    #: Transition of the XES life cycle.
    lifecycle: str
    #: Key of the person who acted, or "system".
    resource: str
    #: Key of the role whose step it was; "" where it was nobody's.
    role: str
    element: str
    #: Which activation of the element; None where it is about none.
    activity_id: int | None
    #: What a step was ended with, and the service a step asked; "" for neither.
    outcome: str
    service: str
    #: Process instance and place in its history.
    stream: int
    seq: int
    process: str
    version: int
    #: SKUs of the goods it moved.
    parts: Sequence[str]


@dataclass
class Tally:
    """How much was written."""

    cases: int = 0
    events: int = 0


def counted(
    traces: Iterable[tuple[Case, Iterable[Event]]], tally: Tally
) -> Iterator[tuple[Case, Iterator[Event]]]:
    """The same traces; `tally` knows how many went by."""

    def events(trace: Iterable[Event]) -> Iterator[Event]:
        for event in trace:
            tally.events += 1
            yield event

    for case, trace in traces:
        tally.cases += 1
        yield case, events(trace)
