"""Each kind of event on a border and before an event sub-process, interrupting and beside the flow."""

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
from tests.conformance.drawn import Story, log, process, publishing
from tests.conformance.shapes import pause, story, throw, user, waits

TRIGGERS = {
    "message": event("message", messageRef="msg"),
    "timer": timer("PT5S"),
    "signal": event("signal", signalRef="sig"),
    "error": event("error", errorRef="err"),
    "escalation": event("escalation", escalationRef="esc"),
    "conditional": condition("=x = 1"),
}


def _raising(kind: str) -> str:
    """Something inside the main flow that makes the trigger happen, and time to listen afterwards."""
    if kind == "error":
        return end("raise", event("error", errorRef="err")) + flows("start raise")
    raised = {
        "message": job("raise", type_="{name}_job"),
        "timer": pause("raise", "PT10S"),
        "signal": throw("raise", event("signal", signalRef="sig")),
        "escalation": throw("raise", event("escalation", escalationRef="esc")),
        "conditional": script("raise", "=1", "x"),
    }[kind]
    return raised + pause("rest") + log("went_on") + end() + flows("start raise rest went_on end")


def event_subprocess(kind: str, interrupting: bool) -> Story:
    name = f"event_subprocess_{kind}_{'interrupting' if interrupting else 'beside'}"
    begin = start("begin", TRIGGERS[kind], isInterrupting=str(interrupting).lower())
    inner = begin + log("caught") + end("done") + flows("begin caught done")
    body = start() + _raising(kind).format(name=name) + subprocess("esp", inner, triggeredByEvent="true")
    more = publishing("raise", f"{name}_job", "msg") if kind == "message" else {}
    tokens = ["caught"] if interrupting else ["caught", "went_on"]
    if kind == "conditional":
        tokens = [*tokens, "raise"]
    return Story(name=name, xml=process(name, body), trace=tokens, more=more)


def on_the_border(kind: str, interrupting: bool) -> Story:
    name = f"boundary_{kind}_{'interrupting' if interrupting else 'beside'}"
    inner = start() + _raising(kind).format(name=name)
    border = boundary("border", "sub", TRIGGERS[kind], cancelActivity=str(interrupting).lower())
    body = (
        start("first")
        + subprocess("sub", inner)
        + border
        + log("caught")
        + log("after")
        + flows("first sub after", "border caught")
    )
    more = publishing("raise", f"{name}_job", "msg") if kind == "message" else {}
    tokens = ["caught"] if interrupting else ["caught", "went_on", "after"]
    if kind == "conditional":
        tokens = [*tokens, "raise"]
    return Story(name=name, xml=process(name, body), trace=tokens, more=more)


def _catching() -> list[Story]:
    stories = [event_subprocess(kind, True) for kind in TRIGGERS] + [on_the_border(k, True) for k in TRIGGERS]
    beside = [kind for kind in TRIGGERS if kind != "error"]
    return stories + [event_subprocess(k, False) for k in beside] + [on_the_border(k, False) for k in beside]


def _boundaries() -> list[Story]:
    reminded = user("wait") + boundary("ring", "wait", timer(cycle="R3/PT2S"), cancelActivity="false")
    signals = (
        subprocess("sub", waits(9))
        + boundary("heard", "sub", event("signal", signalRef="sig"), cancelActivity="false")
        + throw("once", event("signal", signalRef="sig"))
        + pause("between")
        + throw("twice", event("signal", signalRef="sig"))
        + log("caught")
        + log("after")
    )
    several = subprocess("sub", waits(9), each("=[1, 2, 3]"))
    return [
        story(
            "repeated_reminders",
            start(),
            reminded,
            log("rung"),
            flows("start wait", "ring rung"),
            trace="rung rung rung",
            outcome="waiting",
        ),
        story(
            "signals_are_heard_each_time",
            start(),
            node("parallelGateway", "split"),
            pause("ready"),
            signals,
            flows("start split sub after", "split ready once between twice", "heard caught"),
            trace="caught caught after",
        ),
        story(
            "boundary_on_multi_instance",
            start(),
            several,
            boundary("late", "sub", timer("PT3S")),
            log("cut"),
            log("whole"),
            flows("start sub whole", "late cut"),
            trace="cut",
        ),
        story(
            "error_in_one_repetition_ends_all",
            start(),
            subprocess(
                "sub",
                start("in"),
                node("exclusiveGateway", "which", default="which_fine"),
                end("bad", event("error", errorRef="err")),
                log("fine"),
                flow("in", "which"),
                flow("which", "bad", "=item = 2"),
                flow("which", "fine"),
                each("=[1, 2, 3]", sequential=True),
            ),
            boundary("caught_it", "sub", event("error", errorRef="err")),
            log("mended"),
            flows("start sub", "caught_it mended"),
            trace="fine mended",
        ),
        story(
            "several_definitions_on_a_border",
            start(),
            subprocess("sub", waits(9)),
            boundary("any", "sub", timer("PT3S") + event("signal", signalRef="sig")),
            log("cut"),
            flows("start sub", "any cut"),
            trace="cut",
        ),
        story(
            "all_definitions_on_a_border",
            start(),
            node("parallelGateway", "split"),
            subprocess("sub", waits(9)),
            boundary("all", "sub", timer("PT3S") + event("signal", signalRef="sig"), parallelMultiple="true"),
            pause("ready"),
            throw("call", event("signal", signalRef="sig")),
            log("early"),
            log("cut"),
            flows("start split sub", "split ready call early", "all cut"),
            trace="early cut",
        ),
        story(
            "nearest_catches_the_code_it_names",
            start(),
            subprocess(
                "outer",
                start("o"),
                subprocess(
                    "inner", start("i"), end("boom", event("error", errorRef="other")), flows("i boom")
                ),
                boundary("wrong_code", "inner", event("error", errorRef="err")),
                log("inside"),
                flows("o inner", "wrong_code inside"),
            ),
            boundary("right_code", "outer", event("error")),
            log("outside"),
            flows("start outer", "right_code outside"),
            trace="outside",
        ),
    ]


STORIES = [*_catching(), *_boundaries()]
