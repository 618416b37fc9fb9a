"""Gateways: choosing and coming together."""

import pytest

from tests.bpmn.drawing import boundary, diagram, end, event, flow, flows, message, node, start, timer, user
from tests.bpmn.running import Story


def choice(kind: str, default: str = "") -> bytes:
    given = {"default": default} if default else {}
    return diagram(
        start(),
        node(kind, "g", **given),
        user("a"),
        user("b"),
        user("c"),
        flows("start g", "g c") if default else flows("start g"),
        flow("g", "a", '=contains(x, "a")'),
        flow("g", "b", '=contains(x, "b")'),
        "" if default else flow("g", "c", '=contains(x, "c")'),
    )


@pytest.mark.parametrize(("x", "reached"), [("a", ["a"]), ("ab", ["a"]), ("b", ["b"]), ("z", ["c"])])
def test_an_exclusive_gateway_takes_the_first_flow_that_holds(x, reached):
    assert Story(choice("exclusiveGateway", "g_c"), x=x).active == reached


@pytest.mark.parametrize(("x", "reached"), [("a", ["a"]), ("ab", ["a", "b"]), ("z", ["c"])])
def test_an_inclusive_gateway_takes_every_flow_that_holds(x, reached):
    assert Story(choice("inclusiveGateway", "g_c"), x=x).active == reached


@pytest.mark.parametrize("kind", ["exclusiveGateway", "inclusiveGateway"])
def test_no_condition_holds_and_no_default_is_an_incident_on_the_gateway(kind):
    story = Story(choice(kind), x="z", restore=True)
    assert [(i.element_id, i.kind) for i in story.incidents] == [("g", "no_flow")]
    story.execution.set_variables({"x": "b"})
    assert story.settle().retry("g").active == ["b"]


def test_a_condition_that_is_neither_true_nor_false_is_an_incident():
    story = Story(choice("exclusiveGateway", "g_c"))
    assert [(i.element_id, i.kind) for i in story.incidents] == [("g", "condition")]


def diamond(split: str, join: str) -> bytes:
    return diagram(
        start(),
        node(split, "split"),
        user("a"),
        user("b"),
        user("c"),
        node(join, "join"),
        user("after"),
        flows("start split a join after", "split b join", "split c join"),
    )


def test_a_parallel_join_waits_for_all():
    story = Story(diamond("parallelGateway", "parallelGateway"), restore=True)
    story.complete("c", c=1).complete("a", a=1)
    assert story.active == ["b", "join", "join"]
    assert story.complete("b", b=1).active == ["after"]
    assert story.variables == {"a": 1, "b": 1, "c": 1}


def test_a_parallel_join_takes_one_token_of_each_flow():
    """A second token on one flow does not stand in for a missing one."""
    body = (
        start(),
        user("a", completionQuantity="2"),
        user("b"),
        node("parallelGateway", "split"),
        node("parallelGateway", "join"),
        user("after"),
        flows("start split a join after", "split b join"),
    )
    story = Story(diagram(*body), restore=True).complete("a")
    assert story.active == ["b", "join", "join"]
    assert story.complete("b").active == ["after", "join"]


def inclusive() -> bytes:
    return diagram(
        start(),
        node("inclusiveGateway", "split"),
        user("a"),
        user("b"),
        user("c"),
        node("inclusiveGateway", "join"),
        user("after"),
        flows("start split", "a join after", "b join", "c join"),
        flow("split", "a", "=list contains(ways, &quot;a&quot;)"),
        flow("split", "b", "=list contains(ways, &quot;b&quot;)"),
        flow("split", "c", "=list contains(ways, &quot;c&quot;)"),
    )


def test_an_inclusive_join_waits_for_the_ways_that_were_taken():
    story = Story(inclusive(), ways=["a", "c"], restore=True).complete("a")
    assert story.active == ["c", "join"]
    assert story.complete("c").active == ["after"]


def test_an_inclusive_join_does_not_wait_for_one_way_alone():
    assert Story(inclusive(), ways=["b"]).complete("b").active == ["after"]


def test_an_inclusive_join_goes_on_when_the_other_branch_has_turned_away():
    body = (
        start(),
        node("parallelGateway", "split"),
        user("a"),
        user("b"),
        node("exclusiveGateway", "x", default="x_join"),
        end("away"),
        node("inclusiveGateway", "join"),
        user("after"),
        flows("start split a join after", "split b x join"),
        flow("x", "away", "=leave"),
    )
    story = Story(diagram(*body), restore=True, leave=True).complete("a")
    assert story.active == ["b", "join"]
    assert story.complete("b").active == ["after"]


def test_an_inclusive_join_waits_for_what_a_boundary_event_could_still_bring():
    body = (
        start(),
        node("inclusiveGateway", "split"),
        user("a"),
        user("b"),
        boundary("late", "b", timer("PT1H")),
        node("inclusiveGateway", "join"),
        user("after"),
        end("away"),
        flows("start split a join after", "split b away", "late join"),
    )
    story = Story(diagram(*body), restore=True).complete("a")
    assert story.active == ["b", "join"]
    assert story.wait(hours=1).active == ["after"]


def test_two_tokens_one_after_the_other_pass_an_exclusive_join_twice():
    story = Story(diamond("parallelGateway", "exclusiveGateway"))
    story.complete("a").complete("b").complete("c")
    assert story.active == ["after"] * 3


def complex_join() -> bytes:
    condition = "<bpmn:activationCondition>=activationCount &gt;= 2</bpmn:activationCondition>"
    return diagram(
        start(),
        node("parallelGateway", "split"),
        user("a"),
        user("b"),
        user("c"),
        node("complexGateway", "join", condition),
        user("after"),
        flows("start split a join after", "split b join", "split c join"),
    )


def test_a_complex_join_goes_on_once_its_condition_holds_and_takes_the_late_token_in():
    story = Story(complex_join(), restore=True).complete("a")
    assert story.active == ["b", "c", "join"]
    assert story.complete("c").active == ["after", "b"]
    assert story.complete("b").active == ["after"]
    assert story.complete("after").done


def waiting() -> bytes:
    return diagram(
        start(),
        node("eventBasedGateway", "g"),
        node("intermediateCatchEvent", "short", timer("PT10M")),
        node("intermediateCatchEvent", "long", timer("PT1H")),
        node("intermediateCatchEvent", "paid", event("message", messageRef="payment")),
        node("intermediateCatchEvent", "stop", event("signal", signalRef="halt")),
        user("after_short"),
        user("after_long"),
        user("after_paid"),
        user("after_stop"),
        flows("start g short after_short", "g long after_long", "g paid after_paid", "g stop after_stop"),
        top=message("payment") + node("signal", "halt", name="halt"),
    )


def test_two_timers_on_one_event_gateway_have_their_own_times():
    story = Story(waiting(), key="1", restore=True)
    assert story.wait(minutes=10).active == ["after_short"]
    assert story.wait(hours=2).active == ["after_short"]


def test_the_first_event_ends_the_waiting_for_the_others():
    story = Story(waiting(), key="1", restore=True).deliver("paid", amount=12)
    assert story.active == ["after_paid"]
    assert story.variables["amount"] == 12
    assert story.wait(days=1).active == ["after_paid"]
    assert story.taken == ["start_g", "g_paid", "paid_after_paid"]


def test_a_signal_decides_an_event_gateway():
    assert Story(waiting(), key="1").signal("halt").active == ["after_stop"]
