"""The functions that FEEL gets from us, besides its own: business time, the rules of calling, limits, amounts in texts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.runtime.calling import next_calling_time
from engine.runtime.house import House


def functions(house: House) -> dict[str, Callable[..., Any]]:
    """FEEL name -> callable; parameters are named as in FEEL, with `_` for blanks and after reserved words."""

    def add_working_time(from_: datetime, duration: timedelta) -> datetime:
        return house.calendar.add_working_time(from_, duration)

    def add_working_days(from_: datetime, n: int) -> datetime:
        return house.calendar.add_working_days(from_, n)

    def calling_time(from_: datetime) -> datetime:
        return next_calling_time(house(), from_)

    def compensation_limit(role: str) -> float:
        return float(house().compensation_limit(frozenset({role})))

    def money(amount: float | None) -> str:
        return "" if amount is None else f"{Decimal(str(amount)):,.2f}"

    return {
        "money": money,
        "compensation limit": compensation_limit,
        "add working time": add_working_time,
        "add working days": add_working_days,
        "next calling time": calling_time,
    }
