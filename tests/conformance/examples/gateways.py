"""Gateways and flows."""

from __future__ import annotations

from tests.bpmn.drawing import flow, flows, node, start
from tests.conformance.examples.drawing import Example, drawn
from tests.conformance.shapes import catch, pause

A, B, C = (node("task", id_) for id_ in "abc")


def _between(name: str, type_: str, condition: str = "", note: str = "", **attributes: str) -> Example:
    """A split and a join of one type."""
    split = node(type_, "x", default="x_b", **attributes) if condition else node(type_, "x", **attributes)
    ways = flow("start", "x") + flow("x", "a", condition) + flow("x", "b") + flows("a join c", "b join")
    return drawn(name, start(), split, A, B, node(type_, "join"), C, ways, note=note)


def _race(name: str, *more: str, **attributes: str) -> Example:
    gateway = node("eventBasedGateway", "x", **attributes)
    other = catch("signal", '<bpmn:signalEventDefinition signalRef="sig"/>')
    return drawn(name, start(), gateway, pause("one"), other, *more, flows("start x one", "x signal"))


ACTIVATED = "<bpmn:activationCondition>=activationCount > 1</bpmn:activationCondition>"
SECTIONS = {
    "Gateways": [
        _between("exclusive gateway", "exclusiveGateway", "=y"),
        _between(
            "inclusive gateway", "inclusiveGateway", "=y", "Joins as BPMN 2.0, 13.3.3 says, in loops too."
        ),
        _between(
            "parallel gateway",
            "parallelGateway",
            note="Branches are merged three ways; a conflict is an incident.",
        ),
        drawn(
            "complex gateway that joins",
            start(),
            A,
            B,
            node("complexGateway", "x", ACTIVATED),
            C,
            flows("start a x c", "start b x"),
            note="`activationCount` in its activation condition.",
        ),
        drawn(
            "complex gateway without a condition",
            start(),
            A,
            B,
            node("complexGateway", "x"),
            C,
            flows("start a x c", "start b x"),
        ),
        _race("event-based gateway"),
        drawn(
            "event-based gateway with several timers",
            start(),
            node("eventBasedGateway", "x"),
            pause("one"),
            pause("two", "PT2S"),
            flows("start x one", "x two"),
        ),
        _race("event-based gateway that begins a process", instantiate="true"),
        _race("event-based gateway that waits for all", eventGatewayType="Parallel"),
        drawn(
            "exclusive gateway with a way that has no condition",
            start(),
            node("exclusiveGateway", "x"),
            A,
            B,
            flow("start", "x"),
            flow("x", "a", "=y"),
            flow("x", "b"),
        ),
    ],
    "Sequence flows": [
        drawn(
            "conditional and default flows out of an activity",
            start(),
            node("task", "x", default="x_b"),
            A,
            B,
            flow("start", "x"),
            flow("x", "a", "=y"),
            flow("x", "b"),
        ),
        drawn(
            "several flows out of an activity or start event",
            start(),
            A,
            B,
            flows("start a", "start b"),
            note="A split.",
        ),
        drawn(
            "several flows into an activity",
            start(),
            A,
            B,
            C,
            flows("start a c", "start b c"),
            note="Once for each token.",
        ),
        drawn("flow without an id", start(), A, '<bpmn:sequenceFlow sourceRef="start" targetRef="a"/>'),
        drawn(
            "condition on a flow out of an event", start(), A, B, flow("start", "a", "=y"), flow("start", "b")
        ),
        drawn(
            "the only way out of an activity has a condition",
            start(),
            A,
            B,
            flow("start", "a"),
            flow("a", "b", "=y"),
        ),
        drawn(
            "condition in another language than FEEL",
            start(),
            node("exclusiveGateway", "x", default="x_b"),
            A,
            B,
            flow("start", "x"),
            flow("x", "a", "${y}"),
            flow("x", "b"),
        ),
        drawn(
            "flow across the border of a sub-process",
            start(),
            node("subProcess", "s", A),
            B,
            flows("start s", "a b"),
        ),
        drawn("element that nothing leads to", start(), A, B, flows("start a")),
    ],
}
