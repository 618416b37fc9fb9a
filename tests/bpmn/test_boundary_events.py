"""Boundary events."""

from datetime import timedelta

from engine.bpmn import effects
from tests.bpmn.drawing import (
    boundary,
    condition,
    diagram,
    each,
    event,
    flows,
    job,
    message,
    node,
    start,
    subprocess,
    timer,
    user,
)
from tests.bpmn.running import START, Story


def reminded(kind: str, *, interrupting: bool, top: str = "", host: str | None = None) -> bytes:
    on_border = boundary("ring", "a", kind, cancelActivity=str(interrupting).lower())
    body = start(), host or user("a"), on_border, job("remind"), user("b"), flows("start a b", "ring remind")
    return diagram(*body, top=top)


def test_an_interrupting_timer_cancels_the_activity():
    story = Story(reminded(timer("PT24H"), interrupting=True), restore=True)
    assert story.all(effects.TimerStarted)[0].due_at == START + timedelta(hours=24)
    assert story.wait(hours=24).active == ["remind"]
    assert [e.element_id for e in story.all(effects.UserTaskCancelled)] == ["a"]
    assert story.taken == ["start_a", "ring_remind"]


def test_completing_the_activity_takes_its_timer_away():
    story = Story(reminded(timer("PT24H"), interrupting=True), restore=True).complete("a")
    assert len(story.all(effects.TimerCancelled)) == 1
    assert story.wait(days=2).active == ["b"]


def test_a_cycle_fires_as_often_as_it_says_beside_the_activity():
    story = Story(reminded(timer(cycle="R3/PT1H"), interrupting=False), restore=True).wait(hours=10)
    assert story.active == ["a", "remind", "remind", "remind"]
    assert [t.repetitions for t in story.all(effects.TimerStarted)] == []
    story.complete("a")
    assert story.active == ["b", "remind", "remind", "remind"]


def test_reminders_go_on_after_the_activity_is_done():
    """The library deletes what a cycle created when its host completes."""
    story = (
        Story(reminded(timer(cycle="R/PT1H"), interrupting=False), restore=True).wait(hours=2).complete("a")
    )
    assert story.active == ["b", "remind", "remind"]
    assert story.wait(hours=5).active == ["b", "remind", "remind"]


def test_a_message_beside_the_activity_is_heard_each_time():
    xml = reminded(event("message", messageRef="m"), interrupting=False, top=message("m"))
    story = Story(xml, key="1", restore=True).deliver("ring").deliver("ring")
    assert story.active == ["a", "remind", "remind"]


def test_a_signal_interrupts():
    xml = reminded(event("signal", signalRef="s"), interrupting=True, top=node("signal", "s", name="halt"))
    assert Story(xml, restore=True).signal("halt", by="boss").active == ["remind"]


def test_a_condition_fires_when_it_becomes_true_and_not_while_it_stays_true():
    xml = reminded(condition("=level &gt; 3"), interrupting=False)
    story = Story(xml, level=1, restore=True)
    story.execution.set_variables({"level": 5})
    story.settle().execution.set_variables({"level": 6})
    assert story.settle().active == ["a", "remind"]


def test_an_interrupting_timer_on_a_multi_instance_subprocess_ends_all_of_it():
    inner = subprocess("a", each("=[1, 2]"), start("s"), user("u"), flows("s u"))
    story = Story(reminded(timer("PT1H"), interrupting=True, host=inner), restore=True)
    assert story.active == ["a", "a", "a", "u", "u"]
    assert story.wait(hours=1).active == ["remind"]


def test_what_an_interrupted_subprocess_wrote_so_far_is_kept():
    inner = subprocess("a", start("s"), user("u"), user("v"), flows("s u v"))
    story = Story(reminded(timer("PT1H"), interrupting=True, host=inner), restore=True).complete("u", x=1)
    assert story.wait(hours=1).variables == {"x": 1}


def test_the_nearest_border_that_means_the_error_catches_it():
    inner = subprocess(
        "a",
        start("s"),
        job("u"),
        boundary("near", "u", event("error", errorRef="one")),
        user("fix"),
        flows("s u", "near fix"),
    )
    xml = reminded(event("error"), interrupting=True, host=inner, top=node("error", "one", errorCode="ONE"))
    assert Story(xml, restore=True).throw("u", "ONE").active == ["a", "fix"]
    assert Story(xml, restore=True).throw("u", "TWO").active == ["remind"]
