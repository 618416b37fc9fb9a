"""What people and services answer in random runs."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.properties.activities import SHARED

#: Numbers of random paths.
PATHS = st.integers(min_value=0, max_value=1_000_000)
#: The variable `seed`, which gateways ask.
SEEDS = st.integers(min_value=0, max_value=5)
#: At most so many steps are gone.
STEPS = 40

#: Of every kind a form or a service gives; the order of keys is part of a value.
_ANSWERS: tuple[Any, ...] = (
    1,
    2.5,
    None,
    "字",
    True,
    [3, {"b": 1, "a": []}],
    {"z": 1, "a": {"k": False, "c": [None]}},
    "",
)
_SHARED = ("go", "stop", "wait")


def moves(path: int) -> Iterator[int]:
    """One number a step: it chooses what happens and what is answered."""
    chance = Random(path)
    return (chance.randrange(100_000) for _ in range(STEPS))


def answer(element: str, move: int) -> dict[str, Any]:
    """Result variables for an element: one of its own, sometimes the one that all of them write."""
    given = {element: _ANSWERS[move % len(_ANSWERS)]}
    if move % 3 == 0:
        given[SHARED] = _SHARED[move // 3 % len(_SHARED)]
    return given
