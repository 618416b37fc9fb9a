"""Events: which definition may stand where, and what each definition needs."""

from collections.abc import Iterator

from config.problem import Problem
from engine.bpmn.problems import error, warning
from engine.bpmn.reading.document import (
    EVENTS,
    SUBPROCESSES,
    Document,
    Node,
    identify,
    kid,
    local,
    reference,
)

LEGAL = {
    "process start": frozenset(["message", "timer", "signal"]),
    "sub-process start": frozenset(),
    "event sub-process start": frozenset(
        ["message", "timer", "signal", "error", "escalation", "conditional", "compensate"]
    ),
    "intermediate catch": frozenset(["message", "timer", "signal", "conditional", "link"]),
    "intermediate throw": frozenset(["message", "signal", "escalation", "compensate", "link"]),
    "end": frozenset(["message", "signal", "escalation", "error", "compensate", "terminate", "cancel"]),
    "boundary": frozenset(
        ["message", "timer", "signal", "error", "escalation", "conditional", "compensate", "cancel"]
    ),
}
#: Legal in BPMN, but not run here.
NOT_RUN = {"process start": frozenset(["conditional"])}
NEED_A_DEFINITION = frozenset(["intermediate catch", "boundary", "event sub-process start"])
THROWN = frozenset(["intermediate throw", "end"])


def events(document: Document) -> Iterator[tuple[Node, str, list[tuple[str, Node]]]]:
    """Every event with its position and definitions."""
    for node in document.flow_nodes:
        if local(node) in EVENTS:
            yield node, position(node), document.events(node)


def position(event: Node) -> str:
    scope = event.getparent()
    if local(event) == "startEvent":
        if scope.get("triggeredByEvent") == "true":
            return "event sub-process start"
        return "sub-process start" if local(scope) in SUBPROCESSES else "process start"
    return {
        "intermediateCatchEvent": "intermediate catch",
        "intermediateThrowEvent": "intermediate throw",
        "endEvent": "end",
    }.get(local(event), "boundary")


def legal_definitions(document: Document) -> Iterator[Problem]:
    for node, place, definitions in events(document):
        for kind, _ in definitions:
            if kind in NOT_RUN.get(place, ()):
                yield error(
                    identify(node),
                    "event_not_run",
                    "A {kind} event as {place} event is not run by this engine.",
                    "Use a message, timer or signal instead.",
                    kind=kind,
                    place=place,
                )
            elif kind not in LEGAL[place]:
                yield error(
                    identify(node),
                    "illegal_event",
                    "A {place} event cannot have a {kind} definition.",
                    "Choose another kind of event.",
                    kind=kind,
                    place=place,
                )
        if not definitions and place in NEED_A_DEFINITION:
            yield error(
                identify(node),
                "event_without_definition",
                "The {place} event does not say what it waits for.",
                "Choose a message, timer, signal or another event.",
                place=place,
            )


def definitions_go_together(document: Document) -> Iterator[Problem]:
    """Some definitions stand alone, and what nobody waits for cannot happen together with others."""
    alone = frozenset(["link", "compensate", "cancel", "terminate", "error"])
    for node, place, definitions in events(document):
        kinds = [kind for kind, _ in definitions]
        if len(kinds) < 2:
            continue
        if set(kinds) & alone or (place in THROWN and kinds.count("message") > 1):
            yield error(
                identify(node),
                "mixed_definitions",
                "The definitions {kinds} cannot stand on one event.",
                "Use an event for each.",
                kinds=", ".join(kinds),
            )
        if node.get("parallelMultiple") == "true" and (place == "process start" or "escalation" in kinds):
            yield error(
                identify(node),
                "parallel_multiple",
                "A {place} event cannot wait for these events together: {kinds}.",
                "Let one event start it, or wait for the others inside the flow.",
                place=place,
                kinds=", ".join(kinds),
            )


def compensation_of_a_subprocess(document: Document) -> Iterator[Problem]:
    """BPMN 2.0, 10.7.2: an event sub-process that compensates belongs to the sub-process that it undoes."""
    for node, place, definitions in events(document):
        around = node.getparent().getparent()
        compensates = place == "event sub-process start" and any(
            kind == "compensate" for kind, _ in definitions
        )
        if compensates and local(around) not in SUBPROCESSES:
            yield error(
                identify(node),
                "compensation_of_a_process",
                "A process is not compensated: its event sub-process would never run.",
                "Put the event sub-process into the sub-process that it is to undo.",
            )


def interruption(document: Document) -> Iterator[Problem]:
    for node, place, definitions in events(document):
        attribute = "cancelActivity" if place == "boundary" else "isInterrupting"
        if node.get(attribute, "true") != "false" or place not in ("boundary", "event sub-process start"):
            continue
        for kind, _ in definitions:
            if kind in ("error", "cancel", "compensate"):
                yield error(
                    identify(node),
                    "must_interrupt",
                    "The {kind} event has to interrupt.",
                    "Make the event interrupting.",
                    kind=kind,
                )


def attached(document: Document) -> Iterator[Problem]:
    for node in document.nodes("boundaryEvent"):
        host = document.ids.get(reference(node.get("attachedToRef")) or "")
        if not node.get("attachedToRef"):
            yield error(
                identify(node),
                "not_attached",
                "The boundary event is attached to nothing.",
                "Attach it to an activity.",
            )
        elif host is not None and host.getparent() is not node.getparent():
            yield error(
                identify(node),
                "attached_elsewhere",
                "The boundary event is attached to an activity of another level.",
                "Attach it to an activity beside it.",
            )
        elif host is not None and (
            host.get("triggeredByEvent") == "true" or host.get("isForCompensation") == "true"
        ):
            yield error(
                identify(node),
                "attached_wrongly",
                "Event sub-processes and compensation handlers cannot have boundary events.",
                "Remove the boundary event.",
            )


def cancellation(document: Document) -> Iterator[Problem]:
    for node, place, definitions in events(document):
        if not any(kind == "cancel" for kind, _ in definitions):
            continue
        if place == "boundary":
            host = document.ids.get(reference(node.get("attachedToRef")) or "")
            if host is None or local(host) != "transaction":
                yield error(
                    identify(node),
                    "cancel_outside_transaction",
                    "A cancel boundary event is not on a transaction.",
                    "Attach it to a transaction or use another event.",
                )
        elif place == "end" and local(node.getparent()) != "transaction":
            yield error(
                identify(node),
                "cancel_outside_transaction",
                "A cancel end event stands outside a transaction.",
                "Move it into a transaction or use another event.",
            )
        elif place == "end" and not _cancel_boundary(document, node.getparent()):
            yield error(
                identify(node),
                "cancel_not_caught",
                "The transaction has no cancel boundary event to go on with.",
                "Add a cancel boundary event to the transaction.",
            )


def _cancel_boundary(document: Document, transaction: Node) -> bool:
    return any(
        reference(node.get("attachedToRef")) == transaction.get("id")
        and any(kind == "cancel" for kind, _ in document.events(node))
        for node in document.nodes("boundaryEvent")
    )


def named(document: Document) -> Iterator[Problem]:
    """Messages and signals are named, thrown errors and escalations have codes."""
    for node, place, definitions in events(document):
        for kind, definition in definitions:
            if kind in ("message", "signal") and not definition.get(f"{kind}Ref"):
                yield error(
                    identify(node),
                    f"{kind}_missing",
                    "The {kind} event names no {kind}.",
                    "Choose or create the {kind}.".replace("{kind}", kind),
                    kind=kind,
                )
            if kind in ("error", "escalation") and place in THROWN and not _code(document, kind, definition):
                yield error(
                    identify(node),
                    f"{kind}_code_missing",
                    "The event throws an {kind} without a code.",
                    "Choose an {kind} and give it a code.".replace("{kind}", kind),
                    kind=kind,
                )


def _code(document: Document, kind: str, definition: Node) -> str | None:
    thrown = document.ids.get(reference(definition.get(f"{kind}Ref")) or "")
    return None if thrown is None else thrown.get(f"{kind}Code")


def caught_codes_are_fixed(document: Document) -> Iterator[Problem]:
    """What an event catches is looked up in the diagram, so it cannot depend on variables."""
    for node, place, definitions in events(document):
        for kind, definition in definitions:
            caught = kind in ("error", "escalation") and place not in THROWN
            if caught and (_code(document, kind, definition) or "").startswith("="):
                yield error(
                    identify(node),
                    f"{kind}_code_expression",
                    "The event catches a code that is an expression.",
                    "Catch a fixed code, or every one by leaving it out.",
                )


def boundary_leads_somewhere(document: Document) -> Iterator[Problem]:
    for node in document.nodes("boundaryEvent"):
        compensates = any(kind == "compensate" for kind, _ in document.events(node))
        if not compensates and not document.outgoing.get(node.get("id")):
            yield warning(
                identify(node),
                "boundary_without_flow",
                "Nothing follows the boundary event: its token ends at once.",
                "Draw what is to happen.",
            )


def conditions_stated(document: Document) -> Iterator[Problem]:
    for node, _, definitions in events(document):
        for kind, definition in definitions:
            if kind == "conditional" and kid(definition, "condition") is None:
                yield error(
                    identify(node),
                    "condition_missing",
                    "The conditional event has no condition.",
                    "Write the condition as an expression that begins with an equals sign.",
                )


RULES = (
    legal_definitions,
    definitions_go_together,
    compensation_of_a_subprocess,
    interruption,
    attached,
    cancellation,
    named,
    caught_codes_are_fixed,
    boundary_leads_somewhere,
    conditions_stated,
)
