"""Gateways."""

from collections.abc import Iterator

from config.problem import Problem
from engine.bpmn.problems import error, warning
from engine.bpmn.reading.document import GATEWAYS, Document, Node, kid, local, reference
from engine.bpmn.rules.flows import conditional, ends

WAITING = frozenset(["message", "timer", "signal", "conditional"])


def gateways(document: Document, *names: str) -> list[Node]:
    return [node for node in document.flow_nodes if local(node) in (names or GATEWAYS)]


def connected(document: Document) -> Iterator[Problem]:
    for node in gateways(document):
        incoming = len(document.incoming.get(node.get("id"), []))
        outgoing = len(document.outgoing.get(node.get("id"), []))
        if not incoming and not outgoing:
            yield error(
                node.get("id"),
                "unconnected_gateway",
                "The gateway is connected to nothing.",
                "Connect it or remove it.",
            )
        elif incoming <= 1 and outgoing <= 1:
            yield warning(
                node.get("id"),
                "superfluous_gateway",
                "The gateway has one way in and one way out.",
                "Remove it: it decides nothing and joins nothing.",
            )


def exclusive_conditions(document: Document) -> Iterator[Problem]:
    for node in gateways(document, "exclusiveGateway"):
        flows = document.outgoing.get(node.get("id"), [])
        default = reference(node.get("default"))
        if len(flows) < 2:
            continue
        for flow in flows:
            if not conditional(flow) and flow.get("id") != default:
                yield error(
                    document.flow_id(flow),
                    "missing_condition",
                    "The flow out of the exclusive gateway {gateway} has no condition and is not the default.",
                    "Give it a condition or make it the default flow.",
                    gateway=node.get("id"),
                )
        if not default:
            yield warning(
                node.get("id"),
                "no_default",
                "No flow is the default: when no condition holds the case stops with an incident.",
                "Make one of the flows the default.",
            )


def inclusive_conditions(document: Document) -> Iterator[Problem]:
    for node in gateways(document, "inclusiveGateway"):
        flows = document.outgoing.get(node.get("id"), [])
        for flow in flows if len(flows) > 1 else []:
            if not conditional(flow) and flow.get("id") != reference(node.get("default")):
                yield warning(
                    document.flow_id(flow),
                    "always_taken",
                    "The flow out of the inclusive gateway {gateway} has no condition: it is always taken.",
                    "Give it a condition if it is not meant to be.",
                    gateway=node.get("id"),
                )


def direction_kept(document: Document) -> Iterator[Problem]:
    limits = {"Diverging": ("incoming", 1, None), "Converging": ("outgoing", None, 1)}
    for node in gateways(document):
        side, most_in, most_out = limits.get(node.get("gatewayDirection", ""), ("", None, None))
        incoming = len(document.incoming.get(node.get("id"), []))
        outgoing = len(document.outgoing.get(node.get("id"), []))
        if (most_in is not None and incoming > most_in) or (most_out is not None and outgoing > most_out):
            yield warning(
                node.get("id"),
                "gateway_direction",
                "The gateway is declared {direction} but has several {side} flows.",
                "Split it into two gateways or change its declared direction.",
                direction=node.get("gatewayDirection"),
                side=side,
            )


def complex_activation(document: Document) -> Iterator[Problem]:
    for node in gateways(document, "complexGateway"):
        several = len(document.incoming.get(node.get("id"), [])) > 1
        if several and kid(node, "activationCondition") is None:
            yield error(
                node.get("id"),
                "missing_activation_condition",
                "The complex gateway joins flows but has no activation condition.",
                "Say when it goes on, or use a parallel or inclusive gateway.",
            )


def event_gateway_kind(document: Document) -> Iterator[Problem]:
    for node in gateways(document, "eventBasedGateway"):
        if node.get("instantiate") == "true" or node.get("eventGatewayType", "Exclusive") != "Exclusive":
            yield error(
                node.get("id"),
                "unsupported_event_gateway",
                "Event-based gateways that start a process or wait for all events are not run.",
                "Use start events, or an intermediate event with several definitions.",
            )
        if len(document.outgoing.get(node.get("id"), [])) < 2:
            yield error(
                node.get("id"),
                "event_gateway_choice",
                "The event-based gateway has fewer than two events to choose from.",
                "Connect it to at least two catching events.",
            )


def event_gateway_targets(document: Document) -> Iterator[Problem]:
    for node in gateways(document, "eventBasedGateway"):
        targets = [ends(document, flow)[1] for flow in document.outgoing.get(node.get("id"), [])]
        for target in targets:
            if target is not None:
                yield from _target(document, target)
        kinds = {_kind(document, target) for target in targets if target is not None}
        if {"receiveTask", "message"} <= kinds:
            yield error(
                node.get("id"),
                "mixed_event_gateway",
                "The event-based gateway mixes message events and receive tasks.",
                "Use one or the other.",
            )


def _target(document: Document, target: Node) -> Iterator[Problem]:
    id_ = target.get("id")
    kinds = {kind for kind, _ in document.events(target)}
    catching = local(target) == "receiveTask" or (
        local(target) == "intermediateCatchEvent" and kinds & WAITING
    )
    if not catching:
        yield error(
            id_,
            "event_gateway_target",
            "An event-based gateway leads to what is not a catching event.",
            "Put a message, timer, signal or conditional event, or a receive task, after the gateway.",
        )
    if len(document.incoming.get(id_, [])) > 1:
        yield error(
            id_,
            "event_gateway_other_way",
            "The event after an event-based gateway has another way in.",
            "Let only the gateway lead to it.",
        )
    repeated = any(local(child).endswith("LoopCharacteristics") for child in target)
    if target.get("parallelMultiple") == "true" or repeated or target.get("startQuantity", "1") != "1":
        yield error(
            id_,
            "event_gateway_repeats",
            "What follows an event-based gateway can neither repeat nor wait for several events together.",
            "Let it wait for one event, once.",
        )
    if any(reference(n.get("attachedToRef")) == id_ for n in document.nodes("boundaryEvent")):
        yield error(
            id_,
            "event_gateway_boundary",
            "A receive task after an event-based gateway has a boundary event.",
            "Remove the boundary event; the gateway can wait for that event itself.",
        )


def _kind(document: Document, target: Node) -> str:
    if local(target) == "receiveTask":
        return "receiveTask"
    return next((kind for kind, _ in document.events(target)), "")


RULES = (
    connected,
    exclusive_conditions,
    inclusive_conditions,
    direction_kept,
    complex_activation,
    event_gateway_kind,
    event_gateway_targets,
)
