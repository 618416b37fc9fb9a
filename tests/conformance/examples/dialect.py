"""What the dialect adds."""

from __future__ import annotations

from tests.bpmn.drawing import job, mappings, node, timer, user, zeebe
from tests.conformance.examples.drawing import Example, in_a_flow
from tests.conformance.shapes import catch


def _user(name: str, extension: str, note: str = "") -> Example:
    return in_a_flow(name, user("x", extensions=extension), note=note)


TAGGED = zeebe("calledElement", processId="q", bindingType="versionTag", versionTag="v1")
LISTENER = zeebe("executionListeners", zeebe("executionListener", eventType="start", type="listen"))

SECTIONS = {
    "zeebe: extensions": [
        _user("zeebe:assignmentDefinition", zeebe("assignmentDefinition", candidateGroups="finance")),
        _user("zeebe:taskSchedule", zeebe("taskSchedule", dueDate='=now() + duration("PT24H")')),
        _user("zeebe:priorityDefinition", zeebe("priorityDefinition", priority="80")),
        _user("zeebe:properties", zeebe("properties", zeebe("property", name="fourEyes", value="a"))),
        in_a_flow("zeebe:formDefinition", user("x"), note="form-js, deployed with the diagram."),
        in_a_flow("zeebe:ioMapping", job("x", extensions=mappings(input=("=a", "b"), output=("=b", "c")))),
        in_a_flow(
            "zeebe:taskDefinition, zeebe:taskHeaders",
            job("x", extensions=zeebe("taskHeaders", zeebe("header", key="k", value="v"))),
        ),
        in_a_flow(
            "zeebe:calledElement",
            node(
                "callActivity",
                "x",
                extensions=zeebe("calledElement", processId="q", propagateAllChildVariables="false"),
            ),
        ),
        in_a_flow("zeebe:calledElement with a version tag", node("callActivity", "x", extensions=TAGGED)),
        in_a_flow("zeebe:executionListeners, zeebe:taskListeners", job("x", extensions=LISTENER)),
    ],
    "Timers": [
        in_a_flow("duration", catch("x", timer("PT24H"))),
        in_a_flow("duration by an expression", catch("x", timer('=duration("PT24H")'))),
        in_a_flow("date with an offset", catch("x", timer(date="2026-12-24T18:00:00+08:00"))),
        in_a_flow("cycle: R3/PT10M", catch("x", timer(cycle="R3/PT10M"))),
        in_a_flow("cycle with a start", catch("x", timer(cycle="R3/2026-12-24T18:00:00Z/PT10M"))),
        in_a_flow("text that is no time", catch("x", timer("tomorrow"))),
    ],
}
