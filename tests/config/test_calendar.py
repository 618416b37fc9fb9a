"""Business time over Golden Week, weekends, rest hours and make-up days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config import calendar, counting, settings

SHANGHAI = ZoneInfo("Asia/Shanghai")
SHIPPED = calendar.read(settings.HERE / "calendar.toml")
WITHIN_2026 = st.integers(min_value=0, max_value=60 * 24 * 330).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=SHANGHAI) + timedelta(minutes=minutes)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def changed(**fields) -> calendar.Calendar:
    return calendar.Calendar.model_validate(SHIPPED.model_dump() | fields)


def test_an_hour_of_work_is_an_hour_in_the_morning():
    assert SHIPPED.add_working_time(at("2026-11-23 09:30"), timedelta(hours=1)) == at("2026-11-23 10:30")


def test_the_rest_at_noon_does_not_count():
    assert SHIPPED.add_working_time(at("2026-11-23 11:30"), timedelta(hours=1)) == at("2026-11-23 13:30")


def test_work_registered_after_hours_starts_the_next_morning():
    assert SHIPPED.add_working_time(at("2026-11-23 20:00"), timedelta(hours=1)) == at("2026-11-24 10:00")


def test_a_day_of_work_that_starts_on_saturday_evening_skips_sunday():
    assert SHIPPED.add_working_time(at("2026-11-21 17:00"), timedelta(hours=2)) == at("2026-11-23 10:00")


def test_work_that_fills_the_day_ends_with_the_day():
    assert SHIPPED.add_working_time(at("2026-11-23 09:00"), timedelta(hours=8)) == at("2026-11-23 18:00")


def test_golden_week_is_closed_with_its_weekends_and_sunday_the_20th_makes_up_for_it():
    closed = [date(2026, 10, day) for day in range(1, 8)]
    assert not any(SHIPPED.is_working_day(day) for day in closed)
    assert SHIPPED.is_working_day(date(2026, 9, 20))
    assert SHIPPED.is_working_day(date(2026, 10, 10))
    assert SHIPPED.add_working_time(at("2026-09-30 17:00"), timedelta(hours=2)) == at("2026-10-08 10:00")


def test_a_holiday_on_monday_takes_the_saturday_with_it():
    assert not SHIPPED.is_working_day(date(2027, 4, 3))
    assert changed(holiday_weekends_closed=False).is_working_day(date(2027, 4, 3))


def test_our_own_closing_and_opening_days_win():
    ours = changed(closing_days=[date(2026, 11, 23)], opening_days=[date(2026, 10, 1), date(2026, 11, 22)])
    assert not ours.is_working_day(date(2026, 11, 23))
    assert ours.is_working(at("2026-10-01 10:00"))
    assert ours.is_working(at("2026-11-22 10:00"))


def test_the_end_of_a_shift_is_no_longer_working_time():
    assert SHIPPED.is_working(at("2026-11-23 09:00"))
    assert not SHIPPED.is_working(at("2026-11-23 12:00"))
    assert not SHIPPED.is_working(at("2026-11-23 18:00"))


def test_working_days_keep_the_time_of_day():
    assert SHIPPED.add_working_days(at("2026-09-29 15:30"), 3) == at("2026-10-09 15:30")
    assert SHIPPED.add_working_days(at("2026-09-29 15:30"), 0) == at("2026-09-29 15:30")


def test_minutes_are_counted_over_night_and_rest():
    assert SHIPPED.working_minutes(at("2026-11-23 11:00"), at("2026-11-24 10:00")) == 60 + 300 + 60
    assert SHIPPED.working_minutes(at("2026-11-24 10:00"), at("2026-11-23 11:00")) == 0
    assert SHIPPED.working_minutes(at("2026-11-23 18:00"), at("2026-11-24 09:00")) == 0


def test_an_instant_of_another_zone_is_read_in_the_business_zone():
    start = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    due = SHIPPED.add_working_time(start, timedelta(hours=1))
    assert due == at("2026-11-23 10:30")
    assert due.utcoffset() == timedelta(hours=8)


def test_time_cannot_be_taken_away():
    with pytest.raises(ValueError, match="only be added"):
        SHIPPED.add_working_time(at("2026-11-23 09:00"), timedelta(hours=-1))
    with pytest.raises(ValueError, match="only be added"):
        SHIPPED.add_working_days(at("2026-11-23 09:00"), -1)


@pytest.mark.parametrize(
    "fields",
    [
        {"hours": {"monday": ["18:00-09:00"]}},
        {"hours": {"monday": ["09:00-13:00", "12:00-18:00"]}},
        {"hours": {"monday": []}},
        {"country": "XX"},
        {"make_up_day_hours": "sunday"},
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(fields):
    with pytest.raises(ValidationError):
        changed(**fields)


def test_a_calendar_that_never_opens_again_is_an_error_and_no_endless_search():
    closed = changed(closing_days=[date(2026, 11, 23) + timedelta(days=day) for day in range(400)])
    with pytest.raises(ValueError, match="no working day"):
        closed.add_working_days(at("2026-11-22 09:00"), 1)


@given(
    after=st.integers(min_value=0, max_value=2 * 366 * 24 * 60),
    minutes=st.integers(min_value=0, max_value=5000),
)
def test_the_minutes_added_are_the_minutes_counted(after, minutes):
    start = at("2025-01-01 00:00") + timedelta(minutes=after)
    end = SHIPPED.add_working_time(start, timedelta(minutes=minutes))
    assert SHIPPED.working_minutes(start, end) == minutes


@given(WITHIN_2026, st.integers(min_value=1, max_value=60 * 24 * 14))
def test_the_days_of_a_count_add_up_to_it_and_end_where_it_ends(start, minutes):
    duration = timedelta(minutes=minutes)
    days = counting.working_time(SHIPPED, start, duration)
    assert sum((day.counted for day in days), timedelta()) == duration
    assert days[-1].stretches[-1][1] == SHIPPED.add_working_time(start, duration)


@given(WITHIN_2026, st.integers(min_value=1, max_value=15))
def test_working_days_are_counted_one_by_one(start, n):
    days = counting.working_days(SHIPPED, start, n)
    assert sum(day.counts for day in days) == n
    assert days[-1].day == SHIPPED.add_working_days(start, n).date()


def test_a_count_says_what_closed_each_day_by_name():
    days = counting.working_time(SHIPPED, at("2026-09-30 17:00"), timedelta(hours=2))
    assert [day.counted for day in days] == [timedelta(hours=1), *[timedelta()] * 7, timedelta(hours=1)]
    national = days[1]
    assert national.closed == "holiday"
    assert SHIPPED.holiday_name(national.holiday, "zh") == "国庆节"
    assert SHIPPED.holiday_name(national.holiday, "en") == "National Day"
    sunday = counting.working_time(SHIPPED, at("2026-11-21 17:00"), timedelta(hours=2))[1]
    assert sunday.closed == "weekday"
    assert SHIPPED.holiday_name(sunday.day, "en") == ""
    own = changed(closing_days=frozenset({date(2026, 11, 23)}))
    assert counting.working_days(own, at("2026-11-22 10:00"), 1)[0].closed == "closing_day"
