"""Messages: whom they are for, and who sends them."""

from collections.abc import Iterator

from config.problem import Problem
from engine.bpmn.problems import error
from engine.bpmn.reading.document import EVENTS, Document, Node, extension, identify, local, reference
from engine.bpmn.rules.events import THROWN, events, position


def correlation(document: Document) -> Iterator[Problem]:
    """A waiting message needs to know which instance it is for."""
    for node in document.flow_nodes:
        if local(node) == "receiveTask":
            if node.get("instantiate") != "true" and node.get("messageRef"):
                yield from _correlation(document, node, node)
        elif local(node) in EVENTS and position(node) not in THROWN and position(node) != "process start":
            for kind, definition in document.events(node):
                if kind == "message" and definition.get("messageRef"):
                    yield from _correlation(document, node, definition)


def _correlation(document: Document, node: Node, definition: Node) -> Iterator[Problem]:
    message = document.ids.get(reference(definition.get("messageRef")) or "")
    holders = [extension(holder, "subscription") for holder in (node, message) if holder is not None]
    if message is not None and not any(h is not None and h.get("correlationKey") for h in holders):
        yield error(
            identify(node),
            "correlation_key_missing",
            "The message {message} has no correlation key.",
            "Set the subscription correlation key of the message, for example =caseNumber.",
            message=message.get("name") or message.get("id"),
        )


def messages_are_sent_by_jobs(document: Document) -> Iterator[Problem]:
    for node, place, definitions in events(document):
        sends = place in THROWN and any(kind == "message" for kind, _ in definitions)
        holder = extension(node, "taskDefinition")
        if sends and (holder is None or not holder.get("type")):
            yield error(
                identify(node),
                "job_type_missing",
                "A thrown message is sent by a service, but the event has no job type.",
                "Choose a service from the catalogue.",
            )


RULES = (correlation, messages_are_sent_by_jobs)
