"""Charts drawn on the server: where bars stand, in the units of the drawing. Templates draw them; a table says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 720, 168
_LEFT, _BOTTOM, _TOP = 36, 22, 8
#: Part of a bar's place that it fills, and the widest it gets.
_FILLED, _WIDEST = 0.72, 36.0
#: So many words fit under the bars.
_WORDS = 8


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One point of time: all of it and the part of it that counts."""

    #: What it stands for, as the caller gave it.
    key: Any
    value: int
    part: int
    x: float
    width: float
    y: float
    height: float
    part_y: float
    part_height: float
    #: Whether there is room for a word below.
    named: bool

    @property
    def middle(self) -> float:
        """Where a word below it is centred."""
        return self.x + self.width / 2


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Bars over time, each with the part of it that counts."""

    bars: Sequence[Bar]
    #: (value, y) of the lines across.
    lines: Sequence[tuple[int, float]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT

    @property
    def foot(self) -> float:
        """Where words below the bars stand."""
        return HEIGHT - 6


def columns(points: Sequence[tuple[Any, int, int]]) -> Columns:
    """A chart of (key, value, part of it) over time, left to right."""
    top = _round_up(max((value for _, value, _ in points), default=1))
    floor = HEIGHT - _BOTTOM
    scale = (floor - _TOP) / top
    step = (WIDTH - _LEFT) / max(len(points), 1)
    width = min(step * _FILLED, _WIDEST)
    every = -(-len(points) // _WORDS) if points else 1
    bars = [
        Bar(
            key=key,
            value=value,
            part=part,
            x=round(_LEFT + at * step + (step - width) / 2, 1),
            width=round(width, 1),
            y=round(floor - value * scale, 1),
            height=round(value * scale, 1),
            part_y=round(floor - part * scale, 1),
            part_height=round(part * scale, 1),
            named=at % every == 0,
        )
        for at, (key, value, part) in enumerate(points)
    ]
    return Columns(
        bars=bars, lines=[(round(n), round(floor - n * scale, 1)) for n in (0, top / 2, top) if n == round(n)]
    )


def _round_up(value: int) -> int:
    """What reads well beside a line: the next of few steps within each power of ten."""
    size = 1
    while True:
        for step in (1, 2, 4, 6, 8):
            if value <= step * size:
                return step * size
        size *= 10
