"""What can be wrong with one component of a form's JSON, told without evaluating FEEL."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from config.problem import Problem
from engine.forms.components import CHOICES, CONTAINERS, INPUTS, KEYED, SUPPORTED

_KEY = re.compile(r"[^\W\d_]\w*(\.[^\W\d_]\w*)*")
_IMAGE = re.compile(r"https://|data:image/|=|\{\{", re.IGNORECASE)

_INSTEAD = {
    "html": "Use a text view: it takes Markdown.",
    "iframe": "Put a link into a text view.",
    "documentPreview": "Attachments are shown on the case page; remove the preview.",
}


def component(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything wrong with one component, errors and warnings."""
    kind, name = raw["type"], raw.get("id") or raw.get("key") or raw["type"]
    if kind not in SUPPORTED:
        remedy = _INSTEAD.get(kind, "Replace it by a supported component (forms/README.md lists them).")
        yield problem(name, "unsupported_component", f"Components of type {kind} are not shown.", remedy)
        return
    if kind in KEYED and not _valid_key(raw.get("key")):
        yield problem(
            name,
            "invalid_key",
            f"{name} has no usable key.",
            "Letters, digits, _ and dots, beginning with a letter.",
        )
    if kind == "dynamiclist" and not _valid_key(raw.get("path")):
        yield problem(name, "invalid_key", f"The list {name} has no path.", "Give it a path, such as lines.")
    if kind == "group" and raw.get("path") and not _valid_key(raw["path"]):
        yield problem(
            name, "invalid_key", f"The group {name} has an unusable path.", "Letters, digits, _ and dots."
        )
    if kind in CONTAINERS and not isinstance(raw.get("components", []), list):
        yield problem(name, "not_a_form", f"{name} has no list of components.", "Export the form again.")
    if kind in INPUTS and not (raw.get("label") or raw.get("dateLabel") or raw.get("timeLabel")):
        yield problem(
            name, "no_label", f"{name} has no label.", "People need one to know what to enter.", "warning"
        )
    if kind in CHOICES:
        yield from _choice(raw, name)
    if kind == "image" and not _IMAGE.match(str(raw.get("source") or "")):
        yield problem(
            name, "image_source", f"The image {name} cannot be shown.", "Use an https or data:image address."
        )
    yield from _bounds(raw, name)


def _choice(raw: Mapping[str, Any], name: str) -> Iterator[Problem]:
    if raw.get("valuesExpression") or raw.get("valuesKey"):
        return
    options = raw.get("values")
    if not isinstance(options, list) or not options:
        yield problem(
            name, "no_options", f"{name} has nothing to choose from.", "Add options or an expression."
        )
    elif any(not isinstance(option, dict) or option.get("value") in (None, "") for option in options):
        yield problem(name, "option_without_value", f"An option of {name} has no value.", "Give it a value.")


def _bounds(raw: Mapping[str, Any], name: str) -> Iterator[Problem]:
    validate = raw.get("validate") or {}
    for low, high in (("min", "max"), ("minLength", "maxLength")):
        smallest, largest = validate.get(low), validate.get(high)
        if isinstance(smallest, int | float) and isinstance(largest, int | float) and smallest > largest:
            yield problem(
                name, "empty_range", f"{name} allows nothing: {low} is above {high}.", "Swap the limits."
            )
    if pattern := validate.get("pattern"):
        try:
            re.compile(pattern)
        except re.error as reason:
            yield problem(
                name, "invalid_pattern", f"The pattern of {name} is not valid: {reason}.", "Mend the pattern."
            )


def _valid_key(key: Any) -> bool:
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def problem(element: str, code: str, message: str, remedy: str, severity: str = "error") -> Problem:
    """A problem of a form, without params."""
    return Problem(element=element, code=code, message=message, remedy=remedy, severity=severity)
