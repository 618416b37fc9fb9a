"""Every text of a form that people read, for translation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.forms import structure
from engine.forms.expressions import is_expression

_TEXTS = ("label", "dateLabel", "timeLabel", "description", "text", "alt")


@dataclass(frozen=True, kw_only=True)
class Word:
    """One text to translate."""

    #: English source, the key of the translation; may hold ``{{ FEEL }}``, which translations keep.
    text: str
    #: Id of the component it stands on.
    component: str
    #: form-js property, such as label or values.
    where: str


def words(schema: Mapping[str, Any] | bytes) -> list[Word]:
    """The texts of a form in reading order, each once. Raises ValueError for what is no form."""
    document = structure.decode(schema) if isinstance(schema, bytes) else schema
    if not isinstance(document, Mapping):
        raise ValueError(document.message)
    found: dict[str, Word] = {}
    for raw in structure.components(document):
        for where, text in _texts(raw):
            if isinstance(text, str) and text.strip() and not is_expression(text):
                found.setdefault(text, Word(text=text, component=raw.get("id", ""), where=where))
    return list(found.values())


def _texts(raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from ((where, raw.get(where)) for where in _TEXTS)
    appearance = raw.get("appearance") or {}
    yield from ((where, appearance.get(where)) for where in ("prefixAdorner", "suffixAdorner"))
    yield from (
        ("values", option.get("label")) for option in raw.get("values") or () if isinstance(option, Mapping)
    )
    yield from (
        ("columns", column.get("label")) for column in raw.get("columns") or () if isinstance(column, Mapping)
    )
    yield "patternErrorMessage", (raw.get("validate") or {}).get("patternErrorMessage")
    yield "checkMessage", (raw.get("properties") or {}).get("checkMessage")
