"""Expressions: that they are expressions, and that they can be read."""

from collections.abc import Iterator

from config.problem import Problem
from engine.bpmn.problems import error
from engine.bpmn.reading.document import ZEEBE, Document, Node, identify, text

#: BPMN elements whose text has to be an expression.
CONDITIONS = [
    "conditionExpression",
    "completionCondition",
    "loopCondition",
    "activationCondition",
    "condition",
    "formalExpression",
    "expression",
    "transformation",
]
TEXTS = [*CONDITIONS, "loopCardinality", "timeDate", "timeDuration", "timeCycle"]
#: ``zeebe:`` attributes that have to be expressions.
ALWAYS = {
    "script": ["expression"],
    "subscription": ["correlationKey"],
    "loopCharacteristics": ["inputCollection", "outputElement"],
    "adHoc": ["activeElementsCollection"],
}


def conditions_are_expressions(document: Document) -> Iterator[Problem]:
    for node in document.nodes(*CONDITIONS):
        if not text(node).startswith("="):
            yield _plain(node, text(node))
    for node in document.nodes("loopCardinality"):
        if text(node) and not text(node).startswith("=") and not text(node).isdecimal():
            yield _plain(node, text(node))


def extensions_are_expressions(document: Document) -> Iterator[Problem]:
    for name, attributes in ALWAYS.items():
        for node in document.root.iter(f"{{{ZEEBE}}}{name}"):
            for attribute in attributes:
                given = node.get(attribute)
                if given and not given.startswith("="):
                    yield _plain(node, given)


def _plain(node: Node, given: str) -> Problem:
    element = identify(node)
    if not given:
        return error(
            element, "expression_empty", "An expression is empty.", "Write it, beginning with an equals sign."
        )
    return error(
        element,
        "not_an_expression",
        "{text} are plain words where an expression has to be.",
        "Let it begin with an equals sign, for example =amount > 100.",
        text=given,
    )


def syntax(document: Document) -> Iterator[Problem]:
    """Every expression parses, as far as the caller brought a checker."""
    check = document.check_expression
    if check is None:
        return
    for node, given in _expressions(document):
        reason = check(given[1:])
        if reason:
            yield error(
                identify(node),
                "expression_syntax",
                "The expression {text} cannot be read: {reason}",
                "Correct the expression.",
                text=given,
                reason=reason,
            )


def _expressions(document: Document) -> Iterator[tuple[Node, str]]:
    for node in document.nodes(*TEXTS):
        if text(node).startswith("="):
            yield node, text(node)
    for node in document.root.iter(f"{{{ZEEBE}}}*"):
        for given in node.attrib.values():
            if given.startswith("="):
                yield node, given


RULES = (conditions_are_expressions, extensions_are_expressions, syntax)
