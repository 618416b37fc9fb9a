"""The tree the form macros draw: every text translated and filled in, every state decided."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from engine.forms.submission import FieldError


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One place of a layout row."""

    #: Width in sixteenths.
    columns: int
    node: "Node"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One option as it stands on the page."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """One file that is already attached."""

    id: str
    name: str
    #: Bytes.
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRow:
    """One row of a dynamic list."""

    token: int
    #: Counted from 1, as people see it.
    number: int
    #: Name of the button that removes it.
    remove: str
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of a table."""

    label: str
    #: Numbers stand at the right.
    numeric: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One component on the page; attributes its kind does not use keep their defaults."""

    #: Names the macro: textfield, textarea, number, datetime, checkbox, choices, select, filepicker, output,
    #: group, list, text, table, image, separator or spacer.
    kind: str
    id: str
    name: str = ""
    label: str = ""
    description: str = ""
    #: Messages of what is wrong with the value.
    errors: tuple[str, ...] = ()
    required: bool = False
    #: The text in the input; of an output the text shown.
    value: str = ""
    #: HTML input type of textfields, numbers and dates.
    input_type: str = "text"
    #: HTML inputmode.
    input_mode: str | None = None
    prefix: str = ""
    suffix: str = ""
    #: Changing it may change the form.
    refreshes: bool = False
    choices: tuple[Choice, ...] = ()
    #: Whether several may be chosen, or several files attached.
    multiple: bool = False
    #: Of file pickers.
    accept: str = ""
    attachments: tuple[Attachment, ...] = ()
    #: Step in seconds of times; None any.
    step: int | None = None
    #: Of groups and lists: their content.
    rows: tuple[tuple[Cell, ...], ...] = ()
    outlined: bool = False
    list_rows: tuple[ListRow, ...] = ()
    #: Whether rows may be added and removed, and the next row's token.
    changeable: bool = False
    next_token: int = 0
    #: Of texts.
    html: Markup | str = ""
    #: Of tables.
    columns: tuple[Column, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    #: Of images.
    source: str = ""
    #: Of spacers, in steps of the spacing scale, 1 to 6.
    size: int = 0

    @property
    def error_id(self) -> str:
        return f"{self.id}-error"

    @property
    def hint_id(self) -> str:
        return f"{self.id}-hint"

    @property
    def described_by(self) -> str:
        """Ids of hint and error, for aria-describedby."""
        ids = [self.hint_id] if self.description else []
        return " ".join(ids + ([self.error_id] if self.errors else []))


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    """One way to complete the form."""

    label: str
    #: Name and value it submits; "" for the only button of a form without outcome.
    name: str = ""
    value: str = ""
    #: "primary", "danger" or "plain".
    intent: str = "plain"


@dataclass(frozen=True, kw_only=True, slots=True)
class FormView:
    """A form ready to be drawn."""

    id: str
    #: BCP 47 language of the texts.
    language: str
    rows: tuple[tuple[Cell, ...], ...]
    #: In the order of importance; empty when read-only.
    buttons: tuple[Button, ...]
    #: What the buttons decide; "" when there is only one.
    decision: str
    errors: tuple[FieldError, ...]
    #: HTML id of the control of each field in error.
    anchors: Mapping[str, str]
    #: Fixed words of the macros, translated.
    words: Mapping[str, str]
    readonly: bool
    #: Whether the page must send multipart/form-data.
    multipart: bool
    #: The outcome that was tried before, kept so that its fields stay on the page.
    tried: str = ""
    #: Where to post for the form as it looks with what has been typed; None draws no live form.
    refresh_url: str | None = None
