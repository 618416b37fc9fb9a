"""Why a case went the way it did, why it is with somebody, what it waits for, why it is due when it is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.runtime import organisations, replay, user_tasks
from engine.runtime.explaining import deadlines, gateways, waiting
from engine.runtime.operating import suspensions
from engine.store.tables import HistoryEvent


def told(office, instance: int, type_: str, element: str) -> replay.Past:
    """The last event of a type at an element."""
    with office.app.database.begin() as session:
        seq = session.scalars(
            select(HistoryEvent.seq)
            .where(
                HistoryEvent.stream == instance,
                HistoryEvent.type == type_,
                HistoryEvent.element_id == element,
            )
            .order_by(HistoryEvent.seq.desc())
            .limit(1)
        ).one()
        found = replay.past(session, instance, seq)
        assert found is not None
        return found


def explain(office, explanation, instance: int, event: replay.Past):
    with office.app.database.begin() as session:
        return explanation(session, office.app.engine, instance, event)


def reviewed(office, by: str = "wang.fang", **values) -> int:
    """An approval whose review is done."""
    office.deploy("approval")
    instance = office.start("approval", by="li.na", amount=900)
    office.do(by, user_tasks.complete, office.task("review").id, values)
    return instance


@pytest.mark.parametrize(("decision", "taken"), [("approve", "f4"), ("refuse", "f5")])
def test_a_gateway_shows_each_condition_with_what_it_saw(office, decision, taken):
    instance = reviewed(office, note={"of": "review"})
    office.do("xu.dan", user_tasks.complete, office.task("approve").id, {"decision": decision})
    choice = explain(
        office, gateways.choice, instance, told(office, instance, "ElementCompleted", "approved")
    )
    assert choice is not None and choice.element.name == "Approved?"
    asked, default = choice.ways
    assert [way.flow.id for way in choice.ways if way.taken] == [taken]
    assert (asked.asked, asked.held) == (True, decision == "approve")
    assert [(each.path, each.value) for each in asked.read] == [("decision", decision)]
    assert default.is_default and default.held is None


def test_what_had_nothing_to_choose_has_nothing_to_explain(office):
    instance = reviewed(office)
    assert (
        explain(office, gateways.choice, instance, told(office, instance, "ElementCompleted", "review"))
        is None
    )


def test_a_deadline_over_a_holiday_and_a_pause_adds_up_to_the_minute(office, clock):
    # Two hours of the last afternoon before Golden Week; six of its first morning and afternoon after it.
    clock.set(datetime(2026, 9, 30, 8, 0, tzinfo=UTC))
    instance = reviewed(office)
    stored = office.task("approve").due_at
    clock.advance(timedelta(hours=1))
    office.do("admin", suspensions.suspend, instance, reason="the till is being counted")
    clock.advance(timedelta(hours=5))
    office.do("admin", suspensions.resume, instance, reason="counted")
    found = explain(
        office, deadlines.deadline, instance, told(office, instance, "UserTaskCreated", "approve")
    )
    assert found is not None and found.exact
    (count,) = found.counts
    assert sum((day.counted for day in count.days), timedelta()) == count.amount == timedelta(hours=8)
    assert count.days[-1].stretches[-1][1] == count.end == found.due_at == stored
    assert [day.closed for day in count.days] == ["", *["holiday"] * 7, ""]
    calendar = office.app.engine.calendar
    assert calendar.holiday_name(count.days[1].holiday, "zh") == "国庆节"
    (pause,) = found.pauses
    assert (pause.ends - pause.begins, pause.by, pause.reason) == (
        timedelta(hours=5),
        "admin",
        "the till is being counted",
    )


def test_a_deadline_is_counted_by_the_calendar_of_then(office, clock):
    clock.set(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    instance = reviewed(office)
    stored = office.task("approve").due_at
    clock.advance(timedelta(minutes=1))
    with office.app.commands.begin(office.actor("admin")) as ctx:
        # From now on tomorrow is closed; what was counted before stays as it was counted.
        calendar = ctx.engine.calendar.model_copy(update={"closing_days": frozenset({date(2026, 11, 24)})})
        organisations.change(ctx, calendar=calendar, note="stock-taking")
    found = explain(
        office, deadlines.deadline, instance, told(office, instance, "UserTaskCreated", "approve")
    )
    assert found is not None and found.exact and found.due_at == stored
    assert [day.closed for day in found.counts[0].days] == ["", ""]


def test_a_timer_by_the_clock_says_from_when_to_when(office):
    office.deploy("reminder")
    instance = office.start("reminder", order="SO-1")
    found = explain(office, deadlines.deadline, instance, told(office, instance, "TimerStarted", "late"))
    assert found is not None and found.counts == ()
    assert (found.text, found.elapsed) == ("P7D", timedelta(days=7))
    kinds = [(each.kind, each.element_id) for each in office.do("li.na", waiting.waits, "CASE-1")]
    assert ("moment", "late") in kinds
    assert any(kind == "message" for kind, _ in kinds)


def test_whoever_reviewed_may_not_approve_and_is_told_so(office):
    office.deploy("approval")
    office.start("approval", by="xu.dan", amount=900)
    office.do("wang.fang", user_tasks.complete, office.task("review").id, {})
    task = office.task("approve")
    assert [each.code for each in office.do("xu.dan", user_tasks.obstacles, task)] == ["four_eyes_violation"]
    assert [each.code for each in office.do("li.na", user_tasks.obstacles, task)] == ["not_a_candidate"]
    assert office.do("zhao.lin", user_tasks.obstacles, task) == []


def test_everything_in_the_way_is_told_at_once(office):
    instance = reviewed(office)
    task = office.task("approve")
    office.do("zhao.lin", user_tasks.claim, task.id)
    office.do("admin", suspensions.suspend, instance, reason="audit")
    codes = [each.code for each in office.do("xu.dan", user_tasks.obstacles, office.task("approve"))]
    assert codes == ["case_suspended", "claimed_by_somebody_else"]


def test_what_a_case_waits_for(office):
    instance = reviewed(office)
    (step,) = office.do("li.na", waiting.waits, "CASE-1")
    assert (step.kind, step.element_id, step.user_task_id) == ("person", "approve", office.task("approve").id)
    office.do("xu.dan", user_tasks.complete, step.user_task_id, {"decision": "approve"})
    (job,) = office.do("li.na", waiting.waits, "CASE-1")
    assert (job.kind, job.element_id, job.name) == ("work", "pay", "tests.echo")
    office.do("admin", suspensions.suspend, instance, reason="audit")
    held = office.do("li.na", waiting.waits, "CASE-1")
    assert next((each.kind, each.detail) for each in held) == ("suspended", "audit")
    office.do("admin", suspensions.resume, instance, reason="done")
    office.work()
    assert office.do("li.na", waiting.waits, "CASE-1") == []
