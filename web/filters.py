"""Filters of a list as its address carries them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from sqlalchemy import ColumnElement

from engine.runtime.context import Context


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Base of a list's filters: every field is a parameter of the address, "" where it does not narrow."""

    #: What somebody typed into the search box.
    q: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """The filters of an address."""
        return cls(**{each.name: query.get(each.name, "").strip() for each in fields(cls)})

    @property
    def narrows(self) -> bool:
        """Whether anything is chosen."""
        return any(getattr(self, each.name) for each in fields(self))

    def chosen(self, *names: str) -> int:
        """How many of these are chosen."""
        return sum(bool(getattr(self, name)) for name in names)


def days(ctx: Context, column: Any, first: str, last: str) -> list[ColumnElement[bool]]:
    """Between two days of the business zone, both included; a day that cannot be read does not narrow."""
    begin, end = between(ctx, first, last)
    conditions = []
    if begin is not None:
        conditions.append(column >= begin)
    if end is not None:
        conditions.append(column < end)
    return conditions


def between(ctx: Context, first: str, last: str) -> tuple[datetime | None, datetime | None]:
    """The moments two days of the business zone begin and end at, both days included; None for what cannot be read."""
    end = _midnight(ctx, last)
    return _midnight(ctx, first), end and end + timedelta(days=1)


def _midnight(ctx: Context, text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time.min, ctx.organisation.tzinfo)
    except ValueError:
        return None


def amounts(column: Any, least: str, most: str) -> list[ColumnElement[bool]]:
    """Between two amounts, both included; what is no number does not narrow."""
    conditions = []
    if (low := _number(least)) is not None:
        conditions.append(column >= low)
    if (high := _number(most)) is not None:
        conditions.append(column <= high)
    return conditions


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
