"""A figure: what was measured, beside its floor and the goal set for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What a figure is to reach: at least or at most so much, itself or as a multiple of its floor."""

    bound: float
    side: Literal["at least", "at most"]
    #: The bound is for value / floor.
    of_floor: bool = False

    def __str__(self) -> str:
        sign = ">=" if self.side == "at least" else "<="
        return f"{sign} {self.bound:g}" + (" x floor" if self.of_floor else "")

    def met(self, value: float, ratio: float | None) -> bool:
        """Whether a value, or its ratio to the floor, is within the goal."""
        reached = ratio if self.of_floor else value
        if reached is None:
            return False
        return reached >= self.bound if self.side == "at least" else reached <= self.bound


def at_least(bound: float, *, of_floor: bool = False) -> Goal:
    """More is better."""
    return Goal(bound=bound, side="at least", of_floor=of_floor)


def at_most(bound: float, *, of_floor: bool = False) -> Goal:
    """Less is better."""
    return Goal(bound=bound, side="at most", of_floor=of_floor)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table."""

    name: str
    value: float
    unit: str
    #: The same without the engine, measured in the same run, in the same unit.
    floor: float | None = None
    #: None where a figure is only reported.
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        """Value over floor."""
        return self.value / self.floor if self.floor else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        return None if self.goal is None else self.goal.met(self.value, self.ratio)

    def as_json(self) -> dict[str, Any]:
        """As `var/bench.json` holds it."""
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "floor": None if self.floor is None else round(self.floor, 4),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "goal": None if self.goal is None else str(self.goal),
            "met": self.met,
        }


def table(figures: Sequence[Figure]) -> str:
    """All figures in columns."""
    rows = [("figure", "value", "unit", "floor", "ratio", "goal", "met")]
    for figure in figures:
        shown = figure.as_json()
        met = {True: "yes", False: "NO", None: ""}[figure.met]
        numbers = [_number(shown[key]) for key in ("value", "floor", "ratio")]
        rows.append((figure.name, numbers[0], figure.unit, numbers[1], numbers[2], shown["goal"] or "", met))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    numeric = {1, 3, 4}
    lines = [
        "  ".join(
            cell.rjust(width) if column in numeric else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
