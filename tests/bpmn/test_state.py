"""State as bytes, and the specification that all instances share."""

import pytest

from engine import bpmn
from engine.bpmn.blob import UnreadableState
from engine.bpmn.compiler import compiled
from tests.bpmn.drawing import diagram, end, flow, flows, node, start, user
from tests.bpmn.running import Story, World

LOOP = diagram(
    start(),
    node("exclusiveGateway", "m"),
    user("a"),
    user("b"),
    node("exclusiveGateway", "g", default="g_end"),
    end(),
    flows("start m a b g end"),
    flow("g", "m", "=again"),
)


def test_the_same_inputs_give_the_same_bytes_and_ids():
    def run() -> Story:
        return Story(LOOP, again=True).complete("a").complete("b").complete("a")

    assert run().execution.dump() == run().execution.dump()
    assert run().log == run().log


def test_an_instance_stays_small_however_often_it_loops():
    """The library keeps every finished task and reports an instance completed at depth 1000."""
    story = Story(LOOP, again=True, restore=True)
    for _ in range(1100):
        story.complete("a").complete("b")
        story.log.clear()
    assert story.active == ["a"]
    assert len(story.execution.dump()) < 400
    assert len(story.execution._instance.tasks) == 2


def test_bytes_that_are_no_state_are_refused():
    process = bpmn.parse(LOOP).processes["p"]
    with pytest.raises(UnreadableState):
        bpmn.Execution.load(process, b"rubbish", World())


def test_a_state_of_another_diagram_is_refused():
    state = Story(LOOP, again=True).execution.dump()
    other = bpmn.parse(diagram(start(), user("x"), flows("start x"))).processes["p"]
    with pytest.raises(UnreadableState):
        bpmn.Execution.load(other, state, World())


def test_the_shared_specification_cannot_be_changed():
    spec = compiled(bpmn.parse(LOOP).processes["p"]).task_specs["a"]
    with pytest.raises(AttributeError):
        spec.flows = ()


def test_a_process_is_compiled_once():
    process = bpmn.parse(LOOP).processes["p"]
    assert compiled(process) is compiled(process)


def test_names_from_pythons_underside_are_plain_variables():
    story = Story(diagram(start(), user("a"), user("b"), flows("start a b")), restore=True)
    story.execution.complete(story.activity("a"), {"__builtins__": 1, "self": 2, "data": 3})
    assert story.settle().variables == {"__builtins__": 1, "self": 2, "data": 3}


def test_a_process_that_only_an_event_starts_says_so():
    by_signal = diagram(
        start("s", '<bpmn:signalEventDefinition signalRef="x"/>'),
        user("a"),
        flows("s a"),
        top='<bpmn:signal id="x" name="x"/>',
    )
    with pytest.raises(LookupError):
        Story(by_signal)
    assert Story(by_signal, start_event="s").active == ["a"]
