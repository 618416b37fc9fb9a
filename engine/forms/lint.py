"""What is wrong with a form, before anyone fills it in: structure, expressions, limits."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from config.problem import Problem
from engine.feel import syntax
from engine.forms import structure, templates
from engine.forms.checks import problem
from engine.forms.expressions import is_expression

_PROPERTIES = ("check", "rows", "required", "earliest", "latest")


def lint(schema: Mapping[str, Any] | bytes) -> list[Problem]:
    """Every problem of a form-js document, errors and warnings, in reading order."""
    document = structure.decode(schema if isinstance(schema, bytes) else orjson.dumps(schema))
    if isinstance(document, Problem):
        return [document]
    found = structure.problems(document)
    if any(one.code == "not_a_form" for one in found):
        return found
    for raw in structure.components(document):
        found += _expressions(raw)
        found += _habits(raw)
    return found


def _expressions(raw: Mapping[str, Any]) -> Iterator[Problem]:
    name = raw.get("id") or raw.get("key") or raw["type"]
    own = {key: value for key, value in raw.items() if key != "components"}
    for text in structure.strings(own):
        try:
            expressions = [text[1:]] if text.startswith("=") else templates.expressions(text)
        except templates.InvalidTemplate as reason:
            yield problem(
                name, "invalid_template", f"A text of {name} is not closed properly: {reason}.", "Close it."
            )
            continue
        for expression in expressions:
            for mistake in syntax.check(expression.strip()):
                yield problem(
                    name,
                    "feel_syntax",
                    f"“{expression.strip()}” on {name} is not FEEL: {mistake.message}.",
                    "Mend it.",
                )
    for key in _PROPERTIES:
        value = (raw.get("properties") or {}).get(key)
        if value is not None and not is_expression(value):
            yield problem(
                name, "not_feel", f"The property {key} of {name} is no expression.", "Begin it with =."
            )


def _habits(raw: Mapping[str, Any]) -> Iterator[Problem]:
    name = raw.get("id") or raw["type"]
    if raw["type"] == "button" and raw.get("action") == "reset":
        yield problem(name, "reset_button", "A reset button is not shown.", "Remove it.", "warning")
    if raw["type"] == "text" and len(raw.get("text") or "") == 0:
        yield problem(
            name, "empty_text", f"The text {name} says nothing.", "Write it or remove it.", "warning"
        )
    default = raw.get("defaultValue")
    values = [option.get("value") for option in raw.get("values") or () if isinstance(option, Mapping)]
    if values and default is not None and not isinstance(default, list) and default not in values:
        yield problem(
            name, "default_not_offered", f"The default of {name} is no option.", "Choose one of the options."
        )
