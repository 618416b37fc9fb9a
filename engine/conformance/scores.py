"""Scores: how a case ended, and how many of a suite and of each group did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Score = Literal["passed", "refused", "wrong", "skipped"]
SCORES: tuple[Score, ...] = ("passed", "refused", "wrong", "skipped")


@dataclass(frozen=True, kw_only=True)
class Result:
    """One case."""

    id: str
    #: What it is about: the construct or topic it is counted under.
    group: str
    result: Score
    #: The element that a refusal, an incident or a difference names; None where there is none.
    element: str | None = None
    #: What was expected and what happened instead; empty when passed.
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The results of one suite."""

    name: str
    results: list[Result] = field(default_factory=list)

    @property
    def counts(self) -> Mapping[Score, int]:
        """How many of each score."""
        return _counted(self.results)

    @property
    def groups(self) -> dict[str, Mapping[Score, int]]:
        """The same for each group, in the order of their first cases."""
        found: dict[str, list[Result]] = {}
        for result in self.results:
            found.setdefault(result.group, []).append(result)
        return {group: _counted(results) for group, results in found.items()}

    def document(self) -> dict[str, Any]:
        """As JSON."""
        cases = [
            {"id": each.id, "result": each.result, "element": each.element, "detail": each.detail}
            for each in self.results
        ]
        return {**self.counts, "cases": cases}


def _counted(results: Sequence[Result]) -> Mapping[Score, int]:
    counts = Counter(result.result for result in results)
    return {score: counts[score] for score in SCORES}
