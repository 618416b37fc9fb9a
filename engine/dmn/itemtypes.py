"""Reading item definitions."""

from typing import Any

from engine.dmn.elements import Element, child, children, id_of, text_of, type_of


def read_types(root: Element) -> dict[str, Any]:
    """Name to definition, as web/assets/feel/decisions/types.js takes it."""
    return {
        each.get("name"): _definition(each) for each in children(root, "itemDefinition") if each.get("name")
    }


def _definition(element: Element) -> dict[str, Any]:
    function = child(element, "functionItem")
    fields = [{"name": each.get("name"), **_definition(each)} for each in children(element, "itemComponent")]
    definition: dict[str, Any] = {
        "type": type_of(element),
        "collection": element.get("isCollection") == "true",
        "allowed": _tests(child(element, "allowedValues")),
        "constraint": _tests(child(element, "typeConstraint")),
    }
    if fields:
        definition["fields"] = fields
    if function is not None:
        definition["parameters"] = [type_of(each) for each in children(function, "parameters")]
        definition["result"] = function.get("outputTypeRef")
    return definition


def _tests(element: Element | None) -> dict[str, str] | None:
    text = text_of(element)
    return {"id": id_of(element), "text": text} if text else None
