"""What goes wrong stops one token, never the command, and can be tried again."""

from decimal import Decimal
from typing import Any

import pytest

from engine import bpmn
from engine.bpmn import effects
from tests.bpmn.drawing import (
    boundary,
    diagram,
    end,
    flow,
    flows,
    job,
    mappings,
    node,
    script,
    start,
    timer,
    user,
    zeebe,
)
from tests.bpmn.running import Story, World


def nested(depth: int) -> Any:
    return {"in": nested(depth - 1)} if depth else 1


def test_an_expression_that_fails_keeps_what_the_person_did():
    body = start(), user("a"), script("s", "=[1,2", "x"), user("b"), flows("start a s b")
    story = Story(diagram(*body), restore=True).complete("a", entered=5)
    assert [(i.element_id, i.kind) for i in story.incidents] == [("s", "expression")]
    assert story.completed("a") == 1
    assert story.variables == {"entered": 5}
    assert [(i.element_id, i.kind) for i in story.retry("s").incidents] == [("s", "expression")]


def test_other_branches_go_on():
    body = start(), user("b"), script("s", "=[1,2", "x"), flows("start s", "start b")
    assert Story(diagram(*body), restore=True).active == ["b", "s"]


def test_an_output_mapping_that_fails_is_tried_again_with_the_same_result():
    work = zeebe("ioMapping", zeebe("output", source="=order.number + [1,2", target="n"))
    story = Story(diagram(start(), user("a", extensions=work), flows("start a")), restore=True)
    story.complete("a", order={"number": 3})
    assert [(i.element_id, i.kind) for i in story.incidents] == [("a", "expression")]
    assert not story.all(effects.UserTaskCancelled)
    assert story.retry("a").incidents


def test_a_decision_that_fails_names_itself():
    def broken(variables):
        raise ValueError("no rule matched")

    rule = node(
        "businessRuleTask", "r", extensions=zeebe("calledDecision", decisionId="d", resultVariable="x")
    )
    world = World(d=broken)
    story = Story(diagram(start(), rule, user("b"), flows("start r b")), world=world, restore=True)
    assert [(i.kind, i.params["decision"]) for i in story.incidents] == [("decision", "d")]
    world.decisions["d"] = lambda variables: 1
    assert story.retry("r").variables == {"x": 1}


def test_a_boundary_timer_that_cannot_be_set_leaves_nothing_half_done():
    body = (
        start(),
        user("a", extensions=mappings(input=("=1", "local"))),
        boundary("t", "a", timer("=wait")),
        user("b"),
        flows("start a b", "t b"),
    )
    story = Story(diagram(*body), restore=True)
    assert [(i.element_id, i.kind) for i in story.incidents] == [("a", "timer")]
    assert not story.all(effects.UserTaskCreated)
    story.execution.set_variables({"wait": "PT1H"})
    story.settle().retry("a")
    assert len(story.all(effects.UserTaskCreated)) == len(story.all(effects.TimerStarted)) == 1
    assert len([e for e in story.all(effects.ElementActivated) if e.element_id == "a"]) == 1


def test_a_loop_without_a_rest_is_stopped():
    body = (
        start(),
        node("exclusiveGateway", "m"),
        script("s", "=n + 1", "n"),
        node("exclusiveGateway", "g", default="g_m"),
        end(),
        flows("start m s g m"),
        flow("g", "end", "=n &gt; 1000"),
    )
    story = Story(diagram(*body), n=0, limits=bpmn.Limits(steps=100), restore=True)
    (incident,) = story.incidents
    assert (incident.kind, incident.params["steps"]) == ("limit", 100)
    done = story.completed("s")
    story.execution.retry(incident.activity_id)
    assert story.settle().completed("s") > done


def test_ending_an_instance_cancels_everything_that_waits():
    body = start(), user("a"), boundary("t", "a", timer("PT1H")), job("b"), flows("start a", "start b", "t b")
    story = Story(diagram(*body), restore=True)
    story.execution.terminate()
    story.settle()
    assert story.done
    assert [e.element_id for e in story.all(effects.UserTaskCancelled)] == ["a"]
    assert [e.element_id for e in story.all(effects.JobCancelled)] == ["b"]
    assert len(story.all(effects.TimerCancelled)) == len(story.all(effects.ProcessTerminated)) == 1


def test_resolving_is_told():
    story = Story(diagram(start(), job("a"), flows("start a"))).throw("a", "X").retry("a")
    assert [e.element_id for e in story.all(effects.IncidentResolved)] == ["a"]


def test_a_result_that_cannot_be_stored_is_an_incident_not_a_broken_case():
    body = start(), user("a"), script("s", '="long: " + text', "x"), user("b"), flows("start a s b")
    story = Story(diagram(*body), limits=bpmn.Limits(result_bytes=100), restore=True).complete(
        "a", text="y" * 88
    )
    assert [(i.element_id, i.kind) for i in story.incidents] == [("s", "value")]
    story.execution.set_variables({"text": "short"})
    assert story.settle().retry("s").active == ["b"]


@pytest.mark.parametrize(
    "value", [object(), "y" * 200, Decimal(1), nested(400)], ids=["object", "long", "decimal", "deep"]
)
def test_variables_that_cannot_be_stored_are_refused_at_the_door(value):
    story = Story(diagram(start(), job("a"), flows("start a")), limits=bpmn.Limits(result_bytes=100))
    before = story.execution.dump()
    with pytest.raises(bpmn.UnstorableValue):
        story.execution.complete(story.activity("a"), {"x": value})
    assert story.execution.dump() == before
