"""Which cases and which time the monthly figures are about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from engine.aftersales.tables import AftersalesCase as Case
from engine.aftersales.tables import Customer
from engine.runtime.context import Context

#: Memory for one step of counting (PostgreSQL's work_mem).
_ROOM = "64MB"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which cases and which time are measured."""

    begins: datetime
    ends: datetime
    #: "day", "week" or "month": what a point of a curve is.
    unit: str
    procedure: str = ""
    #: Id of a version of that procedure; None for all.
    definition_id: int | None = None
    reason: str = ""
    tier: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """On the case, time apart."""
        found: list[ColumnElement[bool]] = []
        if self.procedure:
            found.append(Case.process_key == self.procedure)
        if self.definition_id is not None:
            found.append(Case.definition_id == self.definition_id)
        if self.reason:
            found.append(Case.reason == self.reason)
        if self.tier:
            found.append(Case.customer_id.in_(select(Customer.id).where(Customer.tier == self.tier)))
        return found

    def within(self, column: Any) -> ColumnElement[bool]:
        """Whether a moment lies in the time measured."""
        return and_(column >= self.begins, column < self.ends)

    def of_cases(self, case_id: Any) -> list[ColumnElement[bool]]:
        """On what belongs to a case, by that case; nothing where no case is left out."""
        conditions = self.conditions()
        return [case_id.in_(select(Case.id).where(*conditions))] if conditions else []


@dataclass(frozen=True, kw_only=True)
class Share:
    """So many out of so many."""

    n: int = 0
    of: int = 0

    @property
    def share(self) -> float | None:
        """0 to 1; None out of none."""
        return self.n / self.of if self.of else None


def count_much(ctx: Context) -> None:
    """Until this command ends: room to count a year of cases without writing to disk; a plan for the very time asked about,
    since that of a month is slow for a year; and no compiling of statements, which takes longer than they do."""
    settings = {"work_mem": _ROOM, "plan_cache_mode": "force_custom_plan", "jit": "off"}
    ctx.session.execute(
        select(*(func.set_config(name, value, True) for name, value in settings.items()))
    ).all()


def one_of(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column is one of these, of which there may be none."""
    return column == any_(literal(sorted(values), ARRAY(Text)))
