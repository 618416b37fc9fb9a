"""When timers are due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.bpmn import effects, schedules
from engine.bpmn.trouble import Trouble
from tests.bpmn.drawing import diagram, end, flows, node, script, start, timer, user
from tests.bpmn.running import START, Story

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        ("duration", "PT90M", "2026-01-31T13:30:00+00:00"),
        ("duration", "P1M", "2026-02-28T12:00:00+00:00"),
        ("duration", "P1W", "2026-02-07T12:00:00+00:00"),
        ("date", "2026-02-01", "2026-02-01T00:00:00+08:00"),
        ("date", "2026-02-01T09:00:00", "2026-02-01T09:00:00+08:00"),
        ("date", "2026-02-01T09:00:00Z", "2026-02-01T09:00:00+00:00"),
        ("date", "2026-02-01T09:00:00+08:00[Asia/Shanghai]", "2026-02-01T09:00:00+08:00"),
        ("cycle", "R3/PT10S", "2026-01-31T12:00:10+00:00"),
        ("cycle", "R/2026-03-01T00:00:00Z/P1D", "2026-03-01T00:00:00+00:00"),
        ("cycle", "0 9 * * 1-5", "2026-02-02T09:00:00+08:00"),
        ("cycle", "@daily", "2026-02-01T00:00:00+08:00"),
    ],
)
def test_the_first_firing(kind, text, due):
    assert schedules.first(kind, text, NOW, SHANGHAI).at.isoformat() == due


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("date", "tomorrow"),
        ("duration", "2 hours"),
        ("cycle", "often"),
        ("duration", ""),
        ("date", None),
        ("duration", 5),
        ("duration", "P9000Y"),
    ],
)
def test_what_is_no_time_is_trouble(kind, text):
    with pytest.raises(Trouble):
        schedules.first(kind, text, NOW, SHANGHAI)


def test_a_cycle_counts_from_its_due_time_and_ends():
    due = schedules.first("cycle", "R2/PT1H", NOW, UTC)
    later = schedules.following("R2/PT1H", due, NOW + timedelta(hours=5), UTC)
    assert (later.at, later.repetitions) == (NOW + timedelta(hours=2), 1)
    assert schedules.following("R2/PT1H", later, NOW, UTC) is None


def test_a_cron_cycle_goes_on_in_the_business_zone():
    due = schedules.first("cycle", "0 9 * * *", NOW, SHANGHAI)
    later = schedules.following("0 9 * * *", due, due.at, SHANGHAI)
    assert later.at.isoformat() == "2026-02-02T09:00:00+08:00"


def test_a_timer_in_the_flow_waits():
    body = start(), node("intermediateCatchEvent", "t", timer("=wait")), user("a"), flows("start t a")
    story = Story(diagram(*body), wait="PT2H", restore=True)
    assert story.all(effects.TimerStarted)[0].due_at == START + timedelta(hours=2)
    assert story.wait(hours=2).active == ["a"]


def test_a_cycle_in_the_flow_lets_a_token_pass_each_time():
    body = (
        start(),
        node("intermediateCatchEvent", "t", timer(cycle="R3/PT1M")),
        script("a", "=1", "x"),
        end(),
        flows("start t a end"),
    )
    story = Story(diagram(*body), restore=True).wait(minutes=1)
    assert (story.completed("a"), story.done) == (1, False)
    story.wait(minutes=5)
    assert (story.completed("a"), story.done) == (3, True)


def test_a_timer_that_cannot_be_read_is_an_incident_until_it_is_mended():
    body = start(), node("intermediateCatchEvent", "t", timer("=wait")), user("a"), flows("start t a")
    story = Story(diagram(*body), wait="soon", restore=True)
    assert [(i.element_id, i.kind) for i in story.incidents] == [("t", "timer")]
    story.execution.set_variables({"wait": "PT1S"})
    assert story.settle().retry("t").wait(seconds=1).active == ["a"]
