"""What the dialect needs of each task: a form, a job type, a decision."""

from collections.abc import Iterator

from config.problem import Problem
from engine.bpmn.problems import error, warning
from engine.bpmn.reading.document import ZEEBE, Document, Node, extension, extensions, identify, local
from engine.bpmn.rules.activities import activities

CAMUNDA_7 = "http://camunda.org/schema/1.0/bpmn"
RETIRED = "{http://activiti.org/bpmn}", "{http://flowable.org/bpmn}", f"{{{CAMUNDA_7}}}"


def user_tasks_have_forms(document: Document) -> Iterator[Problem]:
    for node in activities(document, "userTask"):
        form = extension(node, "formDefinition")
        if form is None or not (form.get("formId") or form.get("formKey")):
            yield warning(
                identify(node),
                "form_missing",
                "The user task has no form: it can only be ticked off.",
                "Choose a form.",
            )


def service_tasks_have_types(document: Document) -> Iterator[Problem]:
    for node in activities(document, "serviceTask", "sendTask"):
        job = extension(node, "taskDefinition")
        if job is None or not job.get("type"):
            yield error(
                identify(node),
                "job_type_missing",
                "The service task does not say which service does it.",
                "Choose a service from the catalogue.",
            )


def rule_tasks_have_decisions(document: Document) -> Iterator[Problem]:
    for node in activities(document, "businessRuleTask"):
        decision, job = extension(node, "calledDecision"), extension(node, "taskDefinition")
        if (decision is None or not decision.get("decisionId")) and (job is None or not job.get("type")):
            yield error(
                identify(node),
                "decision_missing",
                "The business rule task names no decision.",
                "Choose the decision it asks for.",
            )
        elif decision is not None and not decision.get("resultVariable"):
            yield error(
                identify(node),
                "result_variable_missing",
                "The decision's result goes nowhere.",
                "Name the result variable.",
            )


def mappings_are_whole(document: Document) -> Iterator[Problem]:
    for node in document.flow_nodes:
        holder = extension(node, "ioMapping")
        for mapping in () if holder is None else holder:
            if not mapping.get("source") or not mapping.get("target"):
                yield error(
                    identify(node),
                    "mapping_incomplete",
                    "An input or output mapping lacks its source or its target.",
                    "Fill in both, or remove the mapping.",
                )


def extensions_stand_once(document: Document) -> Iterator[Problem]:
    once = [
        "ioMapping",
        "taskDefinition",
        "formDefinition",
        "assignmentDefinition",
        "script",
        "calledDecision",
        "calledElement",
    ]
    for node in document.flow_nodes:
        for name in once:
            if len(extensions(node, name)) > 1:
                yield error(
                    identify(node),
                    "extension_twice",
                    "The element has several {name} extensions.",
                    "Leave one of them.",
                    name=name,
                )


def other_dialects(document: Document) -> Iterator[Problem]:
    """Extensions of Camunda 7 and its relatives have no effect here."""
    for node in document.flow_nodes:
        if any(str(attribute).startswith(RETIRED) for attribute in node.attrib) or _children(node):
            yield warning(
                identify(node),
                "other_dialect",
                "The element has settings of another engine, which have no effect here.",
                "Set them again in the properties panel.",
            )


def _children(node: Node) -> bool:
    return any(
        str(child.tag).startswith(RETIRED)
        for holder in node
        if local(holder) == "extensionElements"
        for child in holder
    )


def listeners(document: Document) -> Iterator[Problem]:
    for node in document.flow_nodes:
        for name in ("executionListeners", "taskListeners"):
            if extension(node, name) is not None:
                yield error(
                    identify(node),
                    "listener",
                    "Listeners are not run.",
                    "Use a service task before or after the element.",
                )


def versions(document: Document) -> Iterator[Problem]:
    """Called processes, decisions and forms come from the same deployment; another binding would be ignored."""
    for node in document.flow_nodes:
        for name in ("calledElement", "calledDecision", "formDefinition"):
            holder = extension(node, name)
            if holder is not None and holder.get("bindingType") == "versionTag":
                yield error(
                    identify(node),
                    "binding",
                    "The version tag {tag} cannot be chosen: what a diagram refers to is deployed with it.",
                    "Remove the binding.",
                    tag=holder.get("versionTag", ""),
                )


def known_extensions(document: Document) -> Iterator[Problem]:
    """A ``zeebe:`` element this engine does not know would be passed over."""
    for node in document.flow_nodes:
        for holder in node:
            if local(holder) != "extensionElements":
                continue
            for child in holder:
                tag = str(child.tag)
                if tag.startswith(f"{{{ZEEBE}}}") and tag.rpartition("}")[2] not in _KNOWN:
                    yield warning(
                        identify(node),
                        "unknown_extension",
                        "The extension {name} has no effect.",
                        "Remove it.",
                        name=tag.rpartition("}")[2],
                    )


_KNOWN = frozenset(
    [
        "userTask",
        "formDefinition",
        "assignmentDefinition",
        "taskSchedule",
        "priorityDefinition",
        "ioMapping",
        "properties",
        "calledDecision",
        "script",
        "taskDefinition",
        "taskHeaders",
        "calledElement",
        "subscription",
        "loopCharacteristics",
        "adHoc",
        "executionListeners",
        "taskListeners",
        "versionTag",
    ]
)

RULES = (
    user_tasks_have_forms,
    service_tasks_have_types,
    rule_tasks_have_decisions,
    mappings_are_whole,
    extensions_stand_once,
    other_dialects,
    listeners,
    versions,
    known_extensions,
)
