"""Activities: quantities, calls, compensation, and what standard BPMN offers that is not run."""

from collections.abc import Iterator

from config.problem import Problem
from engine.bpmn.problems import error, warning
from engine.bpmn.reading.document import (
    ACTIVITIES,
    SUBPROCESSES,
    Document,
    Node,
    extension,
    identify,
    kid,
    kids,
    local,
    reference,
    text,
)
from engine.bpmn.reading.processes import GLOBAL_TASKS


def activities(document: Document, *names: str) -> list[Node]:
    return [node for node in document.flow_nodes if local(node) in (names or ACTIVITIES)]


def quantities(document: Document) -> Iterator[Problem]:
    for node in activities(document):
        for attribute in ("startQuantity", "completionQuantity"):
            given = node.get(attribute, "1")
            if not given.isdecimal() or int(given) < 1:
                yield error(
                    identify(node),
                    "quantity",
                    "{attribute} is {value}, but has to be a whole number of at least one.",
                    "Remove the attribute or set it to 1 or more.",
                    attribute=attribute,
                    value=given,
                )


def receive_a_message(document: Document) -> Iterator[Problem]:
    for node in activities(document, "receiveTask"):
        if not node.get("messageRef"):
            yield error(
                identify(node),
                "message_missing",
                "The receive task names no message.",
                "Choose or create the message it waits for.",
            )


def call_something(document: Document) -> Iterator[Problem]:
    for node in activities(document, "callActivity"):
        called = extension(node, "calledElement")
        if not (called is not None and called.get("processId")) and not node.get("calledElement"):
            yield error(
                identify(node),
                "called_process_missing",
                "The call activity does not say which process it calls.",
                "Choose the called process.",
            )
        target = document.ids.get(reference(node.get("calledElement")) or "")
        if target is not None and local(target) in GLOBAL_TASKS:
            yield warning(
                identify(node),
                "calls_global_task",
                "The call activity calls the global task {value}, no process: it is run in place.",
                "Use a task, or a process of its own.",
                value=target.get("id"),
            )
        elif target is not None and local(target) != "process":
            yield error(
                identify(node),
                "called_wrongly",
                "The call activity calls {value}, which is a {type}.",
                "Call a process or a global task.",
                value=target.get("id"),
                type=local(target),
            )


def global_tasks(document: Document) -> Iterator[Problem]:
    for node in document.nodes(*GLOBAL_TASKS):
        yield warning(
            identify(node),
            "global_task",
            "A global task runs only where a call activity of this file names it.",
            "Use a task inside a process.",
        )


def compensation_handlers(document: Document) -> Iterator[Problem]:
    associations = list(document.nodes("association"))
    for node in document.nodes("boundaryEvent"):
        if not any(kind == "compensate" for kind, _ in document.events(node)):
            continue
        others = [
            document.ids.get(reference(a.get(far)) or "")
            for a in associations
            for near, far in (("sourceRef", "targetRef"), ("targetRef", "sourceRef"))
            if reference(a.get(near)) == node.get("id")
        ]
        handlers = [
            other
            for other in others
            if other is not None
            and local(other) in ACTIVITIES
            and other.get("isForCompensation") == "true"
            and other.getparent() is node.getparent()
        ]
        if len(handlers) != 1:
            yield error(
                identify(node),
                "compensation_handler",
                "The compensation boundary event has no single handler.",
                "Connect it by an association to one activity that is marked for compensation.",
            )


def compensation_has_something_to_undo(document: Document) -> Iterator[Problem]:
    """A handler that no event leads to never runs, and a throw that means an activity without one undoes nothing."""
    joined = {
        reference(association.get(end))
        for association in document.nodes("association")
        for end in ("sourceRef", "targetRef")
    }
    for node in activities(document):
        if node.get("isForCompensation") == "true" and node.get("id") not in joined:
            yield warning(
                identify(node),
                "handler_without_event",
                "The compensation handler never runs: no compensation event leads to it.",
                "Connect it by an association to the compensation boundary event of an activity.",
            )
    undone = {
        reference(node.get("attachedToRef"))
        for node in document.nodes("boundaryEvent")
        if any(kind == "compensate" for kind, _ in document.events(node))
    }
    for node in document.nodes("endEvent", "intermediateThrowEvent"):
        for kind, definition in document.events(node):
            target = document.ids.get(reference(definition.get("activityRef")) or "")
            if kind != "compensate" or target is None or target.get("id") in undone:
                continue
            if local(target) in ACTIVITIES and local(target) not in SUBPROCESSES:
                yield warning(
                    identify(node),
                    "nothing_to_undo",
                    "The activity {activity} has no compensation handler: nothing is undone.",
                    "Give it a compensation boundary event with a handler.",
                    activity=target.get("id"),
                )


def compensation_is_waited_for(document: Document) -> Iterator[Problem]:
    for node in document.nodes("endEvent", "intermediateThrowEvent"):
        for kind, definition in document.events(node):
            if kind == "compensate" and definition.get("waitForCompletion", "true") == "false":
                yield error(
                    identify(node),
                    "compensation_not_awaited",
                    "Compensation that is not waited for is not run by this engine.",
                    "Let the event wait for completion.",
                )


def data_flow(document: Document) -> Iterator[Problem]:
    """Data associations copy between a data object and a task's data input or output; more than that is not run."""
    for node in document.nodes("dataInputAssociation", "dataOutputAssociation"):
        ends = [
            document.ids.get(reference(text(end)) or "")
            for name in ("sourceRef", "targetRef")
            for end in kids(node, name)
        ]
        kinds = {local(end) for end in ends}
        if not kinds & {"dataInput", "dataOutput"}:
            yield warning(
                identify(node),
                "data_drawn_only",
                "The data association is shown, not run: it names no data input or output of the task.",
                "Use input and output mappings.",
            )
        elif kids(node, "assignment") or kid(node, "transformation") is not None or len(ends) != 2:
            yield error(
                identify(node),
                "data_association",
                "The data association transforms or assigns data, which is not run.",
                "Use input and output mappings with expressions.",
            )
        elif not kinds & {"dataObject", "dataObjectReference"}:
            yield error(
                identify(node),
                "data_store",
                "The data association leads to what is no data object.",
                "Read and write stores by a service task.",
            )


def people_are_assigned_by_the_dialect(document: Document) -> Iterator[Problem]:
    for node in document.nodes("performer", "humanPerformer", "potentialOwner", "resourceRole"):
        yield warning(
            identify(node),
            "resource_role",
            "The {type} has no effect.",
            "Use lanes, or set the assignment of the user task.",
            type=local(node),
        )


def scripts(document: Document) -> Iterator[Problem]:
    for node in activities(document, "scriptTask"):
        script, job = extension(node, "script"), extension(node, "taskDefinition")
        if (script is None or not script.get("expression")) and (job is None or not job.get("type")):
            yield error(
                identify(node),
                "script_missing",
                "The script task has no FEEL expression; scripts in other languages are never run."
                if text(kid(node, "script"))
                else "The script task has no FEEL expression.",
                "Write the expression, or use a service task.",
            )
        elif script is not None and job is not None:
            yield error(
                identify(node),
                "script_and_job",
                "The script task has both an expression and a job type.",
                "Leave one of them.",
            )


RULES = (
    quantities,
    receive_a_message,
    call_something,
    global_tasks,
    compensation_handlers,
    compensation_has_something_to_undo,
    compensation_is_waited_for,
    data_flow,
    people_are_assigned_by_the_dialect,
    scripts,
)
