"""From bytes to a diagram that runs, or to everything that keeps it from running."""

from collections.abc import Callable
from dataclasses import replace

from config.problem import Problem
from engine.bpmn.model import Diagram
from engine.bpmn.problems import InvalidDiagram
from engine.bpmn.reading.document import Document
from engine.bpmn.reading.processes import read_diagram
from engine.bpmn.rules import RULES

#: Gives what is wrong with an expression (without its "="), or None.
ExpressionCheck = Callable[[str], str | None]


def lint(xml: bytes, *, check_expression: ExpressionCheck | None = None) -> list[Problem]:
    """Every problem of the file, errors first; empty when it runs as drawn."""
    try:
        document = Document(xml)
    except InvalidDiagram as refusal:
        return list(refusal.problems)
    return _examine(document, check_expression)


def parse(xml: bytes, *, check_expression: ExpressionCheck | None = None) -> Diagram:
    """The diagram, ready to run. Raises ``InvalidDiagram`` with every problem when one of them is an error."""
    document = Document(xml)
    problems = _examine(document, check_expression)
    if any(problem.severity == "error" for problem in problems):
        raise InvalidDiagram(problems)
    return read_diagram(document)


def _examine(document: Document, check_expression: ExpressionCheck | None) -> list[Problem]:
    document.check_expression = check_expression
    shown = _only_shown(document)
    problems = [
        replace(problem, severity="warning") if problem.element in shown else problem
        for rule in RULES
        for problem in rule(document)
    ]
    return sorted(problems, key=lambda problem: problem.severity != "error")


def _only_shown(document: Document) -> frozenset[str]:
    """Ids inside processes that do not run, such as a partner's pool: what is wrong there keeps nobody from running."""
    if not any(process.get("isExecutable") == "true" for process in document.processes):
        return frozenset()
    return frozenset(
        node.get("id")
        for process in document.processes
        if process.get("isExecutable") != "true"
        for node in process.iter()
        if node.get("id")
    )
