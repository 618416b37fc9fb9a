"""The landscape: which procedure calls or starts which, laid out from left to right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.runtime.definitions import Definition

WIDTH, HEIGHT = 188, 40
ACROSS, DOWN = 64, 16
MARGIN = 8
#: Service-task type that opens another procedure, and the input that names it.
STARTS, STARTED = "procedure.start", "processId"


@dataclass(frozen=True, kw_only=True)
class Box:
    """One procedure, in pixels."""

    key: str
    x: int
    y: int


@dataclass(frozen=True, kw_only=True)
class Way:
    """One procedure uses another: calls it and waits, or starts it as a case of its own."""

    source: str
    target: str
    calls: bool
    #: SVG path.
    path: str


@dataclass(frozen=True, kw_only=True)
class Landscape:
    """All of it, with the size of the drawing."""

    boxes: Sequence[Box]
    ways: Sequence[Way]
    width: int
    height: int


def started(definition: Definition) -> list[str]:
    """Keys of the procedures that a diagram starts as cases of their own, sorted; those by expression are left out."""
    named = {
        each.source.removeprefix("=").strip('"')
        for element in definition.process.elements.values()
        if element.task_type == STARTS
        for each in element.inputs
        if each.target == STARTED
    }
    return sorted(named)


def draw(definitions: Sequence[Definition], names: Mapping[str, str]) -> Landscape:
    """Whoever nobody calls stands left; what is called stands right of its callers."""
    calls = {each.key: sorted(each.process.called_processes & names.keys()) for each in definitions}
    starts = {each.key: [key for key in started(each) if key in names] for each in definitions}
    columns = _columns(calls)
    tallest = max(map(len, columns), default=0)
    boxes = {}
    for across, column in enumerate(columns):
        top = MARGIN + (tallest - len(column)) * (HEIGHT + DOWN) // 2
        for down, key in enumerate(sorted(column, key=names.__getitem__)):
            boxes[key] = Box(key=key, x=MARGIN + across * (WIDTH + ACROSS), y=top + down * (HEIGHT + DOWN))
    ways = [
        Way(source=key, target=target, calls=uses is calls, path=_path(boxes[key], boxes[target]))
        for uses in (starts, calls)
        for key, targets in uses.items()
        for target in targets
    ]
    return Landscape(
        boxes=tuple(boxes.values()),
        ways=ways,
        width=2 * MARGIN + len(columns) * (WIDTH + ACROSS) - ACROSS,
        height=2 * MARGIN + tallest * (HEIGHT + DOWN) - DOWN,
    )


def _columns(calls: Mapping[str, Sequence[str]]) -> list[list[str]]:
    level: dict[str, int] = {}

    def visit(key: str, at: int, above: frozenset[str]) -> None:
        if key in above or level.get(key, -1) >= at:
            return
        level[key] = at
        for target in calls[key]:
            visit(target, at + 1, above | {key})

    called = {target for targets in calls.values() for target in targets}
    for key in [each for each in calls if each not in called] or list(calls):
        visit(key, 0, frozenset())
    for key in calls:
        visit(key, level.get(key, 0), frozenset())
    columns: list[list[str]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for key, at in level.items():
        columns[at].append(key)
    return columns


def _path(source: Box, target: Box) -> str:
    out, into = (source.x + WIDTH, source.y + HEIGHT // 2), (target.x, target.y + HEIGHT // 2)
    if target.x <= source.x:
        # Back, or within a column: round the right side.
        into = (target.x + WIDTH, into[1])
        bend = max(out[0], into[0]) + ACROSS // 2
    else:
        bend = (out[0] + into[0]) // 2
    return f"M{out[0]} {out[1]}C{bend} {out[1]} {bend} {into[1]} {into[0]} {into[1]}"
