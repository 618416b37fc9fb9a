"""The time that figures are about: days, a month or a year of the business zone, else the last days."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from engine.runtime.context import Context
from web.filters import between

#: Days that are measured unless something is chosen, and months to choose from.
_DAYS, _MONTHS = 30, 13


def read(ctx: Context, period: str, first: str, last: str) -> tuple[datetime, datetime]:
    """When the time begins and ends: the days chosen, else the month or year ("2026-11", "2026"), else the last days up to
    the end of today. What cannot be read narrows nothing."""
    today = ctx.now.astimezone(ctx.organisation.tzinfo).date()
    begins, ends = between(ctx, first, last)
    if begins is None and ends is None:
        begins, ends = between(ctx, *_days(period, today))
    ends = ends or _midnight(ctx, today + timedelta(days=1))
    if begins is None or begins >= ends:
        begins = ends - timedelta(days=_DAYS)
    return begins, ends


def _days(period: str, today: date) -> tuple[str, str]:
    """First and last day of a month or year; of the last days for what is neither."""
    try:
        match [int(part) for part in period.split("-")]:
            case [year]:
                first, following = date(year, 1, 1), date(year + 1, 1, 1)
            case [year, month]:
                first = date(year, month, 1)
                following = (first + timedelta(days=31)).replace(day=1)
            case _:
                raise ValueError(period)
    except (ValueError, OverflowError):
        return (today - timedelta(days=_DAYS - 1)).isoformat(), today.isoformat()
    return first.isoformat(), (following - timedelta(days=1)).isoformat()


def _midnight(ctx: Context, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ctx.organisation.tzinfo)


def months(ctx: Context) -> list[date]:
    """First days of the last months, the present one first."""
    found = [ctx.now.astimezone(ctx.organisation.tzinfo).date().replace(day=1)]
    while len(found) < _MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found
