"""The JSON Schema in effect for one submission: what is visible and editable now, with the limits of now."""

from decimal import Decimal
from typing import Any

from engine.forms import dates, numbers, paths
from engine.forms.components import MULTIPLE_CHOICES, SINGLE_CHOICES, TEXTS
from engine.forms.expressions import Scope
from engine.forms.slots import Slot
from engine.forms.visibility import State

#: No text field takes more, whatever the form says: keeps patterns and rows of the database cheap.
MOST_CHARACTERS = 20_000


def effective_schema(state: State) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12, with keywords of our own) of what may be sent in this state."""
    schema = _object()
    for slot in state.slots:
        _add(schema, slot, state, ())
    return schema


def required(slot: Slot, scope: Scope) -> bool:
    """Whether the slot must be filled in."""
    return scope.truth(slot.component.rules.required)


def _add(schema: dict[str, Any], slot: Slot, state: State, base: paths.Path) -> None:
    if slot in state.hidden:
        return
    component = slot.component
    if component.type == "group":
        for child in slot.slots:
            _add(schema, child, state, base)
    elif component.type == "dynamiclist":
        _put(schema, slot.path[len(base) :], _list(slot, state), must=False)
    elif state.is_editable(slot):
        scope = state.scope(slot)
        _put(schema, slot.path[len(base) :], _field(slot, state, scope), must=required(slot, scope))


def _list(slot: Slot, state: State) -> dict[str, Any]:
    rows = []
    for row in slot.list_rows:
        schema = _object()
        for child in row.slots:
            _add(schema, child, state, row.path)
        rows.append(schema)
    return {"type": "array", "prefixItems": rows, "items": False} | _checked(slot, state.scope(slot))


def _field(slot: Slot, state: State, scope: Scope) -> dict[str, Any]:
    component = slot.component
    rules = component.rules
    schema = _checked(slot, scope)
    if component.type in TEXTS:
        _limit(schema, "minLength", scope.value(rules.min_length))
        _limit(schema, "maxLength", scope.value(rules.max_length))
        schema["maxLength"] = min(schema.get("maxLength", MOST_CHARACTERS), MOST_CHARACTERS)
        if rules.pattern:
            schema["pattern"] = rules.pattern
        if rules.format:
            schema["format"] = rules.format
    elif component.type == "number":
        schema["type"] = "number"
        _limit(schema, "minimum", scope.value(rules.minimum))
        _limit(schema, "maximum", scope.value(rules.maximum))
        _limit(schema, "decimalDigits", component.settings.get("decimalDigits"))
        _limit(schema, "multipleOf", component.settings.get("increment"))
    elif component.type == "datetime":
        schema["moment"] = dates.subtype(component)
        earliest = [scope.value(rules.minimum)]
        if component.settings.get("disallowPassedDates"):
            earliest.append(scope.value("=today()" if dates.subtype(component) == "date" else "=now()"))
        schema["earliest"] = [(text, state.zone) for text in earliest if isinstance(text, str)]
        latest = scope.value(rules.maximum)
        schema["latest"] = [(latest, state.zone)] if isinstance(latest, str) else []
    elif component.type in SINGLE_CHOICES:
        schema["enum"] = [option.value for option in state.options[slot]]
    elif component.type in MULTIPLE_CHOICES:
        schema |= {"type": "array", "items": {"enum": [option.value for option in state.options[slot]]}}
    elif component.type == "filepicker":
        allowed = scope.text(component.settings.get("accept") or "")
        schema |= {"type": "array", "items": {"type": "object", "accept": allowed}}
        if not scope.truth(component.settings.get("multiple")):
            schema["maxItems"] = 1
    return schema


def _checked(slot: Slot, scope: Scope) -> dict[str, Any]:
    rules = slot.component.rules
    return {"holds": scope.truth(rules.check)} if rules.check else {}


def _limit(schema: dict[str, Any], keyword: str, value: Any) -> None:
    if isinstance(value, str):
        value = numbers.parse(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return
    exact = numbers.exact(value)
    if keyword == "multipleOf" and exact <= 0:
        return
    schema[keyword] = int(exact) if keyword in ("minLength", "maxLength", "decimalDigits") else exact


def _object() -> dict[str, Any]:
    return {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def _put(schema: dict[str, Any], path: paths.Path, field: dict[str, Any], *, must: bool) -> None:
    for step in path[:-1]:
        # The objects around a required value must be there for its absence to be noticed.
        if must and step not in schema["required"]:
            schema["required"].append(step)
        schema = schema["properties"].setdefault(step, _object())
    schema["properties"][path[-1]] = field
    if must:
        schema["required"].append(path[-1])
