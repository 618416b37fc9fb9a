"""Repeated activities."""

import pytest

from engine import bpmn
from engine.bpmn import effects
from tests.bpmn.drawing import (
    diagram,
    each,
    event,
    flows,
    job,
    mappings,
    node,
    script,
    start,
    subprocess,
    user,
)
from tests.bpmn.running import Story

COLLECT = {"outputCollection": "answers", "outputElement": "=answer"}


def over(task: str) -> bytes:
    return diagram(start(), task, user("after"), flows("start a after"))


def ids(story: Story, element: str = "a") -> list[int]:
    return [
        x.id for x in story.execution.active() if x.element_id == element and x.element_type == "userTask"
    ]


def test_in_parallel_every_item_has_its_own_variables_and_its_place_in_the_results():
    story = Story(over(user("a", each("=names", **COLLECT))), names=["x", "y", "z"], restore=True)
    offered = story.all(effects.UserTaskCreated)
    assert [(t.variables["item"], t.variables["loopCounter"]) for t in offered] == [
        ("x", 1),
        ("y", 2),
        ("z", 3),
    ]
    activated = [e for e in story.all(effects.ElementActivated) if e.element_type == "userTask"]
    assert [(e.loop_index, e.loop_total) for e in activated] == [(1, 3), (2, 3), (3, 3)]
    first, second, third = ids(story)
    story.complete("a", third, answer=30).complete("a", first, answer=10)
    assert len(ids(story)) == 1
    story.complete("a", second, answer=20)
    assert story.active == ["after"]
    assert story.variables == {"names": ["x", "y", "z"], "answers": [10, 20, 30]}


def test_one_after_the_other_each_sees_what_the_one_before_left():
    story = Story(
        over(script("a", "=sum + item", "sum", each("=[1, 2, 3]", sequential=True))), sum=0, restore=True
    )
    assert story.variables == {"sum": 6}


def test_one_after_the_other_offers_one_at_a_time():
    story = Story(over(user("a", each("=[1, 2]", sequential=True, **COLLECT))), restore=True)
    assert len(ids(story)) == 1
    story.complete("a", ids(story)[0], answer="p")
    assert story.complete("a", ids(story)[0], answer="q").variables["answers"] == ["p", "q"]


@pytest.mark.parametrize("sequential", [False, True])
def test_an_empty_collection_is_passed_at_once(sequential):
    story = Story(over(user("a", each("=[]", sequential=sequential, **COLLECT))), restore=True)
    assert (story.active, story.variables) == (["after"], {"answers": []})


@pytest.mark.parametrize("sequential", [False, True])
def test_null_is_an_item_like_any_other(sequential):
    story = Story(over(user("a", each("=[null, 1]", sequential=sequential, **COLLECT))), restore=True)
    for _ in range(2):
        story.complete("a", ids(story)[0], answer=None)
    assert story.variables == {"answers": [None, None]}


def test_one_after_the_other_without_outputs_runs():
    story = Story(over(job("a", each("=[1, 2]", sequential=True))), restore=True)
    for _ in range(2):
        story.complete("a", next(x.id for x in story.execution.active() if x.element_type == "serviceTask"))
    assert story.active == ["after"]


def test_the_completion_condition_sees_all_results_so_far_and_ends_the_rest():
    enough = "<bpmn:completionCondition>=count(answers[item = true]) &gt;= 2</bpmn:completionCondition>"
    story = Story(over(user("a", each("=[1, 2, 3, 4]", enough, **COLLECT))), restore=True)
    one, two, three, _ = ids(story)
    story.complete("a", one, answer=True).complete("a", two, answer=False)
    assert len(ids(story)) == 2
    story.complete("a", three, answer=True)
    assert story.active == ["after"]
    assert story.variables == {"answers": [True, False, True, None]}
    assert len(story.all(effects.UserTaskCancelled)) == 1


def test_a_number_of_times_instead_of_a_collection():
    times = node("multiInstanceLoopCharacteristics", "mi", "<bpmn:loopCardinality>=n</bpmn:loopCardinality>")
    assert len(ids(Story(over(user("a", times)), n=3))) == 3


def test_a_collection_that_is_no_list_is_an_incident_on_the_activity():
    story = Story(over(user("a", each("=names"))), names="x", restore=True)
    assert [(i.element_id, i.kind) for i in story.incidents] == [("a", "collection")]
    story.execution.set_variables({"names": ["x"]})
    assert len(ids(story.settle().retry("a"))) == 1


def test_too_many_repetitions_are_an_incident_and_no_hang():
    story = Story(over(user("a", each("=for i in 1..50 return i"))), limits=bpmn.Limits(repetitions=10))
    assert [(i.kind, i.params["repetitions"]) for i in story.incidents] == [("limit", 50)]


def test_parallel_repetitions_that_contradict_each_other_are_told_apart_by_a_collection():
    story = Story(over(user("a", each("=[1, 2]"))), restore=True)
    one, two = ids(story)
    story.complete("a", one, answer=1).complete("a", two, answer=2)
    assert [(i.kind, i.params["variable"]) for i in story.incidents] == [("conflict", "answer")]


def test_a_repeated_subprocess_keeps_its_item_to_itself():
    inner = subprocess(
        "a", each("=[1, 2]", **COLLECT), start("s"), script("b", "=item * 10", "answer"), flows("s b")
    )
    story = Story(over(inner), restore=True)
    assert story.variables == {"answers": [10, 20]}
    assert story.completed("b") == 2


def test_input_mappings_are_evaluated_for_every_item():
    work = mappings(input=("=item.sku", "sku"))
    story = Story(over(job("a", each("=items"), extensions=work)), items=[{"sku": "A"}, {"sku": "B"}])
    assert [j.inputs["sku"] for j in story.all(effects.JobCreated)] == ["A", "B"]


def test_a_signal_after_each_repetition():
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true" behavior="None" noneBehaviorEventRef="each">'
        "<bpmn:loopCardinality>=3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    )
    top = node("signal", "s", name="done") + event("signal", id="each", signalRef="s")
    xml = diagram(start(), script("a", "=1", "x", loop), user("after"), flows("start a after"), top=top)
    assert [e.name for e in Story(xml).all(effects.SignalThrown)] == ["done"] * 3


def standard(condition: str = "", **attributes: str) -> str:
    inside = f"<bpmn:loopCondition>{condition}</bpmn:loopCondition>" if condition else ""
    return node("standardLoopCharacteristics", "lc", inside, **attributes)


@pytest.mark.parametrize(("n", "runs"), [(0, 3), (2, 1), (5, 1)])
def test_a_standard_loop_repeats_while_its_condition_holds(n, runs):
    story = Story(over(script("a", "=n + 1", "n", standard("=n &lt; 3"))), n=n, restore=True)
    assert (story.completed("a"), story.active) == (runs, ["after"])


def test_a_standard_loop_may_ask_first_and_has_a_maximum():
    asks = over(script("a", "=n + 1", "n", standard("=n &lt; 3", testBefore="true")))
    assert Story(asks, n=5).completed("a") == 0
    assert Story(over(script("a", "=n + 1", "n", standard("=true", loopMaximum="4"))), n=0).variables == {
        "n": 4
    }
