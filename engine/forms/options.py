"""What a choice offers: static options, a list in the data (valuesKey), or FEEL (valuesExpression)."""

import json
from collections.abc import Mapping
from typing import Any

from engine.forms import paths
from engine.forms.components import Component, Option
from engine.forms.expressions import Scope


def offered(component: Component, scope: Scope) -> tuple[Option, ...]:
    """The options of a choice in a scope; entries of the data that are no options are left out."""
    if component.options is not None:
        return component.options
    if expression := component.settings.get("valuesExpression"):
        found = scope.value(expression)
    else:
        found = paths.get(scope.variables, paths.parse(component.settings.get("valuesKey", "")))
    options = [_option(entry) for entry in found] if isinstance(found, list) else []
    return tuple(option for option in options if option is not None)


def encode(value: Any) -> str:
    """An option's value as an HTML attribute: strings as they are, anything else as compact JSON."""
    return (
        value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    )


def chosen(text: str, options: tuple[Option, ...]) -> Option | None:
    """The option whose encoded value was sent."""
    return next((option for option in options if encode(option.value) == text), None)


def _option(entry: Any) -> Option | None:
    if isinstance(entry, Mapping):
        value = entry.get("value")
        label = entry.get("label")
        intent = entry.get("intent")
    else:
        value, label, intent = entry, None, None
    if value in (None, "", {}, []):
        return None
    return Option(
        value=value,
        label=label if isinstance(label, str) and label else encode(value),
        intent=intent if isinstance(intent, str) else None,
    )
