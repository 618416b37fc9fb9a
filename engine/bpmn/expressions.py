"""Evaluating what a diagram says; whatever goes wrong is ``Trouble`` for the element."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.bpmn.environment import Environment
from engine.bpmn.model import IoMapping
from engine.bpmn.trouble import Trouble
from engine.bpmn.variables import place


def value(environment: Environment, text: str, variables: Mapping[str, Any]) -> Any:
    """``=expression`` evaluated, any other text as it is."""
    if not text.startswith("="):
        return text
    try:
        return environment.value(text, variables)
    except Exception as reason:
        raise Trouble("expression", f"{text}: {reason}", expression=text) from reason


def boolean(environment: Environment, text: str, variables: Mapping[str, Any]) -> bool:
    """A condition. Null is no answer: it usually means a misspelt or missing variable."""
    result = value(environment, text, variables)
    if not isinstance(result, bool):
        raise Trouble(
            "condition", f"the condition {text} gives {result!r}, neither true nor false", expression=text
        )
    return result


def texts(environment: Environment, text: str | None, variables: Mapping[str, Any]) -> tuple[str, ...]:
    """A comma-separated literal or an expression that gives a list or one text."""
    if not text:
        return ()
    result = value(environment, text, variables)
    if result is None:
        return ()
    items = result.split(",") if isinstance(result, str) else result
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise Trouble("expression", f"{text} gives {result!r}, not a list of texts", expression=text)
    return tuple(item.strip() for item in items if item.strip())


def mapped(
    environment: Environment,
    mappings: Sequence[IoMapping],
    variables: Mapping[str, Any],
    start: dict[str, Any],
) -> dict[str, Any]:
    """Evaluate mappings in order; each sees the targets of those before it. ``start`` is filled and returned."""
    for mapping in mappings:
        given = value(environment, mapping.source, {**variables, **start})
        head = mapping.target.partition(".")[0]
        if head != mapping.target and head not in start and isinstance(variables.get(head), dict):
            start[head] = variables[head]
        place(start, mapping.target, given)
    return start
