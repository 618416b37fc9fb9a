"""The ``zeebe:`` extension elements of a flow node, as keyword arguments of ``Element``."""

from types import MappingProxyType
from typing import Any

from engine.bpmn.model import Assignment, IoMapping, Schedule
from engine.bpmn.reading.document import BPMN, ZEEBE, Node, extension, kid, kids, local, reference, text


def read_extensions(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {"template": node.get(f"{{{ZEEBE}}}modelerTemplate")}
    for name, reader in _READERS.items():
        holder = extension(node, name)
        if holder is not None:
            found.update(reader(holder))
    found.update(_data_associations(node))
    if local(node) == "callActivity" and not found.get("called_process"):
        found["called_process"] = reference(node.get("calledElement"))
    return found


def _mappings(holder: Node) -> dict[str, Any]:
    return {
        f"{name}s": tuple(
            IoMapping(source=item.get("source", ""), target=item.get("target", ""))
            for item in holder.findall(f"{{{ZEEBE}}}{name}")
        )
        for name in ("input", "output")
    }


def _pairs(name: str, key: str):
    def read(holder: Node) -> dict[str, Any]:
        items = holder.findall(f"{{{ZEEBE}}}{name}")
        field = "headers" if name == "header" else "properties"
        return {field: MappingProxyType({item.get(key, ""): item.get("value", "") for item in items})}

    return read


def _assignment(holder: Node) -> dict[str, Any]:
    return {
        "assignment": Assignment(
            assignee=holder.get("assignee") or None,
            candidate_groups=holder.get("candidateGroups") or None,
            candidate_users=holder.get("candidateUsers") or None,
        )
    }


def _schedule(holder: Node) -> dict[str, Any]:
    return {
        "schedule": Schedule(
            due_date=holder.get("dueDate") or None, follow_up_date=holder.get("followUpDate") or None
        )
    }


def _called_element(holder: Node) -> dict[str, Any]:
    return {
        "called_process": holder.get("processId") or None,
        "propagate_child": holder.get("propagateAllChildVariables", "true") != "false",
        "propagate_parent": holder.get("propagateAllParentVariables", "true") != "false",
    }


_READERS = {
    "ioMapping": _mappings,
    "taskHeaders": _pairs("header", "key"),
    "properties": _pairs("property", "name"),
    "assignmentDefinition": _assignment,
    "taskSchedule": _schedule,
    "formDefinition": lambda h: {
        "form_id": h.get("formId") or h.get("formKey") or h.get("externalReference")
    },
    "priorityDefinition": lambda h: {"priority": h.get("priority")},
    "taskDefinition": lambda h: {"task_type": h.get("type") or None, "retries": h.get("retries")},
    "script": lambda h: {"script": h.get("expression"), "result_variable": h.get("resultVariable")},
    "calledDecision": lambda h: {
        "decision_id": h.get("decisionId") or None,
        "result_variable": h.get("resultVariable"),
    },
    "calledElement": _called_element,
    "adHoc": lambda h: {"active_elements": h.get("activeElementsCollection") or None},
}


def _data_associations(node: Node) -> dict[str, Any]:
    """Standard data flow: a data object is a variable of its id, a data input or output one of the task's own."""
    own = {item.get("id") for name in ("dataInput", "dataOutput") for item in node.iter(f"{{{BPMN}}}{name}")}

    def read(name: str) -> tuple[IoMapping, ...]:
        ends = [
            (reference(text(kid(item, "sourceRef"))) or "", reference(text(kid(item, "targetRef"))) or "")
            for item in kids(node, name)
        ]
        return tuple(
            IoMapping(source=_variable(node, source), target=_variable(node, target))
            for source, target in ends
            if source in own or target in own
        )

    return {"data_inputs": read("dataInputAssociation"), "data_outputs": read("dataOutputAssociation")}


def _variable(node: Node, id_: str) -> str:
    for item in node.getroottree().getroot().iter(f"{{{BPMN}}}dataObjectReference"):
        if item.get("id") == id_:
            return reference(item.get("dataObjectRef")) or id_
    return id_
