"""Changes: one thing that two versions have differently, with all its values, before anybody words it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

What = Literal["added", "removed", "changed", "moved", "layout"]


class Term(str):
    """A word of the product's own ("User task", "Condition"): one of `words.TERMS`."""


class Name(str):
    """A text that somebody drew or typed into the file: translated with the procedure's words."""


@dataclass(frozen=True)
class Phrase:
    """A part of a sentence that is itself worded: the code of a sentence and its values."""

    code: str
    params: Mapping[str, Value]


#: A plain `str` is shown as it stands in the file: an expression, an id, a number.
Value = str | int | Phrase


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that is otherwise than before."""

    #: "bpmn", "dmn", "form" or "words", and the file's name within its kind.
    kind: str
    file: str
    what: What
    #: Key of `words.SENTENCES`.
    code: str
    #: Ids of what it concerns: elements of a diagram, the decision of a table, the field of a form.
    elements: tuple[str, ...] = ()
    #: The values inside the sentence.
    params: Mapping[str, Value] = field(default_factory=dict)

    @property
    def means_something(self) -> bool:
        """Whether anything runs or reads otherwise; False where only the drawing was tidied."""
        return self.what != "layout"
