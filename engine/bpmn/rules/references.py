"""Ids and the references between them."""

from collections import Counter
from collections.abc import Iterator

from config.problem import Problem
from engine.bpmn.problems import error
from engine.bpmn.reading.document import (
    ACTIVITIES,
    BPMN,
    FLOW_NODES,
    Document,
    identify,
    in_process,
    local,
    reference,
    text,
)

EVENT_DEFINITIONS = frozenset(
    f"{kind}EventDefinition"
    for kind in [
        "message",
        "timer",
        "signal",
        "error",
        "escalation",
        "conditional",
        "link",
        "compensate",
        "cancel",
        "terminate",
    ]
)
CALLABLE = frozenset(
    [
        "process",
        "globalTask",
        "globalUserTask",
        "globalScriptTask",
        "globalManualTask",
        "globalBusinessRuleTask",
    ]
)
ANYTHING: frozenset[str] = frozenset()

#: (element, attribute or child element) -> what it may lead to.
ATTRIBUTES = {
    ("*", "default"): frozenset(["sequenceFlow"]),
    ("sequenceFlow", "sourceRef"): FLOW_NODES,
    ("sequenceFlow", "targetRef"): FLOW_NODES,
    ("boundaryEvent", "attachedToRef"): ACTIVITIES,
    ("*", "messageRef"): frozenset(["message"]),
    ("*", "signalRef"): frozenset(["signal"]),
    ("*", "errorRef"): frozenset(["error"]),
    ("*", "escalationRef"): frozenset(["escalation"]),
    ("*", "activityRef"): ACTIVITIES,
    ("*", "noneBehaviorEventRef"): EVENT_DEFINITIONS,
    ("*", "oneBehaviorEventRef"): EVENT_DEFINITIONS,
    ("participant", "processRef"): frozenset(["process"]),
    ("dataObjectReference", "dataObjectRef"): frozenset(["dataObject"]),
    ("dataStoreReference", "dataStoreRef"): frozenset(["dataStore"]),
    ("group", "categoryValueRef"): frozenset(["categoryValue"]),
    ("association", "sourceRef"): ANYTHING,
    ("association", "targetRef"): ANYTHING,
    ("messageFlow", "sourceRef"): FLOW_NODES | {"participant"},
    ("messageFlow", "targetRef"): FLOW_NODES | {"participant"},
}
CHILDREN = {
    ("*", "incoming"): frozenset(["sequenceFlow"]),
    ("*", "outgoing"): frozenset(["sequenceFlow"]),
    ("lane", "flowNodeRef"): FLOW_NODES,
    ("*", "eventDefinitionRef"): EVENT_DEFINITIONS,
    ("linkEventDefinition", "source"): frozenset(["linkEventDefinition"]),
    ("linkEventDefinition", "target"): frozenset(["linkEventDefinition"]),
    ("dataInputAssociation", "sourceRef"): ANYTHING,
    ("dataInputAssociation", "targetRef"): ANYTHING,
    ("dataOutputAssociation", "sourceRef"): ANYTHING,
    ("dataOutputAssociation", "targetRef"): ANYTHING,
    ("inputSet", "dataInputRefs"): frozenset(["dataInput"]),
    ("outputSet", "dataOutputRefs"): frozenset(["dataOutput"]),
}


def unique_ids(document: Document) -> Iterator[Problem]:
    counted = Counter(node.get("id") for node in document.root.iter(f"{{{BPMN}}}*") if node.get("id"))
    for id_, times in counted.items():
        if times > 1:
            yield error(
                id_,
                "duplicate_id",
                "{times} elements have the id {id}.",
                "Give each element an id of its own.",
                id=id_,
                times=times,
            )


def ids_present(document: Document) -> Iterator[Problem]:
    for node in document.nodes():
        if not node.get("id") and (
            local(node) == "process" or (local(node) in FLOW_NODES and in_process(node))
        ):
            yield error(
                identify(node),
                "missing_id",
                "A {type} has no id.",
                "Save the diagram from a modeller that gives every element an id.",
                type=local(node),
            )


def references_resolve(document: Document) -> Iterator[Problem]:
    """Every reference leads to an element of the right kind."""
    for node in document.nodes():
        name = local(node)
        for (owner, attribute), kinds in ATTRIBUTES.items():
            if owner in ("*", name) and node.get(attribute):
                yield from _resolve(document, identify(node), attribute, node.get(attribute), kinds)
        parent = node.getparent()
        kinds = CHILDREN.get((local(parent), name), CHILDREN.get(("*", name))) if parent is not None else None
        if kinds is not None:
            holder = parent.getparent() if local(parent) == "linkEventDefinition" else parent
            yield from _resolve(document, identify(holder), name, text(node), kinds)


def _resolve(
    document: Document, element: str, name: str, value: str, kinds: frozenset[str]
) -> Iterator[Problem]:
    target = document.ids.get(reference(value) or "")
    if target is None:
        yield error(
            element,
            "dangling_reference",
            "{attribute} names {value}, which does not exist.",
            "Point it at an element of this file or take it out.",
            attribute=name,
            value=value,
        )
    elif kinds and local(target) not in kinds:
        yield error(
            element,
            "wrong_reference",
            "{attribute} names {value}, which is a {type}.",
            "Point it at the right kind of element.",
            attribute=name,
            value=value,
            type=local(target),
        )


def flows_have_ends(document: Document) -> Iterator[Problem]:
    for flow in document.flows:
        for attribute in ("sourceRef", "targetRef"):
            if not flow.get(attribute):
                yield error(
                    identify(flow),
                    "loose_flow",
                    "A sequence flow has no {attribute}.",
                    "Connect both of its ends.",
                    attribute=attribute,
                )


def shared_definitions_are_shared(document: Document) -> Iterator[Problem]:
    """``eventDefinitionRef`` may only name a definition that stands on its own, not one of another event."""
    for node in document.nodes("eventDefinitionRef"):
        target = document.ids.get(reference(text(node)) or "")
        if (
            target is not None
            and local(target) in EVENT_DEFINITIONS
            and local(target.getparent()) != "definitions"
        ):
            yield error(
                identify(node.getparent()),
                "borrowed_definition",
                "The event borrows the definition {value} of another event.",
                "Give the event a definition of its own.",
                value=text(node),
            )


RULES = (unique_ids, ids_present, references_resolve, flows_have_ends, shared_definitions_are_shared)
