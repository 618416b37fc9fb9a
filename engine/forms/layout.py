"""The grid of a form: sixteen columns, components with the same row name beside each other."""

from collections.abc import Sequence
from itertools import groupby
from typing import TypeVar

from engine.forms.components import Component

COLUMNS = 16

Placed = TypeVar("Placed")


def rows(components: Sequence[tuple[Component, Placed]]) -> list[list[tuple[int, Placed]]]:
    """The rows of (width in sixteenths, placed); what has no width shares what is left of its row evenly."""
    numbered = list(enumerate(components))
    found = []
    # A component without a row name stands alone, so its position serves as the name.
    for _, group in groupby(numbered, key=lambda entry: entry[1][0].row or entry[0]):
        members = [entry[1] for entry in group]
        given = sum(component.columns or 0 for component, _ in members)
        open_ = sum(1 for component, _ in members if not component.columns)
        share = max(COLUMNS - given, 0) // open_ if open_ else 0
        found.append(
            [(min(component.columns or max(share, 1), COLUMNS), placed) for component, placed in members]
        )
    return found
