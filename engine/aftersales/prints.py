"""Paper forms: sheets that process owners write as files (`processes/prints/*.toml`), filled from a case.

A sheet says which procedures offer it, what is printed in which order, and by FEEL where each value comes from; see
processes/prints/README.md.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.aftersales import dossier
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound

#: In `procedures`: offered by every one.
EVERY = "*"


class BadSheet(ValueError):
    """A sheet that cannot be read; the message names file and place."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    """A text in the languages of the product."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        """The text for a reader."""
        return self.zh if language == "zh" else self.en


class Value(_Part):
    """One printed value: a fact, or a column of a table."""

    label: Words
    #: FEEL with `=` over the dossier (in a table also over `item`); empty leaves room for handwriting.
    value: str = ""
    #: How it reads.
    kind: Literal["text", "money", "number", "day", "moment", "choice"] = "text"
    #: For `choice`: the form field whose options give the words.
    field: str = ""
    #: Facts: over the whole width.
    wide: bool = False
    #: Columns: their share of the width, in twelfths; 0 shares what is left.
    width: int = Field(default=0, ge=0, le=12)


class Box(_Part):
    """One box to tick."""

    value: str
    label: Words


class Section(_Part):
    """One block of a sheet."""

    kind: Literal["facts", "table", "text", "boxes", "statement", "signatures"]
    title: Words | None = None
    facts: tuple[Value, ...] = ()
    #: Table: FEEL that gives a list; each row is `item`.
    rows: str = ""
    columns: tuple[Value, ...] = ()
    #: Table: empty rows for handwriting, so that there are at least so many in all.
    at_least: int = 0
    #: Table: FEEL of an amount under the last column.
    total: str = ""
    #: Text and boxes: FEEL of the text, or of the value (or list) that is ticked.
    value: str = ""
    #: Text: ruled lines left for handwriting when there is none.
    lines: int = 3
    boxes: tuple[Box, ...] = ()
    statement: Words | None = None
    #: Signatures: who signs.
    signed_by: tuple[Words, ...] = ()


class Sheet(_Part):
    """A paper form."""

    key: str = ""
    title: Words
    #: Process keys that offer it; `*` for every one.
    procedures: tuple[str, ...]
    order: int = 50
    sections: tuple[Section, ...]

    def name(self, language: str) -> str:
        """What the form is called."""
        return self.title.in_language(language)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """One section with its values; what they look like is the page's business."""

    section: Section
    #: Facts: one a fact. Table: one list a row.
    values: tuple[Any, ...] = ()
    #: Text: the text. Boxes: the ticked values. Table: the total.
    value: Any = None


def offered(ctx: Context, process_key: str) -> list[Sheet]:
    """The sheets a procedure offers, in their order."""
    return [sheet for sheet in _sheets(ctx) if EVERY in sheet.procedures or process_key in sheet.procedures]


def get(ctx: Context, key: str) -> Sheet:
    """A sheet by its key. Raises `NotFound`."""
    sheet = next((sheet for sheet in _sheets(ctx) if sheet.key == key), None)
    if sheet is None:
        raise NotFound(what="form", id=key)
    return sheet


def fill(ctx: Context, sheet: Sheet, case_number: str) -> list[Filled]:
    """The sheet's sections for a case. Raises `NotFound`."""
    data = {**dossier.read(ctx, case_number), "today": ctx.now.isoformat()}
    return [_filled(ctx, section, data) for section in sheet.sections]


def _filled(ctx: Context, section: Section, data: Mapping[str, Any]) -> Filled:
    match section.kind:
        case "facts":
            return Filled(
                section=section, values=tuple(_value(ctx, fact.value, data) for fact in section.facts)
            )
        case "table":
            rows = _value(ctx, section.rows, data)
            return Filled(
                section=section,
                values=tuple(_cells(ctx, section, data, rows if isinstance(rows, list) else [])),
                value=_value(ctx, section.total, data),
            )
        case "boxes":
            ticked = _value(ctx, section.value, data)
            return Filled(section=section, value=ticked if isinstance(ticked, list) else [ticked])
        case _:
            return Filled(section=section, value=_value(ctx, section.value, data))


def _cells(
    ctx: Context, section: Section, data: Mapping[str, Any], rows: list[Any]
) -> Iterator[tuple[Any, ...]]:
    for item in rows:
        yield tuple(_value(ctx, column.value, {**data, "item": item}) for column in section.columns)
    for _ in range(section.at_least - len(rows)):
        yield tuple(None for _ in section.columns)


def _value(ctx: Context, text: str, data: Mapping[str, Any]) -> Any:
    return ctx.engine.feel.value(text, data, now=ctx.now) if text else None


def _sheets(ctx: Context) -> tuple[Sheet, ...]:
    folder = ctx.engine.settings.processes_dir / "prints"
    return read(folder, max((path.stat().st_mtime_ns for path in folder.glob("*.toml")), default=0))


@lru_cache(maxsize=4)
def read(folder: Path, _changed: int = 0) -> tuple[Sheet, ...]:
    """All sheets of a folder, in their order; read again when a file changed. Raises `BadSheet`."""
    return tuple(sorted(map(_read, folder.glob("*.toml")), key=lambda sheet: (sheet.order, sheet.key)))


def _read(path: Path) -> Sheet:
    try:
        return Sheet.model_validate({**tomllib.loads(path.read_text(encoding="utf-8")), "key": path.stem})
    except tomllib.TOMLDecodeError as error:
        raise BadSheet(f"{path.name}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadSheet(f"{path.name}: {place}: {first['msg']}") from error
