"""Processes and sub-processes: where they start, and that everything in them can be reached."""

from collections.abc import Iterator

from config.problem import Problem
from engine.bpmn.problems import error, warning
from engine.bpmn.reading.document import (
    ACTIVITIES,
    CHOREOGRAPHY,
    FLOW_NODES,
    SCOPES,
    Document,
    Node,
    identify,
    kids,
    local,
)


def scopes(document: Document) -> list[Node]:
    return [node for node in document.nodes(*SCOPES)]


def is_event_subprocess(node: Node) -> bool:
    return node.get("triggeredByEvent") == "true"


def nodes_of(scope: Node) -> list[Node]:
    return [node for node in scope if local(node) in FLOW_NODES]


def executable_process(document: Document) -> Iterator[Problem]:
    for process in document.processes:
        if process.get("isExecutable", "false") != "true":
            yield warning(
                identify(process),
                "not_executable",
                "The process is not marked as executable: it is shown, not run.",
                "Mark it as executable if it is to run.",
            )
    if not any(process.get("isExecutable") == "true" for process in document.processes):
        yield error(
            identify(document.processes[0]) if document.processes else "",
            "nothing_executable",
            "The diagram has no executable process.",
            "Mark the process that is to run as executable.",
        )


def something_inside(document: Document) -> Iterator[Problem]:
    for scope in scopes(document):
        if not nodes_of(scope):
            yield error(
                identify(scope),
                "empty_scope",
                "There is nothing in this {type} that could run.",
                "Put at least a start event or an activity into it.",
                type=local(scope),
            )


def no_choreography(document: Document) -> Iterator[Problem]:
    for node in document.nodes(*CHOREOGRAPHY):
        if any(local(ancestor) in SCOPES for ancestor in node.iterancestors()):
            yield error(
                identify(node),
                "choreography",
                "A process cannot contain a choreography activity.",
                "Use an activity, or draw the choreography in a diagram of its own.",
            )


def event_subprocess_starts_once(document: Document) -> Iterator[Problem]:
    for scope in scopes(document):
        if is_event_subprocess(scope) and len(kids(scope, "startEvent")) != 1:
            yield error(
                identify(scope),
                "event_subprocess_start",
                "An event sub-process needs exactly one start event.",
                "Leave one start event in it, with the event that starts it.",
            )


def one_plain_start(document: Document) -> Iterator[Problem]:
    for scope in scopes(document):
        plain = [node for node in kids(scope, "startEvent") if not document.events(node)]
        if len(plain) > 1 and not is_event_subprocess(scope):
            yield error(
                identify(plain[1]),
                "several_starts",
                "The {type} has several start events without an event: it is not clear which of them is meant.",
                "Leave one of them, or give the others an event.",
                type=local(scope),
            )


def no_end_without_start(document: Document) -> Iterator[Problem]:
    for scope in scopes(document):
        starts = kids(scope, "startEvent") or [
            n for n in kids(scope, "receiveTask") if n.get("instantiate") == "true"
        ]
        if not kids(scope, "endEvent") or starts or local(scope) == "adHocSubProcess":
            continue
        first = [
            n
            for n in nodes_of(scope)
            if not document.incoming.get(n.get("id")) and not _by_itself(document, n)
        ]
        for node in [scope, *first]:
            yield error(
                identify(node),
                "end_without_start",
                "There is an end event but no start event.",
                "Add a start event.",
            )


def everything_is_led_to(document: Document) -> Iterator[Problem]:
    """With a start event in the scope, every other element needs a flow that leads to it."""
    for scope in scopes(document):
        if local(scope) == "adHocSubProcess" or not kids(scope, "startEvent"):
            continue
        for node in nodes_of(scope):
            if not document.incoming.get(node.get("id")) and not _by_itself(document, node):
                yield error(
                    identify(node),
                    "unreachable",
                    "Nothing leads to this element.",
                    "Connect it to the flow or remove it.",
                )


def _by_itself(document: Document, node: Node) -> bool:
    return (
        local(node) in ("startEvent", "boundaryEvent")
        or is_event_subprocess(node)
        or node.get("isForCompensation") == "true"
        or node.get("instantiate") == "true"
        or any(kind == "link" for kind, _ in document.events(node))
    )


def implicit_start_is_an_activity(document: Document) -> Iterator[Problem]:
    """Without a start event the elements that nothing leads to begin; a catching event among them is no start."""
    for scope in scopes(document):
        if local(scope) == "adHocSubProcess" or kids(scope, "startEvent"):
            continue
        begins = [
            n
            for n in nodes_of(scope)
            if not document.incoming.get(n.get("id")) and local(n) != "boundaryEvent"
        ]
        for node in begins:
            if local(node) in ("intermediateCatchEvent", "intermediateThrowEvent") and not _by_itself(
                document, node
            ):
                yield error(
                    identify(node),
                    "unreachable",
                    "Nothing leads to this event.",
                    "Connect it to the flow, or use a start event.",
                )
        if nodes_of(scope) and not begins:
            yield error(
                identify(scope),
                "no_start",
                "There is nothing in this {type} to start with: something leads to every element.",
                "Add a start event.",
                type=local(scope),
            )


def ad_hoc_content(document: Document) -> Iterator[Problem]:
    for scope in document.nodes("adHocSubProcess"):
        if nodes_of(scope) and not any(local(node) in ACTIVITIES for node in nodes_of(scope)):
            yield error(
                identify(scope),
                "ad_hoc_empty",
                "An ad-hoc sub-process contains no activity.",
                "Put at least one activity into it.",
            )
        for node in nodes_of(scope):
            if local(node) in ("startEvent", "endEvent"):
                yield error(
                    identify(node),
                    "ad_hoc_event",
                    "An ad-hoc sub-process must not contain start or end events.",
                    "Remove the event: its activities begin by themselves.",
                )


RULES = (
    executable_process,
    something_inside,
    no_choreography,
    event_subprocess_starts_once,
    one_plain_start,
    no_end_without_start,
    everything_is_led_to,
    implicit_start_is_an_activity,
    ad_hoc_content,
)
