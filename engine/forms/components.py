"""What a form consists of: the components of form-js (schema version 19) as frozen values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

TEXTS = frozenset({"textfield", "textarea"})
SINGLE_CHOICES = frozenset({"radio", "select"})
MULTIPLE_CHOICES = frozenset({"checklist", "taglist"})
CHOICES = SINGLE_CHOICES | MULTIPLE_CHOICES
#: Components a person can fill in.
INPUTS = TEXTS | CHOICES | {"number", "datetime", "checkbox", "filepicker"}
#: Components that carry a value under a key.
KEYED = INPUTS | {"expression"}
CONTAINERS = frozenset({"group", "dynamiclist"})
PRESENTATION = frozenset({"text", "table", "image", "separator", "spacer", "button"})
SUPPORTED = KEYED | CONTAINERS | PRESENTATION


@dataclass(frozen=True, kw_only=True)
class Option:
    """One static option of a choice."""

    #: Any JSON value.
    value: Any
    #: English source text; may hold ``{{ FEEL }}``.
    label: str
    #: Look of the button when the choice is the outcome: "primary", "danger" or None.
    intent: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a value must satisfy. A string beginning with ``=`` is FEEL, evaluated for each submission."""

    required: bool | str = False
    min_length: int | str | None = None
    max_length: int | str | None = None
    #: ECMAScript-like regular expression, searched in the value.
    pattern: str | None = None
    pattern_message: str | None = None
    minimum: int | float | str | None = None
    maximum: int | float | str | None = None
    #: "email" or "phone".
    format: str | None = None
    #: FEEL that must be true, and what to say when it is not.
    check: str | None = None
    check_message: str | None = None


@dataclass(frozen=True, kw_only=True)
class Component:
    """One component of a form."""

    id: str
    #: form-js type, one of SUPPORTED.
    type: str
    #: Where the value lives, relative to the enclosing list row or the form; () when it carries none.
    path: tuple[str, ...] = ()
    label: str = ""
    description: str = ""
    #: FEEL (with ``=``) that hides the component while true.
    hide: str | None = None
    #: True, False or FEEL.
    readonly: bool | str = False
    disabled: bool = False
    #: JSON value or FEEL taken while the data hold nothing under the path.
    default: Any = None
    rules: Rules = field(default_factory=Rules)
    #: Name of the layout row; components with equal names stand beside each other.
    row: str | None = None
    #: Width in sixteenths; None shares what is left of the row.
    columns: int | None = None
    #: Static options, None when they come from data or an expression.
    options: tuple[Option, ...] | None = None
    #: Custom properties of the editor's panel (strings).
    properties: Mapping[str, str] = field(default_factory=dict)
    #: Everything else of the component's JSON, by form-js property name.
    settings: Mapping[str, Any] = field(default_factory=dict)
    components: tuple["Component", ...] = ()

    @property
    def is_input(self) -> bool:
        return self.type in INPUTS


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form that can be shown and submitted."""

    id: str
    #: Everything but the outcome and the submit button, in order.
    components: tuple[Component, ...]
    #: The radio group whose options are the buttons at the bottom.
    outcome: Component | None
    #: Label of the only button when there is no outcome; None means the standard word.
    submit_label: str | None
    #: Ids of components whose value some expression of this form reads.
    influential: frozenset[str]


def walk(components: tuple[Component, ...]) -> Iterator[Component]:
    """Every component, containers before what they contain."""
    for component in components:
        yield component
        yield from walk(component.components)
