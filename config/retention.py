"""How long records are kept, from retention.toml: business numbers that people change without touching code."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

#: More than none, and no more than a date can be moved back by.
Days = Annotated[int, Field(gt=0, le=36_500)]


class Retention(BaseModel):
    """Everything of retention.toml; see there for each field's meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: Days
    daily: bool = True
    most: int = Field(default=500, gt=0)
    #: Process key -> days.
    procedures: dict[str, Days] = Field(default_factory=dict)

    def of(self, process_key: str) -> int:
        """Days the records of a procedure's cases are kept."""
        return self.procedures.get(process_key, self.days)


@cache
def read(file: Path) -> Retention:
    """The rules of a file, read once a process. Raises `pydantic.ValidationError` or `tomllib.TOMLDecodeError`."""
    return Retention.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
