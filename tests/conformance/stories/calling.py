"""Called processes."""

from tests.bpmn.drawing import boundary, each, end, event, flow, flows, node, script, start, subprocess, timer
from tests.conformance.drawn import Story, log, process, processes
from tests.conformance.shapes import pause, user


def _calls() -> list[Story]:
    call = node("callActivity", "call", calledElement="{name}_called")

    def calling(name: str, caller: str, called: str, trace: str, **more: object) -> Story:
        xml = processes(**{name: caller.replace("{name}", name), f"{name}_called": called})
        return Story(name=name, xml=xml, trace=trace.split(), more=dict(more))

    fails = start("in") + end("boom", event("error", errorRef="err")) + flows("in boom")
    escalates = start("in") + end("tell", event("escalation", escalationRef="esc")) + flows("in tell")
    works = start("in") + log("inside") + flows("in inside")
    ends_all = (
        start("in") + node("parallelGateway", "split") + user("wait") + pause("soon")
        + end("all", event("terminate")) + flows("in split wait", "split soon all")
    )  # fmt: skip
    recursive = (
        start() + script("a", "=if n = null then 1 else n + 1", "n")
        + node("exclusiveGateway", "again", default="again_end") + end()
        + node("callActivity", "call", calledElement="recursion") + log("back")
        + flow("start", "a") + flow("a", "again") + flow("again", "call", "=n &lt; 3") + flow("again", "end")
        + flow("call", "back")
    )  # fmt: skip
    return [
        calling("called", start() + call + log("b") + flows("start call b"), works, "inside b"),
        calling(
            "error_of_a_called_process",
            start() + call + boundary("caught", "call", event("error", errorRef="err")) + log("mended") + log("no")
            + flows("start call no", "caught mended"), fails, "mended",
        ),
        calling(
            "error_of_a_called_process_in_an_event_subprocess",
            start() + call + log("no") + flows("start call no")
            + subprocess("esp", start("b", event("error")), log("mended"), flows("b mended"), triggeredByEvent="true"),
            fails, "mended",
        ),
        calling(
            "escalation_of_a_called_process",
            start() + call + boundary("heard", "call", event("escalation", escalationRef="esc"), cancelActivity="false")
            + log("noted") + log("b") + flows("start call b", "heard noted"), escalates, "noted b",
        ),
        calling("termination_stays_inside", start() + call + log("b") + flows("start call b"), ends_all, "b"),
        calling(
            "a_timer_ends_a_called_process",
            start() + call + boundary("late", "call", timer("PT3S")) + log("cut") + flows("start call", "late cut"),
            start("in") + user("wait") + flows("in wait"), "cut",
        ),
        calling(
            "called_once_for_each",
            start() + node("callActivity", "call", each("=[1, 2, 3]"), calledElement="called_once_for_each_called")
            + log("b") + flows("start call b"), works, "inside inside inside b",
        ),
        calling(
            "called_for_each_in_turn",
            start()
            + node("callActivity", "call", each("=[1, 2]", sequential=True), calledElement="called_for_each_in_turn_called")
            + log("b") + flows("start call b"), works, "inside inside b",
        ),
        Story(name="recursion", xml=process("recursion", recursive), trace=["a", "a", "a", "back", "back"]),
        Story(
            name="a_global_task",
            xml=process(
                "a_global_task", start(), node("callActivity", "call", calledElement="glob"), log("b"),
                flows("start call b"), top=node("globalTask", "glob"),
            ),
            trace=["b"],
        ),
    ]  # fmt: skip


STORIES = [*_calls()]
