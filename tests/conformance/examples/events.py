"""Events in every place."""

from __future__ import annotations

from tests.bpmn.drawing import (
    boundary,
    condition,
    end,
    event,
    flows,
    job,
    node,
    start,
    subprocess,
    timer,
    zeebe,
)
from tests.conformance.examples.drawing import Example, drawn, in_a_flow
from tests.conformance.shapes import catch, throw

DEFINITIONS = {
    "message": event("message", messageRef="msg"),
    "timer": timer("PT1H"),
    "signal": event("signal", signalRef="sig"),
    "error": event("error", errorRef="err"),
    "escalation": event("escalation", escalationRef="esc"),
    "conditional": condition("=x &gt; 1"),
    "compensation": event("compensate"),
    "link": event("link", name="L"),
    "cancel": event("cancel"),
    "terminate": event("terminate"),
}
CAUGHT = [kind for kind in DEFINITIONS if kind not in ("link", "cancel", "terminate")]
SENT = zeebe("taskDefinition", type="send")
HANDLER = node("task", "undo", isForCompensation="true") + node(
    "association", "to_undo", sourceRef="x", targetRef="undo"
)
NOTES = {
    "message": "The oldest subscription of the key takes it; kept until it expires; a unique id deduplicates.",
    "signal": "Every instance that listens hears it.",
    "conditional": "Fires when the condition becomes true, again only after it was false.",
}


def _starts(kind: str) -> Example:
    note = {
        "message": "Begins the current version.",
        "timer": "Date, duration or cycle, from the deployment on.",
    }
    return drawn(
        f"start event: {kind}",
        start("x", DEFINITIONS[kind]),
        node("task", "a"),
        flows("x a"),
        note=note.get(kind, ""),
    )


def _event_subprocess(kind: str, interrupting: bool) -> Example:
    inner = (
        start("x", DEFINITIONS[kind], isInterrupting=str(interrupting).lower())
        + node("task", "a")
        + flows("x a")
    )
    outer = node("task", "b") + subprocess("esp", inner, triggeredByEvent="true")
    how = "interrupting" if interrupting else "not interrupting"
    return drawn(f"event sub-process: {kind}, {how}", start(), subprocess("sub", outer), flows("start sub"))


def _border(kind: str, interrupting: bool) -> Example:
    body = boundary("x", "a", DEFINITIONS[kind], cancelActivity=str(interrupting).lower())
    more = HANDLER if kind == "compensation" else node("task", "b") + flows("x b")
    how = "interrupting" if interrupting else "not interrupting"
    name = f"boundary event: {kind}" + ("" if kind == "compensation" else f", {how}")
    return drawn(name, start(), node("task", "a"), body, more, flows("start a"))


def _throws(kind: str) -> Example:
    sent = kind == "message"
    element = node("intermediateThrowEvent", "x", DEFINITIONS[kind], extensions=SENT if sent else "")
    return in_a_flow(
        f"intermediate throw event: {kind}", element, note="Sent by a service task." if sent else ""
    )


def _ends(kind: str) -> Example:
    element = node("endEvent", "x", DEFINITIONS[kind], extensions=SENT if kind == "message" else "")
    return drawn(f"end event: {kind}", start(), element, flows("start x"))


LINKED = (
    start()
    + throw("t", DEFINITIONS["link"])
    + catch("x", DEFINITIONS["link"])
    + node("task", "a")
    + flows("start t", "x a")
)
TRANSACTION = node("transaction", "sub", start("in"), end("stop", DEFINITIONS["cancel"]), flows("in stop"))
SEVERAL = DEFINITIONS["timer"] + DEFINITIONS["signal"]

SECTIONS = {
    "Start events": [
        drawn("start event: none", start("x"), node("task", "a"), flows("x a")),
        *(_starts(kind) for kind in ("message", "signal", "timer", "conditional")),
        drawn(
            "start event: multiple",
            start("x", SEVERAL),
            node("task", "a"),
            flows("x a"),
            note="The first begins it.",
        ),
        drawn(
            "start event: parallel multiple",
            start("x", SEVERAL, parallelMultiple="true"),
            node("task", "a"),
            flows("x a"),
        ),
        drawn(
            "several start events with events",
            start(),
            start("x", DEFINITIONS["message"]),
            node("task", "a"),
            flows("start a", "x a"),
        ),
        drawn(
            "several start events without an event",
            start(),
            start("x"),
            node("task", "a"),
            flows("start a", "x a"),
        ),
        drawn("no start event", node("task", "a"), note="Everything that nothing leads to begins."),
    ],
    "Event sub-processes": [
        *(
            _event_subprocess(kind, interrupting)
            for kind in CAUGHT
            for interrupting in (True, False)
            if interrupting or kind not in ("error", "compensation")
        ),
        _event_subprocess("error", False),
    ],
    "Boundary events": [
        *(
            _border(kind, interrupting)
            for kind in CAUGHT
            for interrupting in (True, False)
            if interrupting or kind not in ("error", "compensation")
        ),
        _border("error", False),
        drawn(
            "boundary event: cancel",
            start(),
            TRANSACTION,
            boundary("x", "sub", DEFINITIONS["cancel"]),
            node("task", "a"),
            flows("start sub", "x a"),
        ),
        drawn(
            "boundary event: multiple",
            start(),
            node("task", "a"),
            boundary("x", "a", SEVERAL),
            node("task", "b"),
            flows("start a", "x b"),
        ),
        drawn(
            "boundary event: parallel multiple",
            start(),
            node("task", "a"),
            boundary("x", "a", SEVERAL, parallelMultiple="true"),
            node("task", "b"),
            flows("start a", "x b"),
        ),
        drawn(
            "boundary event: timer cycle, not interrupting",
            start(),
            node("task", "a"),
            boundary("x", "a", timer(cycle="R3/PT1H"), cancelActivity="false"),
            node("task", "b"),
            flows("start a", "x b"),
            note="ISO 8601 cycles and cron.",
        ),
        drawn(
            "boundary event: timer cycle, interrupting",
            start(),
            node("task", "a"),
            boundary("x", "a", timer(cycle="R3/PT1H")),
            node("task", "b"),
            flows("start a", "x b"),
        ),
    ],
    "Intermediate events": [
        *(
            in_a_flow(
                f"intermediate catch event: {kind}", catch("x", DEFINITIONS[kind]), note=NOTES.get(kind, "")
            )
            for kind in ("message", "timer", "signal", "conditional")
        ),
        drawn("link, throw and catch", LINKED),
        in_a_flow("intermediate catch event: multiple", catch("x", SEVERAL), note="The first goes on."),
        in_a_flow(
            "intermediate catch event: parallel multiple", catch("x", SEVERAL, parallelMultiple="true")
        ),
        in_a_flow(
            "intermediate catch event: timer date",
            catch("x", timer(date="2026-12-24T18:00:00")),
            note="Without an offset it is meant in the business zone.",
        ),
        in_a_flow(
            "intermediate catch event: timer cycle",
            catch("x", timer(cycle="R3/PT1H")),
            note="A token each time.",
        ),
        in_a_flow("intermediate catch event: endless timer cycle", catch("x", timer(cycle="R/PT1H"))),
        in_a_flow("intermediate throw event: none", throw("x", "")),
        *(_throws(kind) for kind in ("message", "signal", "escalation", "compensation")),
        in_a_flow(
            "compensation that is not waited for", throw("x", event("compensate", waitForCompletion="false"))
        ),
        in_a_flow(
            "intermediate throw event: multiple",
            throw("x", DEFINITIONS["signal"] + DEFINITIONS["escalation"]),
        ),
    ],
    "End events": [
        drawn("end event: none", start(), end("x"), flows("start x")),
        *(_ends(kind) for kind in ("message", "signal", "error", "escalation", "compensation", "terminate")),
        drawn(
            "end event: cancel",
            start(),
            TRANSACTION,
            boundary("x", "sub", DEFINITIONS["cancel"]),
            node("task", "a"),
            flows("start sub", "x a"),
        ),
        drawn(
            "no end event", start(), job("x"), flows("start x"), note="A token ends where nothing leads on."
        ),
    ],
}
