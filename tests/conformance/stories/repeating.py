"""Loops and multi-instance activities."""

from tests.bpmn.drawing import boundary, each, flows, script, start, subprocess, timer
from tests.conformance.drawn import Story, log
from tests.conformance.shapes import loop, story, times, user

COMPLETE_AFTER_ONE = "<bpmn:completionCondition>=numberOfCompletedInstances &gt; 0</bpmn:completionCondition>"


def _repeating() -> list[Story]:
    count = "=if n = null then 1 else n + 1"
    return [
        story("loop_maximum", start(), log("a", loop(loopMaximum="3")), flows("start a"), trace="a a a"),
        story(
            "loop_asks_first", start(), log("a", loop("=false", testBefore="true")), log("b"),
            flows("start a b"), trace="b",
        ),
        story(
            "loop_asks_after", start(), log("a", loop("=false", testBefore="false")), log("b"),
            flows("start a b"), trace="a b",
        ),
        story(
            "loop_condition_before_maximum", start(), script("a", count, "n", loop("=n &lt; 2", loopMaximum="5")),
            flows("start a"), trace="a a",
        ),
        story(
            "loop_of_a_subprocess", start(),
            subprocess("sub", start("in"), script("a", count, "n"), flows("in a"), loop("=n &lt; 3")), log("b"),
            flows("start sub b"), trace="a a a b",
        ),
        story("cardinality", start(), log("a", times("=1 + 2")), flows("start a"), trace="a a a"),
        story("cardinality_in_digits", start(), log("a", times("3", sequential=True)), flows("start a"), trace="a a a"),
        story("cardinality_of_none", start(), log("a", times("0")), log("b"), flows("start a b"), trace="b"),
        story(
            "completion_condition", start(),
            log("a", times("5", "=numberOfCompletedInstances >= 2", sequential=True)), log("b"),
            flows("start a b"), trace="a a b",
        ),
        story(
            "completion_condition_ends_the_rest", start(),
            subprocess("sub", start("in"), user("wait"), flows("in wait"),
                       each("=[1, 2]", COMPLETE_AFTER_ONE)),
            boundary("late", "sub", timer("PT2S")), log("cut"), flows("start sub", "late cut"), trace="cut",
        ),
    ]  # fmt: skip


STORIES = [*_repeating()]
