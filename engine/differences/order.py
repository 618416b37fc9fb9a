"""Order: which things changed their place among those that are there before and after."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def moved(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The fewest things that, taken out and put elsewhere, turn the one order into the other; in the new order."""
    common = set(before) & set(after)
    place = {each: index for index, each in enumerate(each for each in before if each in common)}
    new = [each for each in after if each in common]
    stayed = _longest_rise([place[each] for each in new])
    return [each for index, each in enumerate(new) if index not in stayed]


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """Indexes of a longest rising subsequence."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for index, number in enumerate(numbers):
        length = bisect_left(tails, number)
        before.append(ends[length - 1] if length else None)
        tails[length : length + 1], ends[length : length + 1] = [number], [index]
    rise: set[int] = set()
    at = ends[-1] if ends else None
    while at is not None:
        rise.add(at)
        at = before[at]
    return rise
