"""Activities, what holds them, and how they repeat."""

from __future__ import annotations

from tests.bpmn.drawing import each, end, flows, job, node, script, start, subprocess, user, zeebe
from tests.conformance.examples.drawing import drawn, in_a_flow
from tests.conformance.shapes import loop, times

DECISION = zeebe("calledDecision", decisionId="d", resultVariable="r")
INSIDE = start("in") + node("task", "a") + flows("in a")
ENDS = "<bpmn:completionCondition>=numberOfCompletedInstances &gt; 1</bpmn:completionCondition>"
COMPLEX = (
    '<bpmn:multiInstanceLoopCharacteristics behavior="Complex"><bpmn:loopCardinality>2</bpmn:loopCardinality>'
    "</bpmn:multiInstanceLoopCharacteristics>"
)
ONE = (
    '<bpmn:multiInstanceLoopCharacteristics behavior="One" oneBehaviorEventRef="each_sig">'
    "<bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
)
LANES = (
    '<bpmn:laneSet id="ls"><bpmn:lane id="l" name="Finance"><bpmn:flowNodeRef>x</bpmn:flowNodeRef></bpmn:lane>'
    "</bpmn:laneSet>"
)
EACH_SIGNAL = '<bpmn:signalEventDefinition id="each_sig" signalRef="sig"/>'


def _association(kind: str, source: str, target: str) -> str:
    inside = f"<bpmn:sourceRef>{source}</bpmn:sourceRef><bpmn:targetRef>{target}</bpmn:targetRef>"
    return f'<bpmn:data{kind}Association id="assoc_{kind}">{inside}</bpmn:data{kind}Association>'


READS = (
    '<bpmn:ioSpecification id="io"><bpmn:dataInput id="in" name="n"/><bpmn:inputSet id="is"/><bpmn:outputSet id="os"/>'
    "</bpmn:ioSpecification>"
)

SECTIONS = {
    "Tasks": [
        in_a_flow("task", node("task", "x"), note="Passed at once."),
        in_a_flow("manual task", node("manualTask", "x"), note="Passed at once."),
        in_a_flow("user task", user("x"), note="Lane, assignment, form, due date, priority, four eyes."),
        in_a_flow("service task", job("x"), note="A job; its type has to be known here."),
        in_a_flow("service task without a type", node("serviceTask", "x")),
        in_a_flow(
            "send task", node("sendTask", "x", extensions=zeebe("taskDefinition", type="send")), note="A job."
        ),
        in_a_flow("receive task", node("receiveTask", "x", messageRef="msg")),
        drawn(
            "receive task that begins a process",
            node("receiveTask", "x", messageRef="msg", instantiate="true"),
        ),
        in_a_flow("business rule task with a decision", node("businessRuleTask", "x", extensions=DECISION)),
        in_a_flow(
            "business rule task with a job type",
            node("businessRuleTask", "x", extensions=zeebe("taskDefinition", type="rules")),
        ),
        in_a_flow("script task in FEEL", script("x", "=1 + 1", "y")),
        in_a_flow(
            "script task in another language",
            node("scriptTask", "x", "<bpmn:script>y = 1</bpmn:script>", scriptFormat="text/javascript"),
        ),
        in_a_flow(
            "call activity: a process",
            node("callActivity", "x", extensions=zeebe("calledElement", processId="q")),
            note="An instance of its own on the current version; errors and escalations reach the caller.",
        ),
        in_a_flow(
            "call activity: a global task",
            node("callActivity", "x", calledElement="glob"),
            top=node("globalTask", "glob"),
            note="Run in place; told as a warning.",
        ),
    ],
    "Sub-processes": [
        in_a_flow("embedded sub-process", subprocess("x", INSIDE)),
        in_a_flow(
            "transaction",
            node("transaction", "x", INSIDE),
            note="Cancelled by a cancel end event, undone by compensation.",
        ),
        in_a_flow(
            "ad-hoc sub-process",
            node("adHocSubProcess", "x", node("task", "a"), node("task", "b")),
            note="All at once or in turn, until its completion condition holds; `zeebe:adHoc` may choose.",
        ),
        in_a_flow("empty sub-process", subprocess("x")),
        in_a_flow("sub-process without start event", subprocess("x", node("task", "a"))),
        in_a_flow("several start events in a sub-process", subprocess("x", start("a"), start("b"))),
        in_a_flow(
            "sub-process that starts with an event",
            subprocess("x", start("a", "<bpmn:timerEventDefinition/>")),
        ),
        in_a_flow("choreography task inside a process", node("task", "x"), node("choreographyTask", "c")),
    ],
    "Repeating": [
        in_a_flow(
            "multi-instance over a collection, in parallel",
            node("task", "x", each("=[1, 2]")),
            note="Results in the order of the items in `outputCollection`; at most 5,000 repetitions.",
        ),
        in_a_flow(
            "multi-instance over a collection, in turn", node("task", "x", each("=[1, 2]", sequential=True))
        ),
        in_a_flow("multi-instance by cardinality", node("task", "x", times("=2 + 1"))),
        in_a_flow(
            "completion condition",
            node("task", "x", each("=[1, 2]", ENDS)),
            note="Sees the results collected so far.",
        ),
        in_a_flow(
            "multi-instance, behaviour None or One",
            node("task", "x", ONE),
            top=EACH_SIGNAL,
            note="Throws a signal.",
        ),
        in_a_flow("multi-instance, complex behaviour", node("task", "x", COMPLEX)),
        in_a_flow(
            "multi-instance over nothing", node("task", "x", "<bpmn:multiInstanceLoopCharacteristics/>")
        ),
        in_a_flow("standard loop", node("task", "x", loop("=n &lt; 3", loopMaximum="5", testBefore="true"))),
        in_a_flow("standard loop without condition and maximum", node("task", "x", loop())),
        in_a_flow(
            "startQuantity and completionQuantity",
            node("task", "x", startQuantity="2", completionQuantity="2"),
            note="Waits for that many tokens, sends that many.",
        ),
    ],
    "Data": [
        in_a_flow(
            "data object, read and written by associations",
            node("task", "x", READS, _association("Input", "data", "in")),
            node("dataObject", "data"),
            note="Copied between the object and the task's data inputs and outputs.",
        ),
        in_a_flow(
            "data store in data flow",
            node("task", "x", READS, _association("Input", "store", "in")),
            top=node("dataStore", "store"),
        ),
        in_a_flow("data object that is only drawn", node("task", "x"), node("dataObject", "data")),
        in_a_flow(
            "lanes",
            node("task", "x"),
            LANES,
            note="A role; a lane that is none refuses a user task without an assignment of its own.",
        ),
        drawn(
            "text annotation, group",
            start(),
            end(),
            flows("start end"),
            node("textAnnotation", "note"),
            node("group", "g"),
        ),
    ],
}
