"""What a cell of a decision table lets through, where that can be said: numbers, texts, true and false.

The values of a column fall into pieces that no cell of it divides: between the numbers it mentions, each text it mentions
and all others. A cell is the set of pieces it lets through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_NUMBER = r"-?\d+(?:\.\d+)?"
_COMPARISON = re.compile(rf"(<=|>=|<|>)\s*({_NUMBER})")
_RANGE = re.compile(rf"([\[\](])\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*([\[\])])")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)


class NotAnalysed(ValueError):
    """A cell whose values cannot be listed: it holds an expression."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Values of a column that all its cells treat alike."""

    #: In FEEL, as a person reads it: `"mall"`, `(100..500]`, `true`; empty for every other text.
    text: str
    #: A value of the piece: float, str or bool.
    example: Any


@dataclass(frozen=True, kw_only=True)
class _Span:
    low: float
    high: float
    with_low: bool
    with_high: bool

    def holds(self, value: float) -> bool:
        """Whether a number lies in it."""
        above = value > self.low or (self.with_low and value == self.low)
        return above and (value < self.high or (self.with_high and value == self.high))


@dataclass(frozen=True, kw_only=True)
class _Cell:
    #: Alternatives: spans, texts, booleans. None lets everything through.
    parts: tuple[Any, ...] | None
    negated: bool

    def lets(self, value: Any) -> bool:
        if self.parts is None:
            return True
        found = any(part.holds(value) if isinstance(part, _Span) else part == value for part in self.parts)
        return found != self.negated


def divide(cells: Sequence[str], allowed: str = "") -> tuple[list[Piece], list[frozenset[int]]]:
    """The pieces of a column, and for each cell which of them it lets through.

    `allowed`: the list of the column's allowed values, where the table has one. Raises `NotAnalysed`.
    """
    read = [_read(cell) for cell in cells]
    limits = _read(allowed) if allowed.strip() else _Cell(parts=None, negated=False)
    parts = [part for cell in (*read, limits) for part in cell.parts or ()]
    kinds = {type(part) for part in parts}
    if len(kinds) > 1:
        raise NotAnalysed("values of different kinds in one column")
    pieces = [piece for piece in _pieces(parts, kinds) if limits.lets(piece.example)]
    return pieces, [
        frozenset(at for at, piece in enumerate(pieces) if cell.lets(piece.example)) for cell in read
    ]


def _pieces(parts: Sequence[Any], kinds: set[type]) -> list[Piece]:
    if not kinds:
        return [Piece(text="", example=object())]
    if bool in kinds:
        return [Piece(text="true", example=True), Piece(text="false", example=False)]
    if str in kinds:
        return [
            *(Piece(text=f'"{text}"', example=text) for text in dict.fromkeys(parts)),
            Piece(text="", example=None),
        ]
    bounds = sorted(
        {bound for part in parts for bound in (part.low, part.high) if abs(bound) != float("inf")}
    )
    pieces = [Piece(text=f"< {_told(bounds[0])}", example=bounds[0] - 1)]
    for low, high in zip(bounds, [*bounds[1:], None], strict=True):
        pieces.append(Piece(text=_told(low), example=low))
        if high is not None:
            pieces.append(Piece(text=f"({_told(low)}..{_told(high)})", example=(low + high) / 2))
    return [*pieces, Piece(text=f"> {_told(bounds[-1])}", example=bounds[-1] + 1)]


def _told(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _read(cell: str) -> _Cell:
    text = cell.strip()
    if text in ("", "-"):
        return _Cell(parts=None, negated=False)
    negated = _NOT.fullmatch(text)
    return _Cell(parts=tuple(_alternatives(negated[1] if negated else text)), negated=negated is not None)


def _alternatives(text: str) -> list[Any]:
    found, rest = [], text.strip()
    while rest:
        part, end = _first(rest)
        found.append(part)
        rest = rest[end:].lstrip()
        if rest:
            if not rest.startswith(","):
                raise NotAnalysed(text)
            rest = rest[1:].lstrip()
    return found


def _first(text: str) -> tuple[Any, int]:
    infinite = float("inf")
    if found := _TEXT.match(text):
        return found[1], found.end()
    if found := re.match(r"(true|false)\b", text):
        return found[1] == "true", found.end()
    if found := _RANGE.match(text):
        low, high = float(found[2]), float(found[3])
        return _Span(low=low, high=high, with_low=found[1] == "[", with_high=found[4] == "]"), found.end()
    if found := _COMPARISON.match(text):
        bound, closed = float(found[2]), "=" in found[1]
        if found[1].startswith("<"):
            return _Span(low=-infinite, high=bound, with_low=False, with_high=closed), found.end()
        return _Span(low=bound, high=infinite, with_low=closed, with_high=False), found.end()
    if found := re.match(rf"{_NUMBER}(?![\w.(])", text):
        value = float(found[0])
        return _Span(low=value, high=value, with_low=True, with_high=True), found.end()
    raise NotAnalysed(text)
