"""What counts as personal data and who sees it, from personal_data.toml: people change it without touching code."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

#: What can be masked.
Masked = Literal["name", "phone", "email", "address"]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Erasing(_Document):
    """Where it lies in what was recorded."""

    #: Names, or ends of paths with dots.
    fields: frozenset[str]
    texts: frozenset[str]


class PersonalData(_Document):
    """Everything of personal_data.toml; see there for each field's meaning."""

    erasing: Erasing
    #: Field -> roles that see it as it is.
    masking: dict[Masked, frozenset[str]] = Field(default_factory=dict)

    def hidden(self, roles: Collection[str]) -> frozenset[Masked]:
        """The fields that somebody with these roles sees masked."""
        return frozenset(field for field, seen_by in self.masking.items() if seen_by.isdisjoint(roles))


@cache
def read(file: Path) -> PersonalData:
    """The rules of a file, read once a process. Raises `pydantic.ValidationError` or `tomllib.TOMLDecodeError`."""
    return PersonalData.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
