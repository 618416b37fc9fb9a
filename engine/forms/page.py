"""What every part of a page needs while it is being built."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.forms.expressions import Scope
from engine.forms.slots import Slot
from engine.forms.submission import Translate
from engine.forms.visibility import State


@dataclass(frozen=True, kw_only=True)
class Page:
    """One form on its way to the screen."""

    state: State
    translate: Translate
    words: Mapping[str, str]
    #: Messages by field name.
    errors: Mapping[str, tuple[str, ...]]
    readonly: bool
    influential: frozenset[str]

    def say(self, text: str, scope: Scope) -> str:
        """A text of the form in the person's language, expressions filled in."""
        return scope.text(self.told(text), self.told) if text else ""

    def told(self, text: str) -> str:
        """A text, or a value such as a decision table's answer, in the person's language."""
        # gettext answers an empty message id with the catalogue's header.
        return self.translate(text) if text else ""

    def id(self, slot: Slot) -> str:
        """The HTML id of a slot's control."""
        return f"field-{slot.dom_id}"
