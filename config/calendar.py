"""Business time: working hours, working days, public holidays and their make-up days, from calendar.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import holidays
from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator, model_validator

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ONE_DAY = timedelta(days=1)
#: Longer than any closure; a search that gets here would never end.
_LONGEST_CLOSURE = 366


class Shift(BaseModel):
    """An unbroken stretch of work within one day, written `09:00-12:00`."""

    model_config = ConfigDict(frozen=True)

    begins: time
    ends: time

    @model_validator(mode="after")
    def in_order(self) -> Shift:
        if self.begins >= self.ends:
            raise ValueError(f"{self.begins:%H:%M}-{self.ends:%H:%M} does not end after it begins")
        return self


def _written(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    begins, _, ends = text.partition("-")
    return {"begins": begins.strip(), "ends": ends.strip()}


class Calendar(BaseModel):
    """When the house works. All instants are timezone-aware; results are in `zone`."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))

    zone: str
    #: ISO 3166 code of the country whose holidays apply.
    country: str
    holiday_weekends_closed: bool = False
    make_up_day_hours: Weekday = "monday"
    closing_days: frozenset[date] = frozenset()
    opening_days: frozenset[date] = frozenset()
    hours: Mapping[Weekday, tuple[Annotated[Shift, BeforeValidator(_written)], ...]]

    @field_validator("country")
    @classmethod
    def has_holidays(cls, country: str) -> str:
        if country not in holidays.list_supported_countries():
            raise ValueError(f"no public holidays are known for the country {country}")
        return country

    @model_validator(mode="after")
    def works_at_all(self) -> Calendar:
        if not any(self.hours.values()) or not self.hours.get(self.make_up_day_hours):
            raise ValueError("hours: at least the weekday named in make_up_day_hours must have working hours")
        for weekday, shifts in self.hours.items():
            if any(later.begins < earlier.ends for earlier, later in pairwise(shifts)):
                raise ValueError(f"hours.{weekday}: shifts must follow each other without overlap")
        return self

    @cached_property
    def tzinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def is_working_day(self, day: date) -> bool:
        return bool(self.shifts(day))

    def is_working(self, at: datetime) -> bool:
        """Whether `at` lies within working hours; the end of a shift does not."""
        return any(begins <= at < ends for begins, ends in self._hours_of(at.astimezone(self.tzinfo).date()))

    def shifts(self, day: date) -> tuple[Shift, ...]:
        """The stretches worked on this day, in order; empty when closed."""
        if day in self.closing_days:
            return ()
        usual = self.hours.get(WEEKDAYS[day.weekday()], ())
        if day in self.opening_days or day in _make_up_days(self.country, day.year):
            return usual or self.hours[self.make_up_day_hours]
        return () if self.holiday_of(day) else usual

    def add_working_time(self, start: datetime, duration: timedelta) -> datetime:
        """The instant at which `duration` of working time has passed since `start`.

        No duration gives `start` itself. Raises ValueError for a negative duration.
        """
        if duration < timedelta():
            raise ValueError("Working time can only be added, not taken away")
        start = start.astimezone(self.tzinfo)
        left = duration
        if not left:
            return start
        for begins, ends in self._hours_after(start):
            worked = ends - max(begins, start)
            if worked >= left:
                return max(begins, start) + left
            left -= worked
        raise AssertionError("hours after a moment never end")

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """The same time of day on the `days`-th working day after the day of `start`; 0 gives `start` itself.

        Raises ValueError for a negative number.
        """
        if days < 0:
            raise ValueError("Working days can only be added, not taken away")
        local = start.astimezone(self.tzinfo)
        day = local.date()
        for _ in range(days):
            day = self._next_working_day(day)
        return datetime.combine(day, local.timetz())

    def working_minutes(self, start: datetime, end: datetime) -> int:
        """Whole minutes of working time between two instants; 0 when `end` is not later."""
        total = timedelta()
        for begins, ends in self._hours_after(start):
            if begins >= end:
                break
            total += min(ends, end) - max(begins, start)
        return max(total, timedelta()) // timedelta(minutes=1)

    def _next_working_day(self, day: date) -> date:
        for _ in range(_LONGEST_CLOSURE):
            day += _ONE_DAY
            if self.is_working_day(day):
                return day
        raise ValueError(f"There is no working day in the year before {day}")

    def _hours_after(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Stretches of work that end after `start`, in order, without end."""
        day = start.astimezone(self.tzinfo).date()
        yield from ((begins, ends) for begins, ends in self._hours_of(day) if ends > start)
        while True:
            day = self._next_working_day(day)
            yield from self._hours_of(day)

    def _hours_of(self, day: date) -> list[tuple[datetime, datetime]]:
        return [
            (
                datetime.combine(day, shift.begins, self.tzinfo),
                datetime.combine(day, shift.ends, self.tzinfo),
            )
            for shift in self.shifts(day)
        ]

    def holiday_of(self, day: date) -> date | None:
        """The public holiday that closes a day: itself, or one beside its weekend; None for any other day."""
        if day in _public_holidays(self.country, day.year):
            return day
        if not self.holiday_weekends_closed or day.weekday() < 5:
            return None
        friday = day - timedelta(days=day.weekday() - 4)
        beside = (friday + timedelta(days=after) for after in range(4))
        return next((each for each in beside if each in _public_holidays(self.country, each.year)), None)

    def holiday_name(self, day: date, language: str) -> str:
        """What a public holiday is called in a language ("en", "zh"), or in the country's own; "" for any other day."""
        return _holiday_names(self.country, day.year, language).get(day, "")


@lru_cache(maxsize=64)
def _public_holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


@lru_cache(maxsize=64)
def _make_up_days(country: str, year: int) -> frozenset[date]:
    # The next year's holidays decide on days of this December.
    known = holidays.country_holidays(country, years=(year, year + 1))
    return frozenset(known.weekend_workdays)


@lru_cache(maxsize=64)
def _holiday_names(country: str, year: int, language: str) -> Mapping[date, str]:
    spoken = holidays.list_localized_countries().get(country, [])
    dialect = next((each for each in spoken if each.partition("_")[0] == language), None)
    return dict(holidays.country_holidays(country, years=year, language=dialect))


def read(path: Path) -> Calendar:
    """The calendar in a TOML file. Raises `pydantic.ValidationError` or `tomllib.TOMLDecodeError`."""
    return parse(tomllib.loads(path.read_text(encoding="utf-8")))


def parse(document: Mapping[str, Any]) -> Calendar:
    """The calendar in an already decoded document. Raises `pydantic.ValidationError`."""
    return Calendar.model_validate(document)
