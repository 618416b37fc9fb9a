"""Mapping files: how somebody else's CSV says what ours says. TOML; docs/import.md explains each key."""

from __future__ import annotations

import codecs
import re
import tomllib
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

Kind = Literal["customers", "products", "orders", "serials", "stock"]


class BadMapping(Exception):
    """A mapping file that cannot be used; the message says where and why."""


class Skip(BaseModel):
    """Rows that are left out on purpose, and reported so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Their column.
    column: str
    #: Regular expression that the whole value must match.
    matches: str
    reason: str

    @model_validator(mode="after")
    def compiles(self) -> Skip:
        """The expression is one."""
        try:
            re.compile(self.matches)
        except re.error as error:
            raise ValueError(f"{self.matches!r} is not a regular expression: {error}") from error
        return self


class Mapping(BaseModel):
    """How to read a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    separator: str = Field(default=",", min_length=1, max_length=1)
    #: The decimal mark; the other of . and , may group thousands.
    decimal: Literal[".", ","] = "."
    #: "iso", or a strptime form such as "%d/%m/%Y %H:%M".
    date: str = "iso"
    encoding: str = "utf-8-sig"
    #: Zone of dates without one; the organisation's when empty.
    zone: str = ""
    #: Our field -> their column. Empty: the columns are called as our fields are.
    columns: dict[str, str] = Field(default_factory=dict)
    #: Our field -> value for rows that have none.
    defaults: dict[str, str] = Field(default_factory=dict)
    skip: tuple[Skip, ...] = ()

    @field_validator("encoding")
    @classmethod
    def known_encoding(cls, value: str) -> str:
        """Python knows the encoding."""
        try:
            codecs.lookup(value)
        except LookupError as error:
            raise ValueError(
                f"{value!r} is not an encoding; usual ones are utf-8-sig, gb18030, cp1252"
            ) from error
        return value

    @field_validator("zone")
    @classmethod
    def known_zone(cls, value: str) -> str:
        """The zone exists."""
        try:
            ZoneInfo(value or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is not a time zone such as Europe/London") from error
        return value


def plain(kind: Kind) -> Mapping:
    """Our own format: comma, point, ISO dates, columns named as the fields."""
    return Mapping(kind=kind)


def read(path: Path) -> Mapping:
    """The mapping of a TOML file. Raises `BadMapping`."""
    try:
        return Mapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadMapping(f"{path.name}: {error}") from error
    except UnicodeDecodeError as error:
        raise BadMapping(f"{path.name}: not UTF-8 at byte {error.start}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadMapping(f"{path.name}: {place}: {first['msg'].removeprefix('Value error, ')}") from error
