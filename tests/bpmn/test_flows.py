"""Sequence flows: which are taken, and that each is told exactly once."""

import pytest

from engine.bpmn import effects
from tests.bpmn.drawing import diagram, end, flow, flows, node, script, start, user
from tests.bpmn.running import Story


def test_a_flow_without_an_id_is_taken_and_named():
    body = start(), user("a"), '<bpmn:sequenceFlow sourceRef="start" targetRef="a"/>'
    story = Story(diagram(*body))
    assert story.active == ["a"]
    assert story.taken == ["flow:1"]


def test_an_activity_with_nothing_after_it_ends_the_process():
    story = Story(diagram(start(), user("a"), flows("start a"))).complete("a", x=1)
    assert story.done
    assert story.all(effects.ProcessCompleted)[0].variables == {"x": 1}


def test_several_flows_out_of_an_activity_are_a_split():
    story = Story(diagram(start(), user("a"), user("b"), user("c"), flows("start a b", "a c"))).complete("a")
    assert story.active == ["b", "c"]


def test_several_flows_into_an_activity_run_it_once_for_each_token():
    story = Story(diagram(start(), user("a"), user("b"), user("c"), flows("start a c", "start b c")))
    story.complete("a").complete("b")
    assert story.active == ["c", "c"]


@pytest.mark.parametrize(("amount", "reached"), [(150, ["big"]), (50, ["small"])])
def test_conditions_and_defaults_of_flows_that_leave_an_activity_decide(amount, reached):
    body = (
        start(),
        user("a", default="a_small"),
        user("big"),
        user("small"),
        flows("start a small"),
        flow("a", "big", "=amount &gt; 100"),
    )
    assert Story(diagram(*body)).complete("a", amount=amount).active == reached


def test_no_way_out_of_an_activity_is_an_incident_and_can_be_mended():
    body = (
        start(),
        user("a"),
        user("b"),
        user("c"),
        flows("start a"),
        flow("a", "b", "=x = 1"),
        flow("a", "c", "=x = 2"),
    )
    story = Story(diagram(*body), restore=True).complete("a", x=3)
    assert [(i.element_id, i.kind) for i in story.incidents] == [("a", "no_flow")]
    story.execution.set_variables({"x": 2})
    # What the person entered is kept: mending means changing the diagram or the result, not asking again.
    assert story.active == ["a"]


def test_elements_called_like_the_librarys_own_tasks_run():
    body = start("Start"), user("Root"), end("End"), flows("Start Root End")
    assert Story(diagram(*body, process="Process")).complete("Root").done


def test_every_flow_is_told_once_for_each_pass():
    body = (
        start(),
        node("parallelGateway", "split"),
        script("a", "=1", "a"),
        script("b", "=2", "b"),
        node("parallelGateway", "join"),
        end(),
        flows("start split a join end", "split b join"),
    )
    story = Story(diagram(*body))
    assert sorted(story.taken) == sorted(
        ["start_split", "split_a", "split_b", "a_join", "b_join", "join_end"]
    )


def test_completion_quantity_sends_as_many_tokens_and_start_quantity_waits_for_them():
    body = (
        start(),
        user("a", completionQuantity="2"),
        script("b", "=1", "b"),
        user("c", startQuantity="2"),
        flows("start a b c"),
    )
    story = Story(diagram(*body), restore=True).complete("a")
    assert (story.completed("b"), story.active) == (2, ["c"])
    assert story.complete("c").done
