"""Redacting: documents without what is personal in them. Pure: no database, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from config.personal_data import Erasing

#: Shorter words of a customer's occur in too much that is not theirs.
_SHORTEST = 2


class Redactor:
    """Takes one customer's data out of JSON values; keys, order and everything else stay as they are."""

    def __init__(self, erasing: Erasing, words: Collection[str], mark: str) -> None:
        """`words`: what is known of the customer: erased wherever it occurs. `mark`: what stands there instead."""
        self._ends = [tuple(each.split(".")) for each in (*erasing.fields, *erasing.texts)]
        # The longest first: an address may hold a shorter one.
        self._words = sorted(
            (each for each in set(words) if len(each.strip()) >= _SHORTEST), key=len, reverse=True
        )
        self._mark = mark
        #: Field -> how many values went.
        self.erased: Counter[str] = Counter()

    def value(self, value: Any, path: tuple[str, ...] = ()) -> Any:
        """The value without what is personal."""
        match value:
            case Mapping():
                return {name: self._field(inner, (*path, str(name))) for name, inner in value.items()}
            case list():
                return [self.value(inner, path) for inner in value]
            case str():
                return self.text(value, path[-1] if path else "")
        return value

    def _field(self, value: Any, path: tuple[str, ...]) -> Any:
        if any(path[-len(end) :] == end for end in self._ends):
            return self._blank(value, path[-1])
        return self.value(value, path)

    def _blank(self, value: Any, field: str) -> Any:
        match value:
            case Mapping():
                return {name: self._blank(inner, field) for name, inner in value.items()}
            case list():
                return [self._blank(inner, field) for inner in value]
            case None | bool() | "" | self._mark:
                return value
        self.erased[field] += 1
        return self._mark

    def text(self, text: str, field: str = "") -> str:
        """A text without the customer's words."""
        left = text
        for word in self._words:
            left = left.replace(word, self._mark)
        if left != text:
            self.erased[field] += 1
        return left
