"""Sequence flows."""

from collections.abc import Iterator

from config.problem import Problem
from engine.bpmn.problems import error, warning
from engine.bpmn.reading.document import (
    ACTIVITIES,
    EVENTS,
    FLOW_NODES,
    Document,
    Node,
    identify,
    kid,
    local,
    reference,
)


def ends(document: Document, flow: Node) -> tuple[Node | None, Node | None]:
    """Source and target, where they are flow nodes."""
    found = [document.ids.get(reference(flow.get(name)) or "") for name in ("sourceRef", "targetRef")]
    source, target = [node if node is not None and local(node) in FLOW_NODES else None for node in found]
    return source, target


def within_one_scope(document: Document) -> Iterator[Problem]:
    for flow in document.flows:
        source, target = ends(document, flow)
        if (
            source is not None
            and target is not None
            and (source.getparent() is not target.getparent() or flow.getparent() is not source.getparent())
        ):
            yield error(
                document.flow_id(flow),
                "crosses_border",
                "The flow crosses the border of a sub-process.",
                "Connect elements of one level; end the sub-process and go on after it.",
            )


def into_what_takes_none(document: Document) -> Iterator[Problem]:
    for node in document.flow_nodes:
        incoming = document.incoming.get(node.get("id"), [])
        if not incoming:
            continue
        what = _takes_none(document, node)
        if what:
            yield error(
                node.get("id"),
                "incoming_flow",
                "A sequence flow leads into {what}.",
                "Remove the flow.",
                what=what,
            )


def _takes_none(document: Document, node: Node) -> str:
    kinds = {kind for kind, _ in document.events(node)}
    if local(node) == "startEvent":
        return "a start event"
    if local(node) == "boundaryEvent":
        return "a boundary event"
    if node.get("triggeredByEvent") == "true":
        return "an event sub-process"
    if node.get("isForCompensation") == "true":
        return "a compensation handler"
    if local(node) == "receiveTask" and node.get("instantiate") == "true":
        return "a receive task that starts the process"
    if local(node) == "intermediateCatchEvent" and "link" in kinds:
        return "a catching link"
    return ""


def out_of_what_gives_none(document: Document) -> Iterator[Problem]:
    for node in document.flow_nodes:
        if not document.outgoing.get(node.get("id")):
            continue
        kinds = {kind for kind, _ in document.events(node)}
        what = ""
        if local(node) == "endEvent":
            what = "an end event"
        elif local(node) == "intermediateThrowEvent" and "link" in kinds:
            what = "a throwing link"
        elif local(node) == "boundaryEvent" and "compensate" in kinds:
            what = "a compensation boundary event"
        elif node.get("triggeredByEvent") == "true":
            what = "an event sub-process"
        elif node.get("isForCompensation") == "true":
            what = "a compensation handler"
        if what:
            yield error(
                node.get("id"),
                "outgoing_flow",
                "A sequence flow leaves {what}.",
                "Remove the flow.",
                what=what,
            )


def default_leaves_its_element(document: Document) -> Iterator[Problem]:
    for node in document.flow_nodes:
        default = reference(node.get("default"))
        if default and default not in {flow.get("id") for flow in document.outgoing.get(node.get("id"), [])}:
            yield error(
                node.get("id"),
                "foreign_default",
                "The default flow {flow} does not leave this element.",
                "Choose one of its own outgoing flows as the default.",
                flow=default,
            )


def only_way_out_is_free(document: Document) -> Iterator[Problem]:
    for node in document.flow_nodes:
        flows = document.outgoing.get(node.get("id"), [])
        if (
            local(node) in ACTIVITIES
            and len(flows) == 1
            and conditional(flows[0])
            and flows[0].get("id") != reference(node.get("default"))
        ):
            yield error(
                node.get("id"),
                "only_way_conditional",
                "The only way out of the activity has a condition.",
                "Remove the condition, or add another flow for when it does not hold.",
            )


def sources_without_conditions(document: Document) -> Iterator[Problem]:
    """Where a condition has no say it misleads: parallel gateways pass it over, the others refuse it."""
    for flow in document.flows:
        source, _ = ends(document, flow)
        if source is None or not conditional(flow):
            continue
        if local(source) == "eventBasedGateway":
            yield error(
                document.flow_id(flow),
                "condition_after_event_gateway",
                "A flow out of an event-based gateway has a condition.",
                "Remove the condition: the event that comes first decides.",
            )
        elif local(source) in EVENTS:
            # BPMN 2.0, 10.4.2: an event generates a path for each of its flows, without conditions.
            yield error(
                document.flow_id(flow),
                "condition_after_event",
                "A flow out of the event {event} has a condition.",
                "Put an exclusive gateway after the event and the condition on the gateway's flow.",
                event=source.get("id"),
            )
        elif local(source) == "parallelGateway":
            yield warning(
                document.flow_id(flow),
                "condition_after_parallel_gateway",
                "The condition has no effect: a parallel gateway takes every flow.",
                "Remove the condition or use an inclusive gateway.",
            )


def defaults_that_count(document: Document) -> Iterator[Problem]:
    """A default flow is taken when no condition holds: only where conditions are asked, and without one of its own."""
    for node in document.flow_nodes:
        default = reference(node.get("default"))
        flow = next((f for f in document.outgoing.get(node.get("id"), []) if f.get("id") == default), None)
        if flow is None:
            continue
        if local(node) in EVENTS or local(node) in ("parallelGateway", "eventBasedGateway"):
            yield warning(
                node.get("id"),
                "default_without_effect",
                "The default flow has no effect here: no conditions are asked.",
                "Remove the default, or use an exclusive or inclusive gateway.",
            )
        elif conditional(flow):
            yield warning(
                default or "",
                "default_with_condition",
                "The condition has no effect: the flow is the default of {element}.",
                "Remove the condition, or make another flow the default.",
                element=node.get("id"),
            )


def conditional(flow: Node) -> bool:
    return kid(flow, "conditionExpression") is not None


def flows_inside_a_process(document: Document) -> Iterator[Problem]:
    """A process's own artifacts are no flow nodes: a flow that names one hangs in the air."""
    for node in document.nodes("sequenceFlow"):
        if node not in document.flows:
            yield warning(
                identify(node), "flow_outside", "A sequence flow stands outside any process.", "Remove it."
            )


RULES = (
    within_one_scope,
    into_what_takes_none,
    out_of_what_gives_none,
    default_leaves_its_element,
    only_way_out_is_free,
    sources_without_conditions,
    defaults_that_count,
    flows_inside_a_process,
)
