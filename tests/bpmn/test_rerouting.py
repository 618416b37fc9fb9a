"""A token sent another way: beside others, in repetitions, in and out of sub-processes."""

import pytest

from engine.bpmn import CannotReroute
from tests.bpmn.drawing import diagram, each, end, flows, node, start, subprocess, user
from tests.bpmn.running import Story

PARALLEL = diagram(
    start(),
    node("parallelGateway", "fork"),
    user("a"),
    user("a2"),
    user("b"),
    node("parallelGateway", "join"),
    user("last"),
    end(),
    flows("start fork a a2 join last end", "fork b join"),
)


def at(story, element):
    return next(each.id for each in story.execution.active() if each.element_id == element)


def test_beside_other_branches_a_step_of_the_same_branch_can_take_over_and_the_join_still_counts():
    story = Story(PARALLEL)
    story.complete("a", x=1)
    story.execution.reroute(at(story, "a2"), "a", {})
    assert sorted(story.active) == ["a", "b"]
    story.complete("a", x=2).complete("a2").complete("b")
    assert story.active == ["last"]
    assert story.execution.variables()["x"] == 2


@pytest.mark.parametrize("to", ["b", "join", "last", "fork", "start", "nowhere"])
def test_what_would_leave_the_join_waiting_is_refused(to):
    story = Story(PARALLEL)
    with pytest.raises(CannotReroute):
        story.execution.reroute(at(story, "a"), to, {})
    assert sorted(story.active) == ["a", "b"]


def test_a_branch_is_skipped_up_to_the_join():
    story = Story(PARALLEL)
    story.execution.skip(at(story, "b"), {"y": 1})
    story.complete("a").complete("a2")
    assert story.active == ["last"]
    assert story.execution.variables()["y"] == 1


def test_a_repetition_is_skipped_but_not_replaced():
    story = Story(diagram(start(), user("a", each("=[1, 2]")), user("b"), flows("start a b")))
    inner = [each.id for each in story.execution.active()]
    with pytest.raises(CannotReroute, match="repetitions"):
        story.execution.reroute(inner[-1], "b", {})
    story.execution.skip(inner[-1], {})
    story.complete("a", inner[-2])
    assert story.active == ["b"]


def test_a_subprocess_is_skipped_with_everything_inside():
    inside = (start("s"), user("a"), end("e"), flows("s a e"))
    story = Story(diagram(start(), subprocess("sub", *inside), user("b"), flows("start sub b")))
    with pytest.raises(CannotReroute, match="another part"):
        story.execution.reroute(at(story, "a"), "b", {})
    story.execution.skip(at(story, "sub"), {"z": 3})
    assert story.active == ["b"]
    assert story.execution.variables()["z"] == 3
