"""Each rule by a pair: a diagram that breaks it, with the element to be named, and its twin that does not."""

from tests.bpmn.drawing import (
    boundary,
    condition,
    diagram,
    each,
    end,
    event,
    flow,
    flows,
    job,
    mappings,
    message,
    node,
    script,
    start,
    subprocess,
    timer,
    user,
    zeebe,
)

SIGNAL = node("signal", "sig", name="sig")
LINE = start() + user("a") + end() + flows("start a end")


def around(task: str, *more: str, top: str = "") -> bytes:
    """Start, the element ``x``, end."""
    return diagram(start(), task, end(), flows("start x end"), *more, top=top)


def catching(definition: str, top: str = "") -> bytes:
    return around(node("intermediateCatchEvent", "x", definition), top=top)


def throwing(definition: str, top: str = "", extensions: str = "") -> bytes:
    return around(node("intermediateThrowEvent", "x", definition, extensions=extensions), top=top)


def on_border(definition: str, top: str = "", **attributes: str) -> bytes:
    return diagram(LINE, boundary("x", "a", definition, **attributes), user("b"), flow("x", "b"), top=top)


def beside(*inside: str, top: str = "") -> bytes:
    return diagram(LINE, subprocess("x", *inside, triggeredByEvent="true"), top=top)


def choosing(*targets: str, more: str = "", top: str = "") -> bytes:
    drawn = "".join(flow("g", f"t{i}") for i in range(len(targets)))
    return diagram(
        start(), node("eventBasedGateway", "g"), flow("start", "g"), *targets, drawn, more, top=top
    )


WAIT = timer("PT1H")
T0 = node("intermediateCatchEvent", "t0", WAIT)
T1 = node("intermediateCatchEvent", "t1", event("signal", signalRef="sig"))
UNDONE = boundary("x", "a", event("compensate")) + user("undo", isForCompensation="true")
TIED = '<bpmn:association id="as" sourceRef="x" targetRef="undo"/>'
JOB = zeebe("taskDefinition", type="send")

PAIRS = {
    # references
    "duplicate_id": ("a", diagram(LINE, user("a")), diagram(LINE)),
    "dangling_reference": ("f", diagram(LINE, flow("a", "nowhere", id_="f")), diagram(LINE)),
    "wrong_reference": (
        "f",
        diagram(LINE, '<bpmn:textAnnotation id="note"/>', flow("a", "note", id_="f")),
        diagram(LINE, '<bpmn:textAnnotation id="note"/>'),
    ),
    "borrowed_definition": (
        "s",
        diagram(
            start("s", "<bpmn:eventDefinitionRef>d</bpmn:eventDefinitionRef>"),
            node("intermediateThrowEvent", "t", event("signal", id="d", signalRef="sig")),
            flows("s t"),
            top=SIGNAL,
        ),
        diagram(
            start("s", "<bpmn:eventDefinitionRef>d</bpmn:eventDefinitionRef>"),
            user("t"),
            flows("s t"),
            top=SIGNAL + event("signal", id="d", signalRef="sig"),
        ),
    ),
    "loose_flow": ("f", diagram(LINE, '<bpmn:sequenceFlow id="f" sourceRef="a"/>'), diagram(LINE)),
    # scopes
    "nothing_executable": ("p", diagram(LINE).replace(b'isExecutable="true"', b""), diagram(LINE)),
    "empty_scope": ("x", around(subprocess("x")), around(subprocess("x", user("u")))),
    "choreography": ("c", diagram(LINE, '<bpmn:choreographyTask id="c"/>'), diagram(LINE)),
    "event_subprocess_start": (
        "x",
        beside(user("u")),
        beside(start("s", event("signal", signalRef="sig")), user("u"), flows("s u"), top=SIGNAL),
    ),
    "several_starts": ("s2", diagram(LINE, start("s2"), flow("s2", "a")), diagram(LINE)),
    "end_without_start": ("p", diagram(user("a"), end(), flows("a end")), diagram(user("a"))),
    "unreachable": ("b", diagram(LINE, user("b"), flow("b", "end")), diagram(LINE)),
    "no_start": (
        "p",
        diagram(user("a"), user("b"), flows("a b a")),
        diagram(user("a"), user("b"), flows("a b")),
    ),
    "ad_hoc_event": (
        "s",
        around(node("adHocSubProcess", "x", start("s"), user("u"))),
        around(node("adHocSubProcess", "x", user("u"))),
    ),
    # flows
    "crosses_border": (
        "f",
        around(subprocess("x", user("u")), flow("start", "u", id_="f")),
        around(subprocess("x", user("u"))),
    ),
    "incoming_flow": ("start", diagram(LINE, flow("a", "start")), diagram(LINE)),
    "outgoing_flow": ("end", diagram(LINE, flow("end", "a")), diagram(LINE)),
    "foreign_default": (
        "a",
        diagram(start(), user("a", default="start_a"), flows("start a")),
        diagram(
            start(), user("a", default="a_b"), user("b"), user("c"), flows("start a b"), flow("a", "c", "=x")
        ),
    ),
    "only_way_conditional": (
        "a",
        diagram(start(), user("a"), user("b"), flows("start a"), flow("a", "b", "=x")),
        diagram(start(), user("a"), user("b"), user("c"), flows("start a c"), flow("a", "b", "=x")),
    ),
    "condition_after_event_gateway": (
        "g_t0",
        choosing(
            T1.replace("t1", "t9"), more=T0 + flow("g", "t0", "=x") + flow("g", "t9"), top=SIGNAL
        ).replace(b'<bpmn:sequenceFlow id="g_t0" sourceRef="g" targetRef="t0"></bpmn:sequenceFlow>', b""),
        choosing(T0, T1, top=SIGNAL),
    ),
    "condition_after_event": (
        "start_b",
        diagram(start(), user("a"), user("b"), flow("start", "a"), flow("start", "b", "=x")),
        diagram(start(), user("a"), user("b"), flow("start", "a"), flow("start", "b")),
    ),
    # gateways
    "unconnected_gateway": (
        "x",
        diagram(LINE, node("parallelGateway", "x")),
        around(node("parallelGateway", "x")),
    ),
    "missing_condition": (
        "x_b",
        around(node("exclusiveGateway", "x", default="x_end"), user("b"), flow("x", "b")),
        around(node("exclusiveGateway", "x", default="x_end"), user("b"), flow("x", "b", "=y")),
    ),
    "missing_activation_condition": (
        "x",
        diagram(start(), node("complexGateway", "x"), user("a"), flows("start x", "start a x")),
        diagram(
            start(),
            node("complexGateway", "x", "<bpmn:activationCondition>=true</bpmn:activationCondition>"),
            user("a"),
            flows("start x", "start a x"),
        ),
    ),
    "unsupported_event_gateway": (
        "g",
        choosing(T0, T1, top=SIGNAL).replace(b'id="g"', b'id="g" instantiate="true"'),
        choosing(T0, T1, top=SIGNAL),
    ),
    "event_gateway_choice": ("g", choosing(T0), choosing(T0, T1, top=SIGNAL)),
    "event_gateway_target": ("t1", choosing(T0, user("t1")), choosing(T0, T1, top=SIGNAL)),
    "event_gateway_other_way": (
        "t1",
        choosing(T0, T1, more=flow("start", "t1"), top=SIGNAL),
        choosing(T0, T1, top=SIGNAL),
    ),
    "mixed_event_gateway": (
        "g",
        choosing(
            node("receiveTask", "t0", messageRef="m"),
            node("intermediateCatchEvent", "t1", event("message", messageRef="m")),
            top=message("m"),
        ),
        choosing(T0, node("receiveTask", "t1", messageRef="m"), top=message("m")),
    ),
    # events
    "illegal_event": ("x", catching(event("terminate")), catching(WAIT)),
    "event_not_run": (
        "s",
        diagram(start("s", condition("=x")), user("a"), flows("s a")),
        diagram(start("s", event("signal", signalRef="sig")), user("a"), flows("s a"), top=SIGNAL),
    ),
    "event_without_definition": ("x", on_border(""), on_border(WAIT)),
    "mixed_definitions": (
        "x",
        throwing(event("link", name="l") + event("signal", signalRef="sig"), SIGNAL),
        throwing(event("signal", signalRef="sig") * 2, SIGNAL),
    ),
    "must_interrupt": (
        "x",
        on_border(event("error"), cancelActivity="false"),
        on_border(event("error"), cancelActivity="true"),
    ),
    "parallel_multiple": (
        "x",
        on_border(WAIT + event("escalation"), parallelMultiple="true"),
        on_border(WAIT + event("signal", signalRef="sig"), SIGNAL, parallelMultiple="true"),
    ),
    "compensation_of_a_process": (
        "c",
        beside(start("c", event("compensate")), user("b"), flow("c", "b")),
        diagram(
            start(),
            subprocess(
                "sub",
                user("a"),
                subprocess(
                    "x",
                    start("c", event("compensate")),
                    user("b"),
                    flow("c", "b"),
                    triggeredByEvent="true",
                ),
            ),
            flow("start", "sub"),
        ),
    ),
    "not_attached": ("x", diagram(LINE, node("boundaryEvent", "x", WAIT)), on_border(WAIT)),
    "cancel_outside_transaction": ("x", on_border(event("cancel")), on_border(event("error"))),
    "message_missing": (
        "x",
        catching(event("message")),
        catching(event("message", messageRef="m"), message("m")),
    ),
    "signal_missing": ("x", throwing(event("signal")), throwing(event("signal", signalRef="sig"), SIGNAL)),
    "escalation_code_missing": (
        "x",
        throwing(event("escalation", escalationRef="e"), node("escalation", "e")),
        throwing(event("escalation", escalationRef="e"), node("escalation", "e", escalationCode="E")),
    ),
    "error_code_missing": (
        "x",
        diagram(start(), end("x", event("error")), flows("start x")),
        diagram(
            start(),
            end("x", event("error", errorRef="e")),
            flows("start x"),
            top=node("error", "e", errorCode="E"),
        ),
    ),
    "correlation_key_missing": (
        "x",
        catching(event("message", messageRef="m"), node("message", "m", name="m")),
        catching(event("message", messageRef="m"), message("m")),
    ),
    "job_type_missing": (
        "x",
        throwing(event("message", messageRef="m"), message("m")),
        throwing(event("message", messageRef="m"), message("m"), JOB),
    ),
    "link_without_target": (
        "x",
        diagram(start(), node("intermediateThrowEvent", "x", event("link", name="l")), flows("start x")),
        diagram(
            start(),
            node("intermediateThrowEvent", "x", event("link", name="l")),
            node("intermediateCatchEvent", "y", event("link", name="l")),
            user("a"),
            flows("start x", "y a"),
        ),
    ),
    "condition_missing": ("x", catching(event("conditional")), catching(condition("=x"))),
    # timers
    "timer_empty": ("x", catching(event("timer", "<bpmn:timeDate/>")), catching(WAIT)),
    "timer_duration": ("x", catching(timer("soon")), catching(timer("=soon"))),
    "timer_date": ("x", catching(timer(date="soon")), catching(timer(date="2026-12-24"))),
    "timer_cycle": (
        "x",
        on_border(timer(cycle="often"), cancelActivity="false"),
        on_border(timer(cycle="R/P1D"), cancelActivity="false"),
    ),
    "cycle_interrupts": ("x", on_border(timer(cycle="R3/P1D")), on_border(timer("P1D"))),
    "cycle_endless": ("x", catching(timer(cycle="R/P1D")), catching(timer(cycle="R2/P1D"))),
    # activities
    "quantity": ("x", around(user("x", startQuantity="0")), around(user("x", startQuantity="1"))),
    "called_process_missing": (
        "x",
        around(node("callActivity", "x")),
        around(node("callActivity", "x", extensions=zeebe("calledElement", processId="q"))),
    ),
    "compensation_handler": ("x", diagram(LINE, UNDONE), diagram(LINE, UNDONE, TIED)),
    "compensation_not_awaited": (
        "x",
        throwing(event("compensate", waitForCompletion="false")),
        throwing(event("compensate")),
    ),
    "script_missing": ("x", around(node("scriptTask", "x")), around(script("x", "=1", "y"))),
    # loops
    "two_loops": (
        "x",
        around(user("x", each("=[1]"), node("standardLoopCharacteristics", "l", loopMaximum="1"))),
        around(user("x", each("=[1]"))),
    ),
    "multi_instance_over_what": (
        "x",
        around(user("x", "<bpmn:multiInstanceLoopCharacteristics/>")),
        around(user("x", each("=[1]"))),
    ),
    "output_collection_half": (
        "x",
        around(user("x", each("=[1]", outputCollection="o"))),
        around(user("x", each("=[1]", outputCollection="o", outputElement="=y"))),
    ),
    "loop_without_end": (
        "x",
        around(user("x", node("standardLoopCharacteristics", "l"))),
        around(user("x", node("standardLoopCharacteristics", "l", loopMaximum="3"))),
    ),
    "loop_maximum": (
        "x",
        around(user("x", node("standardLoopCharacteristics", "l", loopMaximum="-1"))),
        around(user("x", node("standardLoopCharacteristics", "l", loopMaximum="0"))),
    ),
    # the dialect
    "decision_missing": (
        "x",
        around(node("businessRuleTask", "x")),
        around(
            node(
                "businessRuleTask",
                "x",
                extensions=zeebe("calledDecision", decisionId="d", resultVariable="r"),
            )
        ),
    ),
    "mapping_incomplete": (
        "x",
        around(job("x", extensions=mappings(input=("", "y")))),
        around(job("x", extensions=mappings(input=("=1", "y")))),
    ),
    "listener": ("x", around(job("x", extensions=zeebe("executionListeners"))), around(job("x"))),
    # expressions
    "not_an_expression": (
        "a_b",
        diagram(LINE, user("b"), flow("a", "b", "x > 1".replace(">", "&gt;"))),
        diagram(LINE, user("b"), flow("a", "b", "=x &gt; 1")),
    ),
    "expression_empty": (
        "a_b",
        diagram(LINE, user("b"), flow("a", "b", " ")),
        diagram(LINE, user("b"), flow("a", "b", "=x")),
    ),
    "expression_syntax": ("x", around(script("x", "=1 +", "y")), around(script("x", "=1 + 1", "y"))),
}
