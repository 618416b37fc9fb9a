"""Processes with their elements, flows and lanes. Expects a file that the rules let through."""

from types import MappingProxyType
from typing import Any

from engine.bpmn.model import Diagram, Element, Flow, Lane, Process
from engine.bpmn.reading.document import (
    FLOW_NODES,
    SUBPROCESSES,
    Document,
    Node,
    extension,
    kid,
    kids,
    local,
    reference,
    text,
)
from engine.bpmn.reading.events import read_events
from engine.bpmn.reading.extensions import read_extensions
from engine.bpmn.reading.loops import read_loop

GLOBAL_TASKS = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}


def read_diagram(document: Document) -> Diagram:
    """The processes that run; those that are only shown are left out."""
    root = document.root
    processes = {
        node.get("id"): _read_process(document, node)
        for node in document.processes
        if node.get("isExecutable") == "true"
    }
    return Diagram(id=root.get("id", ""), name=root.get("name", ""), processes=MappingProxyType(processes))


def _read_process(document: Document, process: Node) -> Process:
    lanes, order = _lanes(process)
    handlers = _compensation_handlers(process)
    elements: dict[str, Element] = {}
    children: dict[str, tuple[str, ...]] = {}
    flows: dict[str, Flow] = {}

    def read_scope(scope: Node, lane: str | None) -> None:
        nodes = [node for node in scope if local(node) in FLOW_NODES]
        children[scope.get("id")] = tuple(node.get("id") for node in nodes)
        for node in nodes:
            own = lanes.get(node.get("id"), lane)
            elements[node.get("id")] = _read_element(document, node, scope.get("id"), own, handlers)
            if local(node) in SUBPROCESSES:
                read_scope(node, own)
        for flow in kids(scope, "sequenceFlow"):
            read = _read_flow(document, flow)
            flows[read.id] = read

    read_scope(process, None)
    properties = extension(process, "properties")
    return Process(
        id=process.get("id"),
        name=process.get("name", ""),
        executable=process.get("isExecutable", "false") == "true",
        documentation=text(kid(process, "documentation")),
        elements=MappingProxyType(elements),
        flows=MappingProxyType(flows),
        children=MappingProxyType(children),
        lanes=order,
        properties=MappingProxyType(
            {} if properties is None else {p.get("name", ""): p.get("value", "") for p in properties}
        ),
    )


def _read_element(
    document: Document, node: Node, parent: str, lane: str | None, handlers: dict[str, str]
) -> Element:
    id_ = node.get("id")
    type_ = local(node)
    return Element(
        id=id_,
        name=node.get("name", ""),
        type=type_,
        parent=parent,
        documentation=text(kid(node, "documentation")),
        lane=lane,
        incoming=tuple(document.flow_id(flow) for flow in document.incoming.get(id_, ())),
        outgoing=tuple(document.flow_id(flow) for flow in document.outgoing.get(id_, ())),
        default=reference(node.get("default")),
        events=read_events(document, node),
        parallel_multiple=node.get("parallelMultiple", "false") == "true",
        attached_to=reference(node.get("attachedToRef")),
        interrupting=node.get("cancelActivity" if type_ == "boundaryEvent" else "isInterrupting", "true")
        != "false",
        triggered_by_event=node.get("triggeredByEvent", "false") == "true",
        is_for_compensation=node.get("isForCompensation", "false") == "true",
        compensation_handler=handlers.get(id_),
        start_quantity=int(node.get("startQuantity", "1")),
        completion_quantity=int(node.get("completionQuantity", "1")),
        loop=read_loop(document, node),
        instantiate=node.get("instantiate", "false") == "true",
        activation_condition=text(kid(node, "activationCondition")) or None,
        ordering=node.get("ordering", "Parallel"),
        ad_hoc_completion=text(kid(node, "completionCondition")) or None,
        cancel_remaining=node.get("cancelRemainingInstances", "true") != "false",
        called_task=_global_task(document, node, parent, lane),
        **read_extensions(node),
    )


def _global_task(document: Document, node: Node, parent: str, lane: str | None) -> Element | None:
    """The task that a call activity runs when it names a global task instead of a process."""
    target = document.ids.get(reference(node.get("calledElement")) or "")
    if target is None or local(target) not in GLOBAL_TASKS:
        return None
    values: dict[str, Any] = read_extensions(target)
    return Element(
        id=target.get("id"),
        name=target.get("name", ""),
        type=GLOBAL_TASKS[local(target)],
        parent=parent,
        lane=lane,
        **values,
    )


def _read_flow(document: Document, flow: Node) -> Flow:
    return Flow(
        id=document.flow_id(flow),
        name=flow.get("name", ""),
        source=reference(flow.get("sourceRef")) or "",
        target=reference(flow.get("targetRef")) or "",
        condition=text(kid(flow, "conditionExpression")) or None,
    )


def _lanes(process: Node) -> tuple[dict[str, str], tuple[Lane, ...]]:
    """Lane name by flow node id (the innermost lane wins) and all lanes."""
    held: dict[str, str] = {}
    order: list[Lane] = []

    def read(lane: Node) -> None:
        name = lane.get("name") or lane.get("id") or ""
        order.append(Lane(id=lane.get("id") or name, name=name))
        for item in kids(lane, "flowNodeRef"):
            held[reference(text(item)) or ""] = name
        for inner in kids(lane, "childLaneSet"):
            for child in kids(inner, "lane"):
                read(child)

    for lane_set in process.iter(f"{{{process.nsmap[process.prefix]}}}laneSet"):
        for lane in kids(lane_set, "lane"):
            read(lane)
    return held, tuple(order)


def _compensation_handlers(process: Node) -> dict[str, str]:
    """Compensation handler by boundary event id, from the associations between them."""
    found: dict[str, str] = {}
    events = {
        node.get("id")
        for node in process.iter()
        if local(node) == "boundaryEvent" and kid(node, "compensateEventDefinition") is not None
    }
    for node in process.iter():
        if local(node) == "association":
            ends = reference(node.get("sourceRef")) or "", reference(node.get("targetRef")) or ""
            for event, handler in (ends, ends[::-1]):
                if event in events:
                    found[event] = handler
    return found
