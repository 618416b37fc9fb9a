"""What is measured and with which targets, from insights.toml: business numbers that people change without touching code."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

#: Between 0 and 1.
Share = Annotated[float, Field(ge=0, le=1)]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FirstAnswer(_Document):
    """Within how many hours a case is to be answered."""

    hours: float = Field(gt=0)


class Solved(_Document):
    """When a case counts as solved."""

    states: frozenset[str]
    #: For a case without a deadline of its own.
    hours: float = Field(gt=0)
    rate: Share | None = None


class Satisfaction(_Document):
    """What a satisfied customer is."""

    satisfied: int = Field(ge=1, le=5)
    #: What was rated -> least share of satisfied customers.
    targets: dict[str, Share] = Field(default_factory=dict)


class Delivery(_Document):
    """What on time is."""

    days: float = Field(gt=0)
    on_time: Share | None = None


class Damage(_Document):
    """Which reasons say that goods came damaged."""

    kinds: frozenset[str]
    most: Share | None = None


class Repeats(_Document):
    """Which repairs are repeats."""

    procedures: frozenset[str]
    days: float = Field(gt=0)
    most: Share | None = None


class Proposals(_Document):
    """By when a complaint is to have its proposal."""

    procedures: frozenset[str]
    states: frozenset[str]
    hours: float = Field(gt=0)


class Insights(_Document):
    """Everything of insights.toml; see there for each field's meaning."""

    first_answer: FirstAnswer
    solved: Solved
    satisfaction: Satisfaction
    delivery: Delivery
    damage: Damage
    repeats: Repeats
    proposals: Proposals


@cache
def read(path: Path) -> Insights:
    """The measures in a TOML file, read once a process. Raises `pydantic.ValidationError` or `tomllib.TOMLDecodeError`."""
    return Insights.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
