"""The scoreboard: three numbers a group, then every case that did not pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.conformance.scores import SCORES, Score, Scores

_LONGEST = 600


def document(scores: Sequence[Scores]) -> dict[str, Any]:
    """As JSON."""
    return {"suites": {each.name: each.document() for each in scores}}


def text(scores: Sequence[Scores]) -> str:
    """For people."""
    return "\n".join([*_board(scores), *_others(scores)])


def _board(scores: Sequence[Scores]) -> Iterator[str]:
    groups = [group for each in scores for group in each.groups]
    width = max((len(name) for name in [*groups, *(each.name for each in scores)]), default=0) + 4
    yield " " * width + "".join(f"{score:>9}" for score in SCORES)
    for each in scores:
        yield _row(each.name, width, each.counts)
        for group, counts in each.groups.items():
            yield _row(f"  {group}", width, counts)


def _row(name: str, width: int, counts: Mapping[Score, int]) -> str:
    return f"{name:{width}}" + "".join(f"{counts[score]:>9}" for score in SCORES)


def _others(scores: Sequence[Scores]) -> Iterator[str]:
    for each in scores:
        for result in each.results:
            if result.result != "passed":
                at = f" at {result.element}" if result.element else ""
                yield f"{result.result}: {each.name} {result.id}{at}: {result.detail[:_LONGEST]}"
