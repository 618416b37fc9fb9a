"""Reading boxed expressions: each kind of the standard as a node of the plan."""

from collections.abc import Callable
from typing import Any

from engine.dmn.elements import Element, child, children, id_of, name_of, text_of, type_of
from engine.dmn.tables import read_table

Report = Callable[..., None]
Node = dict[str, Any]

#: Local names of expressions; everything else beside them (description, extension elements) is no logic.
EXPRESSIONS = (
    "literalExpression",
    "decisionTable",
    "context",
    "list",
    "relation",
    "invocation",
    "functionDefinition",
    "conditional",
    "filter",
    "for",
    "some",
    "every",
)
_BESIDE_LOGIC = ("description", "extensionElements", "variable", "typeRef")


def logic_of(element: Element) -> Element | None:
    """The expression inside of a decision, an entry, a binding, ..."""
    return child(element, *EXPRESSIONS)


def read_expression(element: Element | None, report: Report) -> Node:
    """The node of an expression element; `report(element id, code, **params)` is told what cannot run."""
    if element is None:
        return {"kind": "empty"}
    return {"id": id_of(element), "type": type_of(element), **_READERS[name_of(element)](element, report)}


def read_inside(element: Element | None, report: Report) -> Node:
    """The node of the expression that this element holds."""
    if element is None:
        return {"kind": "empty"}
    logic = logic_of(element)
    if logic is None:
        for other in children(element):
            if name_of(other) not in _BESIDE_LOGIC:
                report(id_of(other), "unknown_expression", kind=name_of(other))
                return {"kind": "empty"}
        report(id_of(element), "empty_expression", what=element.get("name") or name_of(element))
    return read_expression(logic, report)


def read_cell(element: Element, report: Report) -> Node:
    """An expression or tests in text form, its language checked."""
    language = element.get("expressionLanguage", "")
    if language and not language.strip("/").casefold().endswith("feel"):
        report(id_of(element), "other_language", language=language)
    return {"id": id_of(element), "text": text_of(element)}


def _literal(element: Element, report: Report) -> Node:
    cell = read_cell(element, report)
    if not cell["text"]:
        report(cell["id"], "empty_expression", what="The expression")
        return {"kind": "empty"}
    return {"kind": "literal", "text": cell["text"]}


def _table(element: Element, report: Report) -> Node:
    return {"kind": "table", **read_table(element, report, read_cell)}


def _context(element: Element, report: Report) -> Node:
    entries = []
    for entry in children(element, "contextEntry"):
        variable = child(entry, "variable")
        entries.append(
            {
                "name": None if variable is None else variable.get("name"),
                "type": type_of(variable),
                "value": read_inside(entry, report),
            }
        )
    return {"kind": "context", "entries": entries}


def _list(element: Element, report: Report) -> Node:
    return {
        "kind": "list",
        "items": [read_expression(each, report) for each in children(element, *EXPRESSIONS)],
    }


def _relation(element: Element, report: Report) -> Node:
    return {
        "kind": "relation",
        "columns": [column.get("name") for column in children(element, "column")],
        "rows": [
            [read_expression(cell, report) for cell in children(row, *EXPRESSIONS)]
            for row in children(element, "row")
        ],
    }


def _invocation(element: Element, report: Report) -> Node:
    bindings = []
    for binding in children(element, "binding"):
        parameter = child(binding, "parameter")
        bindings.append(
            {
                "name": parameter.get("name"),
                "type": type_of(parameter),
                "value": read_inside(binding, report) if logic_of(binding) is not None else {"kind": "empty"},
            }
        )
    return {
        "kind": "invocation",
        "function": read_expression(logic_of(element), report),
        "bindings": bindings,
    }


def read_function(element: Element, report: Report) -> Node:
    """A function definition, or the encapsulated logic of a business knowledge model."""
    language = element.get("kind", "FEEL")
    if language != "FEEL":
        report(id_of(element), "external_function", language=language)
    return {
        "kind": "function",
        "parameters": [
            {"name": parameter.get("name"), "type": type_of(parameter)}
            for parameter in children(element, "formalParameter")
        ],
        "body": read_inside(element, report) if language == "FEEL" else {"kind": "empty"},
    }


def _function(element: Element, report: Report) -> Node:
    return {**read_function(element, report), "type": None}


def _conditional(element: Element, report: Report) -> Node:
    parts = {part: read_inside(child(element, part), report) for part in ("if", "then", "else")}
    return {"kind": "conditional", **parts}


def _filter(element: Element, report: Report) -> Node:
    parts = {part: read_inside(child(element, part), report) for part in ("in", "match")}
    return {"kind": "filter", **parts}


def _iterator(element: Element, report: Report) -> Node:
    return {
        "kind": name_of(element),
        "variable": element.get("iteratorVariable"),
        "in": read_inside(child(element, "in"), report),
        "body": read_inside(child(element, "return", "satisfies"), report),
    }


_READERS: dict[str, Callable[[Element, Report], Node]] = {
    "literalExpression": _literal,
    "decisionTable": _table,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "invocation": _invocation,
    "functionDefinition": _function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _iterator,
    "some": _iterator,
    "every": _iterator,
}
