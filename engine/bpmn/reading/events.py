"""Event definitions with their messages, signals, errors and escalations looked up."""

from engine.bpmn.model import EventDefinition
from engine.bpmn.reading.document import Document, Node, extension, kid, local, reference, text

TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


def read_events(document: Document, node: Node) -> tuple[EventDefinition, ...]:
    """What the event (or receive task) waits for or throws."""
    if local(node) == "receiveTask":
        return (_message(document, node, node),) if node.get("messageRef") else ()
    return tuple(read_event(document, kind, definition, node) for kind, definition in document.events(node))


def read_event(document: Document, kind: str, definition: Node, event: Node) -> EventDefinition:
    id_ = definition.get("id", "")
    if kind == "message":
        return _message(document, definition, event)
    if kind == "timer":
        return EventDefinition(kind=kind, id=id_, timer=_timer(definition))
    if kind == "signal":
        signal = _target(document, definition, "signalRef")
        return EventDefinition(kind=kind, id=id_, name=_name(signal))
    if kind in ("error", "escalation"):
        thrown = _target(document, definition, f"{kind}Ref")
        code = None if thrown is None else thrown.get(f"{kind}Code")
        return EventDefinition(kind=kind, id=id_, name=_name(thrown), code=code or None)
    if kind == "conditional":
        return EventDefinition(kind=kind, id=id_, condition=text(kid(definition, "condition")))
    if kind == "link":
        return EventDefinition(kind=kind, id=id_, name=link_name(document, definition))
    if kind == "compensate":
        return EventDefinition(
            kind=kind,
            id=id_,
            activity=reference(definition.get("activityRef")),
            wait_for_completion=definition.get("waitForCompletion", "true") != "false",
        )
    return EventDefinition(kind=kind, id=id_)


def link_name(document: Document, definition: Node) -> str:
    """What ties the two ends of a link together: the name (or id) of the end it leads to."""
    target = document.ids.get(reference(text(kid(definition, "target"))) or "")
    if target is not None and target is not definition and local(target) == "linkEventDefinition":
        definition = target
    return definition.get("name") or definition.get("id", "")


def _message(document: Document, definition: Node, event: Node) -> EventDefinition:
    message = _target(document, definition, "messageRef")
    subscription = None
    for holder in (event, message):
        if holder is not None and subscription is None:
            subscription = extension(holder, "subscription")
    key = None if subscription is None else subscription.get("correlationKey")
    return EventDefinition(
        kind="message", id=definition.get("id", ""), name=_name(message), correlation_key=key or None
    )


def _timer(definition: Node) -> tuple[str, str] | None:
    for tag, kind in TIMERS.items():
        found = kid(definition, tag)
        if found is not None:
            return kind, text(found)
    return None


def _target(document: Document, definition: Node, attribute: str) -> Node | None:
    return document.ids.get(reference(definition.get(attribute)) or "")


def _name(thing: Node | None) -> str | None:
    """Messages and signals are known by name, and by id where they have none."""
    return None if thing is None else thing.get("name") or thing.get("id")
