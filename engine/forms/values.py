"""Between what a page sends (texts) and what a process keeps (JSON values), for each kind of component."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.forms import dates, numbers
from engine.forms.components import MULTIPLE_CHOICES, SINGLE_CHOICES, TEXTS, Component, Option
from engine.forms.options import chosen, encode

TICKED = "true"


class Unreadable(str):
    """What was typed where it cannot be read as the component's kind; never becomes a value."""


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """An uploaded file that the web layer has checked and stored."""

    #: Attachment id.
    id: str
    name: str
    #: Media type, such as image/jpeg.
    type: str
    #: Bytes.
    size: int

    @property
    def value(self) -> dict[str, Any]:
        """As it stands in process variables."""
        return {"attachment": self.id, "name": self.name, "type": self.type, "size": self.size}


def blank(component: Component) -> Any:
    """The value of a component nobody filled in, as form-js has it."""
    if component.type in TEXTS:
        return ""
    if component.type == "checkbox":
        return False
    if component.type in MULTIPLE_CHOICES or component.type == "filepicker":
        return []
    return None


def is_blank(value: Any) -> bool:
    """Whether a value counts as not filled in."""
    return value is None or value is False or value == [] or (isinstance(value, str) and not value.strip())


def read(
    component: Component,
    raw: Sequence[str],
    *,
    initial: Any,
    options: tuple[Option, ...] | None,
    zone: str,
    files: Sequence[StoredFile] = (),
) -> Any:
    """The JSON value of what was sent, or Unreadable.

    What was sent exactly as it was shown is the initial value itself: sending back changes nothing.
    `options` None means they are not known yet: choices are taken as sent.
    """
    if component.type == "filepicker":
        return _files(raw, initial, files)
    if component.type in MULTIPLE_CHOICES:
        texts = [text for text in raw if text]
        if sorted(texts) == sorted(typed(component, initial, zone)):
            return blank(component) if initial is None else initial
        return [_choice(text, options) for text in dict.fromkeys(texts)]
    text = _composed(raw[-1]) if raw else ""
    if initial is not None and [text] == [_composed(shown) for shown in typed(component, initial, zone)]:
        return initial
    if component.type == "checkbox":
        return text == TICKED
    if component.type in TEXTS:
        return " ".join(text.split("\n")).strip() if component.type == "textfield" else text.rstrip()
    if not text.strip():
        return None
    if component.type in SINGLE_CHOICES:
        return _choice(text, options)
    if component.type == "datetime":
        return dates.read(component, text, zone) or Unreadable(text)
    return _number(component, text)


def _composed(text: str) -> str:
    """One spelling of what looks the same: lines end with a line feed, characters are composed."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))


def typed(component: Component, value: Any, zone: str) -> list[str]:
    """The texts the page's inputs hold for a value; [] or [""] for none."""
    if component.type in MULTIPLE_CHOICES:
        return [encode(item) for item in value] if isinstance(value, list) else []
    if component.type == "filepicker":
        return [str(item.get("attachment")) for item in _attachments(value)]
    if component.type == "checkbox":
        return [TICKED if value is True else ""]
    if value is None:
        return [""]
    if component.type == "datetime":
        return [dates.typed(component, value, zone) if isinstance(value, str) else ""]
    if component.type == "number":
        return [_typed_number(component, value)]
    return [encode(value)]


def _choice(text: str, options: tuple[Option, ...] | None) -> Any:
    if options is None:
        return text
    option = chosen(text, options)
    return Unreadable(text) if option is None else option.value


def _number(component: Component, text: str) -> Any:
    number = numbers.parse(text)
    if number is None:
        return Unreadable(text)
    return numbers.typed(number) if component.settings.get("serializeToString") else numbers.plain(number)


def _typed_number(component: Component, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return numbers.typed(value, component.settings.get("decimalDigits"))


def _files(
    raw: Sequence[str], initial: Any, files: Sequence[StoredFile]
) -> list[dict[str, Any] | Unreadable]:
    offered = {str(item.get("attachment")): dict(item) for item in _attachments(initial)}
    offered |= {file.id: file.value for file in files}
    ids = dict.fromkeys([*(text for text in raw if text), *(file.id for file in files)])
    return [offered.get(id, Unreadable(id)) for id in ids]


def _attachments(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
