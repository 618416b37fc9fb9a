"""One DMN file as a plan: what it defines, as plain data, with what is wrong before any FEEL is looked at.

The plan is what web/assets/feel/decisions/models.js compiles, but for references, which `assembling` resolves.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from engine.dmn.boxed import logic_of, read_expression, read_function
from engine.dmn.elements import Element, child, children, id_of, name_of, reference, type_of
from engine.dmn.itemtypes import read_types

Report = Callable[..., None]
Plan = dict[str, Any]
_REQUIRED = {"requiredInput": "input", "requiredDecision": "decision", "requiredKnowledge": "knowledge"}


def read_model(root: Element, report: Report) -> Plan:
    """The plan of one model; `report(element id, code, **params)` is told what cannot run."""
    _check_identity(root, report)
    return {
        "namespace": root.get("namespace", ""),
        "imports": {each.get("namespace"): each.get("name", "") for each in _imports(root)},
        "types": read_types(root),
        "inputs": {id_of(each): _input(each) for each in children(root, "inputData")},
        "decisions": {id_of(each): _decision(each, report) for each in children(root, "decision")},
        "knowledge": {
            id_of(each): _knowledge(each, report) for each in children(root, "businessKnowledgeModel")
        },
        "services": {id_of(each): _service(each) for each in children(root, "decisionService")},
    }


def _imports(root: Element) -> list[Element]:
    return [each for each in children(root, "import") if "DMN" in each.get("importType", "")]


def _name(element: Element) -> str:
    """The name under which expressions see an element."""
    variable = child(element, "variable")
    name = variable.get("name") if variable is not None else None
    return (name or element.get("name") or "").strip()


def _input(element: Element) -> Plan:
    return {"name": _name(element), "type": type_of(child(element, "variable"))}


def _decision(element: Element, report: Report) -> Plan:
    logic = logic_of(element)
    if logic is None:
        report(id_of(element), "no_logic", severity="warning", name=element.get("name"))
    return {
        "name": _name(element),
        "type": type_of(child(element, "variable")),
        "requires": _requirements(element),
        "logic": read_expression(logic, report),
    }


def _knowledge(element: Element, report: Report) -> Plan:
    logic = child(element, "encapsulatedLogic")
    if logic is None:
        report(id_of(element), "no_logic", severity="warning", name=element.get("name"))
        function: Plan = {"kind": "function", "parameters": [], "result": None, "body": {"kind": "empty"}}
    else:
        function = {**read_function(logic, report), "result": type_of(logic)}
    return {
        "name": _name(element),
        "type": type_of(child(element, "variable")),
        "requires": _requirements(element),
        "function": function,
    }


def _service(element: Element) -> Plan:
    def references(kind: str) -> list[str]:
        return [found for each in children(element, kind) if (found := reference(each))]

    return {
        "id": id_of(element),
        "name": _name(element),
        "type": type_of(child(element, "variable")),
        "outputs": references("outputDecision"),
        "inputData": references("inputData"),
        "inputDecisions": references("inputDecision"),
    }


def _requirements(element: Element) -> list[Plan]:
    return [
        {"kind": _REQUIRED[name_of(target)], "id": wanted}
        for requirement in children(element, "informationRequirement", "knowledgeRequirement")
        for target in children(requirement, *_REQUIRED)
        if (wanted := reference(target))
    ]


def _check_identity(root: Element, report: Report) -> None:
    """Ids decide what a requirement means, names what an expression means: neither may be there twice."""
    ids = Counter(each.get("id") for each in root.iter() if isinstance(each.tag, str) and each.get("id"))
    for repeated in (each for each, count in ids.items() if count > 1):
        report(repeated, "duplicate_id", id=repeated)

    kinds = ("inputData", "decision", "businessKnowledgeModel", "decisionService")
    seen: dict[str, Element] = {}
    for element in children(root, *kinds):
        if not element.get("id"):
            report(element.get("name", ""), "missing_id", what=name_of(element), name=element.get("name"))
        if _name(element) in seen:
            report(id_of(element), "duplicate_name", name=_name(element))
        seen[_name(element)] = element
