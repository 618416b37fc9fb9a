"""Checking the values of a form's state; what is wrong gets a stable code and the params of its message."""

from collections.abc import Mapping
from typing import Any

from jsonschema import ValidationError

from engine.forms import dates, numbers, paths
from engine.forms.components import MULTIPLE_CHOICES, SINGLE_CHOICES
from engine.forms.effective import effective_schema
from engine.forms.keywords import FORMATS, Validator
from engine.forms.slots import Slot
from engine.forms.values import Unreadable, is_blank
from engine.forms.visibility import State

#: A code with its params.
Found = tuple[str, dict[str, Any]]


def check(state: State) -> list[tuple[Slot, str, dict[str, Any]]]:
    """What is wrong with the state's values: slot, code, params; one finding a slot, in the form's order."""
    tree, slots = _instance(state)
    found: dict[Slot, Found] = {}
    for error in Validator(effective_schema(state), format_checker=FORMATS).iter_errors(tree):
        path = tuple(error.absolute_path)
        if error.validator == "required":
            path += (next(name for name in error.validator_value if _says_missing(error, name)),)
        slot = _nearest(slots, path)
        if slot is not None and slot not in found:
            found[slot] = _code(error, slot)
    order = {slot: number for number, slot in enumerate(slots.values())}
    return [(slot, *found[slot]) for slot in sorted(found, key=order.__getitem__)]


def _instance(state: State) -> tuple[dict[str, Any], dict[paths.Path, Slot]]:
    """What is checked: the filled-in values of editable slots; and the slot at every path."""
    overlay = paths.Overlay({})
    at: dict[paths.Path, Slot] = {}

    def add(slots: tuple[Slot, ...]) -> None:
        for slot in slots:
            if slot in state.hidden:
                continue
            if slot.component.type == "dynamiclist":
                at[slot.path] = slot
                overlay.put(slot.path, [{} for _ in slot.list_rows])
                for row in slot.list_rows:
                    add(row.slots)
            elif slot.slots:
                add(slot.slots)
            elif state.is_editable(slot):
                at[slot.path] = slot
                for end in range(1, len(slot.path)):
                    if paths.get(overlay.tree, slot.path[:end]) is None:
                        overlay.put(slot.path[:end], {})
                value = state.values[slot]
                if not is_blank(value) or isinstance(value, Unreadable):
                    overlay.put(slot.path, _exact(slot, value))

    add(state.slots)
    return overlay.tree, at


def _exact(slot: Slot, value: Any) -> Any:
    """Numbers as decimals, so that steps and cents are checked as they were written."""
    if slot.component.type != "number" or isinstance(value, Unreadable | bool):
        return value
    if isinstance(value, str):
        number = numbers.parse(value)
        return value if number is None else number
    return numbers.exact(value) if isinstance(value, int | float) else value


def _nearest(slots: Mapping[paths.Path, Slot], path: paths.Path) -> Slot | None:
    while path and path not in slots:
        path = path[:-1]
    return slots.get(path)


def _says_missing(error: ValidationError, name: str) -> bool:
    return name not in error.instance and error.message.startswith(f"{name!r} ")


def _code(error: ValidationError, slot: Slot) -> Found:
    kind, limit, value = error.validator, error.validator_value, error.instance
    component = slot.component
    if kind == "required":
        codes = {"checkbox": "tick_required", "filepicker": "file_required"}
        choices = MULTIPLE_CHOICES | SINGLE_CHOICES
        return codes.get(component.type, "choice_required" if component.type in choices else "required"), {}
    if kind == "type":
        codes = {"filepicker": "unknown_attachment", "number": "not_a_number"}
        return codes.get(component.type, "not_an_option"), {}
    if kind in ("minimum", "maximum"):
        digits = component.settings.get("decimalDigits")
        return ("too_small" if kind == "minimum" else "too_large"), {kind: numbers.spoken(limit, digits)}
    if kind == "minLength":
        return "too_short", {"minimum": limit}
    if kind == "maxLength":
        return "too_long", {"maximum": limit, "length": len(value)}
    if kind == "multipleOf":
        return "step", {"step": numbers.spoken(limit)}
    if kind == "decimalDigits":
        return ("decimals", {"digits": limit}) if limit else ("whole_number", {})
    if kind in ("earliest", "latest"):
        text, zone = min(limit) if kind == "latest" else max(limit)
        return f"too_{'early' if kind == 'earliest' else 'late'}", {kind: dates.spoken(component, text, zone)}
    if kind == "accept":
        return "file_type", {"name": value.get("name"), "accept": limit}
    simple = {
        "enum": "not_an_option",
        "maxItems": "too_many_files",
        "holds": "check",
        "moment": f"not_a_{limit}",
    }
    return simple.get(kind) or (limit if kind == "format" else kind), {}
