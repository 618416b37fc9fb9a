"""What is drawn less often."""

from tests.bpmn.drawing import (
    boundary,
    condition,
    each,
    end,
    event,
    flow,
    flows,
    job,
    node,
    script,
    start,
    subprocess,
    timer,
)
from tests.conformance.drawn import SIGNAL, Story, log, process, publishing
from tests.conformance.shapes import catch, pause, story, throw, waits


def _unusual() -> list[Story]:
    ad_hoc = log("a") + log("b") + log("c")
    finished = "<bpmn:completionCondition>{}</bpmn:completionCondition>"
    one = (
        '<bpmn:multiInstanceLoopCharacteristics behavior="{}" {}EventRef="each_sig">'
        "<bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    )
    each_signal = SIGNAL + '<bpmn:signalEventDefinition id="each_sig" signalRef="sig"/>'

    def behaving(name: str, behavior: str, trace: str) -> Story:
        body = (
            start() + log("a", one.format(behavior, f"{behavior.lower()}Behavior"))
            + boundary("heard", "a", event("signal", signalRef="sig"), cancelActivity="false")
            + log("b") + log("after") + flows("start a after", "heard b")
        )  # fmt: skip
        return Story(name=name, xml=process(name, body, top=each_signal), trace=trace.split())

    return [
        story(
            "ad_hoc_all", start(), node("adHocSubProcess", "sub", ad_hoc), log("d"), flows("start sub d"),
            trace="a b c d",
        ),
        story(
            "ad_hoc_in_turn", start(), node("adHocSubProcess", "sub", ad_hoc, ordering="Sequential"), log("d"),
            flows("start sub d"), trace="a b c d",
        ),
        story(
            "ad_hoc_until", start(),
            node("adHocSubProcess", "sub", ad_hoc + finished.format("=log_b != null"), ordering="Sequential"),
            log("d"), flows("start sub d"), trace="a b d",
        ),
        behaving("a_signal_for_each", "None", "a a a after b b b"),
        behaving("a_signal_for_the_first", "One", "a a a after b"),
        story(
            "two_tokens_out", start(), log("a", completionQuantity="2"), log("b"), flows("start a b"),
            trace="a b b",
        ),
        story(
            "two_tokens_in", start(), node("parallelGateway", "split"), log("a"), log("b"), log("c", startQuantity="2"),
            flows("start split a c", "split b c"), trace="a b c",
        ),
        story(
            "cycles_of_an_event_subprocess", start(), pause("long", "PT7S"), flows("start long"),
            subprocess("esp", start("b", timer(cycle="R2/PT2S"), isInterrupting="false"), log("a"), flows("b a"),
                       triggeredByEvent="true"),
            trace="a a",
        ),
        story(
            "a_condition_in_the_flow", start(), node("parallelGateway", "split"), catch("until", condition("=x = 2")),
            log("a"), pause("soon"), script("set", "=2", "x"), flows("start split until a", "split soon set"),
            trace="a set",
        ),
        story(
            "an_event_subprocess_inside_a_subprocess", start(),
            subprocess("sub", start("in"), end("boom", event("error", errorRef="err")), flows("in boom"),
                       subprocess("esp", start("b", event("error", errorRef="err")), log("a"), flows("b a"),
                                  triggeredByEvent="true")),
            boundary("never", "sub", event("error", errorRef="err")), log("b_never"), log("after"),
            flows("start sub after", "never b_never"), trace="a after",
        ),
        story(
            "an_error_thrown_on_by_its_event_subprocess", start(),
            subprocess("sub", start("in"), end("boom", event("error", errorRef="err")), flows("in boom"),
                       subprocess("esp", start("b", event("error", errorRef="err")), log("a"),
                                  end("on", event("error", errorRef="err")), flows("b a on"), triggeredByEvent="true")),
            boundary("caught", "sub", event("error", errorRef="err")), log("outside"),
            flows("start sub", "caught outside"), trace="a outside",
        ),
        story(
            "an_interrupting_escalation_leaves_the_rest", start(),
            subprocess("sub", start("in"), throw("tell", event("escalation", escalationRef="esc")), log("never"),
                       flows("in tell never")),
            boundary("heard", "sub", event("escalation")), log("a"), flows("start sub", "heard a"), trace="a",
        ),
        story(
            "a_receive_task_with_a_deadline", start(), node("receiveTask", "take", messageRef="msg"),
            boundary("late", "take", timer("PT2S")), log("a"), log("b"), flows("start take a", "late b"), trace="b",
        ),
        story(
            "a_multi_instance_receive_task_hears_each_message", start(), node("parallelGateway", "both"),
            node("receiveTask", "take", each("=[1, 2]"), messageRef="msg"), log("a"),
            job("raise", type_="one_of_two"), flows("start both take a", "both raise"), trace="", outcome="waiting",
            **publishing("raise", "one_of_two", "msg"),
        ),
        story(
            "no_start_but_an_end", start(), subprocess("sub", log("a"), log("b")), log("c"), flows("start sub c"),
            trace="a b c",
        ),
        story(
            "a_transaction_that_is_not_cancelled", start(),
            node("transaction", "sub", start("in"), log("a"), end("out"), flows("in a out")),
            boundary("undo", "sub", event("cancel")), log("never"), log("after"), flows("start sub after", "undo never"),
            trace="a after",
        ),
        story(
            "interleaved_tokens_of_a_multi_merge", start(), node("parallelGateway", "split"), pause("p1", "PT1S"),
            pause("p2", "PT2S"), pause("p3", "PT3S"), node("exclusiveGateway", "merge"), log("a"),
            flows("start split p1 merge a", "split p2 merge", "split p3 merge"), trace="a a a",
        ),
        story(
            "a_subprocess_thrown_out_of_by_a_border_twice", start(), node("exclusiveGateway", "again"),
            script("n", "=if n = null then 1 else n + 1", "n"), subprocess("sub", waits(5)),
            boundary("late", "sub", timer("PT1S")), node("exclusiveGateway", "x", default="x_end"), end(),
            flows("start again n sub end", "late x end"), flow("x", "again", "=n &lt; 3"), trace="n n n",
        ),
    ]  # fmt: skip


STORIES = [*_unusual()]
