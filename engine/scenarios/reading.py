"""Why a scenario cannot be read: each problem on its line, in a sentence that says what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml
from pydantic import ValidationError

from config.problem import Problem

#: Kinds of pydantic's errors about a value of another kind -> what is wanted.
_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "greater_than": "a whole number above zero",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "dict_type": "names with values",
    "model_type": "names with values",
    "decimal_type": "an amount",
    "decimal_parsing": "an amount",
    "datetime_type": "a moment such as 2026-11-02T10:00:00+08:00",
    "datetime_parsing": "a moment such as 2026-11-02T10:00:00+08:00",
    "datetime_from_date_parsing": "a moment such as 2026-11-02T10:00:00+08:00",
    "timezone_aware": "a moment with its zone, such as 2026-11-02T10:00:00+08:00",
}


def unreadable(error: yaml.YAMLError) -> Problem:
    """Text that is no YAML."""
    mark = getattr(error, "problem_mark", None)
    return Problem(
        element=_line(mark.line if mark else 0),
        code="unreadable",
        message=f"This cannot be read: {getattr(error, 'problem', None) or error}.",
        remedy="Look at indentation, brackets and quotes here and in the line above.",
    )


def not_names() -> Problem:
    """Variables that are no variables."""
    return Problem(
        element=_line(0),
        code="wrong_value",
        message="Here stands another thing than names with values.",
        remedy="Write, for example, available: true.",
    )


def problems(error: ValidationError, node: yaml.Node) -> list[Problem]:
    """Everything in a document that is not as a scenario is written."""
    found = [_problem(each["type"], each["loc"], str(each["msg"]), node) for each in error.errors()]
    # One place tried as several kinds of value is one problem.
    return list({(each.element, each.code, each.message): each for each in found}.values())


def _problem(type_: str, place: Sequence[Any], said: str, node: yaml.Node) -> Problem:
    named = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in place) or "scenario"
    element = _line(_where(node, place))
    if type_ == "missing":
        return Problem(
            element=element,
            code="missing",
            message=f"“{named}” is missing.",
            remedy="Add it; every key is explained beside the editor.",
        )
    if type_ == "extra_forbidden":
        return Problem(
            element=element,
            code="unknown_key",
            message=f"“{named}” is nothing a scenario knows.",
            remedy="Look for a misspelling; every key is explained beside the editor.",
        )
    if type_ == "value_error":
        return Problem(
            element=element,
            code="wrong_value",
            message=f"“{named}” cannot be so: {said.removeprefix('Value error, ')}.",
            remedy="Keep one of them.",
        )
    return Problem(
        element=element,
        code="wrong_value",
        message=f"“{named}” has to be {_WANTED.get(type_, said)}.",
        remedy="Write it that way.",
    )


def _line(number: int) -> str:
    return f"line {number + 1}"


def _where(node: yaml.Node, place: Sequence[Any]) -> int:
    """The line of a place, or of the innermost part around it that is there."""
    line = node.start_mark.line
    for part in place:
        inner = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == part:
                    inner, line = value, key.start_mark.line
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            inner = node.value[part]
            line = inner.start_mark.line
        if inner is None:
            return line
        node = inner
    return line
