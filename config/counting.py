"""Business time told day by day: what was counted of each day, and why a day counted nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.calendar import Calendar

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day of a count."""

    day: date
    #: What was counted of it, in order, in the calendar's zone.
    stretches: tuple[tuple[datetime, datetime], ...] = ()
    #: Working days alone: it is one of those counted.
    counts: bool = False
    #: Why nothing is worked on it: "closing_day" (of our own), "holiday", "weekday"; "" for a working day.
    closed: str = ""
    #: The public holiday that closes it: itself, or one beside its weekend.
    holiday: date | None = None

    @property
    def counted(self) -> timedelta:
        """Working time counted of it."""
        return sum((ends - begins for begins, ends in self.stretches), timedelta())


def working_time(calendar: Calendar, start: datetime, duration: timedelta) -> list[Day]:
    """The days from `start` on whose counted time adds up to `duration`; its last stretch ends when that is over."""
    start = start.astimezone(calendar.tzinfo)
    left, day = duration, start.date()
    counted: list[Day] = []
    while left > timedelta():
        stretches = []
        for shift in calendar.shifts(day):
            begins, ends = (datetime.combine(day, at, calendar.tzinfo) for at in (shift.begins, shift.ends))
            begins = max(begins, start)
            ends = min(ends, begins + left)
            if begins < ends:
                stretches.append((begins, ends))
                left -= ends - begins
        counted.append(_day(calendar, day, stretches=tuple(stretches)))
        day += _ONE_DAY
    return counted


def working_days(calendar: Calendar, start: datetime, days: int) -> list[Day]:
    """The days after the day of `start` up to the `days`-th working one."""
    day, counted = start.astimezone(calendar.tzinfo).date(), []
    while days > 0:
        day += _ONE_DAY
        worked = calendar.is_working_day(day)
        counted.append(_day(calendar, day, counts=worked))
        days -= worked
    return counted


def _day(
    calendar: Calendar,
    day: date,
    *,
    stretches: tuple[tuple[datetime, datetime], ...] = (),
    counts: bool = False,
) -> Day:
    if calendar.is_working_day(day):
        return Day(day=day, stretches=stretches, counts=counts)
    if day in calendar.closing_days:
        return Day(day=day, closed="closing_day")
    holiday = calendar.holiday_of(day)
    return Day(day=day, closed="holiday" if holiday else "weekday", holiday=holiday)
