"""Customers are called within the rules or not at all. 10:00 to 18:00, three a day: see config/organisation.toml."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

import engine.aftersales.tables as t
from engine.aftersales import calls
from engine.runtime.context import SYSTEM
from tests.aftersales import shop

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def customer(desk):
    row = desk.write(shop.customer)
    desk.case(customer_id=row.id)
    return row


def at(text):
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("wanted", "calls_made", "allowed"),
    [
        ("02 09:59", 0, "02 10:00"),
        ("02 10:00", 0, "02 10:00"),
        ("02 17:59", 2, "02 17:59"),
        ("02 18:00", 0, "03 10:00"),
        ("02 23:30", 0, "03 10:00"),
        ("02 12:00", 3, "03 10:00"),
        ("02 12:00", 7, "03 10:00"),
    ],
)
def test_the_next_call_is_within_hours_on_a_day_with_calls_left(app, wanted, calls_made, allowed):
    house = app.engine.organisation()
    made = {at(wanted).date(): calls_made}
    assert calls.next_allowed(house.calling, SHANGHAI, at(wanted).astimezone(UTC), made) == at(allowed)


def test_calls_in_vain_are_counted_until_the_customer_is_reached(desk, customer):
    assert desk.do("call.record", outcome="unreachable") == {"callsToday": 1, "tries": 1}
    assert desk.do("call.record", outcome="unreachable") == {"callsToday": 2, "tries": 2}
    assert desk.do("call.record", outcome="reached", remark="is at home") == {"callsToday": 3, "tries": 0}


def test_after_three_calls_the_next_is_tomorrow(desk, customer, clock):
    assert desk.do("call.plan")["callAt"] == "2026-11-02T10:00:00+08:00"
    for _ in range(3):
        desk.do("call.record", outcome="unreachable")
    assert desk.do("call.plan") == {"callAt": "2026-11-03T10:00:00+08:00", "allowed": True, "tries": 3}
    clock.advance(timedelta(days=1))
    assert desk.do("call.plan")["callAt"] == "2026-11-03T10:00:00+08:00"


def test_who_asked_not_to_be_called_is_never_called_again(desk, customer):
    desk.do("call.record", outcome="do_not_call")
    assert desk.do("call.plan") == {"callAt": None, "allowed": False, "tries": 0}
    assert desk.one(t.Customer).do_not_call_since is not None


def complete(desk):
    with desk.app.commands.begin(SYSTEM) as ctx:
        calls.guard(ctx, SimpleNamespace(business_key="CASE-1"), {})


def test_a_call_step_is_completed_only_while_calls_are_allowed(desk, customer, clock):
    complete(desk)
    clock.advance(timedelta(hours=8))
    with pytest.raises(calls.OutsideCallingHours, match="2026-11-03T10:00"):
        complete(desk)


def test_a_call_step_waits_for_tomorrow_after_three_calls(desk, customer):
    for _ in range(3):
        desk.do("call.record", outcome="unreachable")
    with pytest.raises(calls.CalledTooOften, match="3 times"):
        complete(desk)


def test_a_call_step_of_somebody_who_may_not_be_called_can_be_closed_at_any_hour(desk, customer, clock):
    desk.do("call.record", outcome="do_not_call")
    clock.advance(timedelta(hours=12))
    complete(desk)


def test_revisits_are_planned_into_calling_hours(desk, customer, clock):
    clock.advance(timedelta(hours=10))
    planned = desk.do("revisit.plan", intervals=["P1M", {"label": "1 week", "interval": "P7D"}])["revisits"]
    assert planned == [
        {"label": "1 week", "interval": "P7D", "at": "2026-11-10T10:00:00+08:00"},
        {"label": "P1M", "interval": "P1M", "at": "2026-12-03T10:00:00+08:00"},
    ]
    desk.do("revisit.done", interval="P7D")
    assert {row.interval: row.done_at is None for row in desk.all(t.Revisit)} == {"P7D": False, "P1M": True}
