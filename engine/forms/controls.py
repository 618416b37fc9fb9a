"""Input components as nodes: a control to fill in, or what it holds where it may not be."""

from typing import Any

from engine.forms import dates, effective, numbers, values
from engine.forms.components import CHOICES, MULTIPLE_CHOICES, TEXTS, Component, Option
from engine.forms.expressions import Scope
from engine.forms.nodes import Attachment, Choice, Node
from engine.forms.options import encode
from engine.forms.page import Page
from engine.forms.slots import Slot
from engine.forms.values import Unreadable

_DATE_INPUTS = {"date": "date", "time": "time", "datetime": "datetime-local"}
_TEXT_INPUTS = {"email": "email", "phone": "tel"}


def control(page: Page, slot: Slot, scope: Scope) -> Node:
    """The node of an input a person may fill in."""
    component, value = slot.component, page.state.values[slot]
    kinds = {"radio": "choices", "checklist": "choices", "taglist": "choices"}
    return Node(
        kind=kinds.get(component.type, component.type),
        id=page.id(slot),
        name=slot.name,
        label=page.say(component.label, scope),
        description=page.say(component.description, scope),
        errors=page.errors.get(slot.name, ()),
        required=effective.required(slot, scope),
        value=_text(page, slot),
        refreshes=component.id in page.influential,
        **_adorners(page, component, scope),
        **_specifics(page, slot, scope, value),
    )


def output(page: Page, slot: Slot, scope: Scope) -> Node:
    """The node of a value that can only be read."""
    component, value = slot.component, page.state.values[slot]
    return Node(
        kind="output",
        id=page.id(slot),
        label=page.say(component.label, scope),
        description=page.say(component.description, scope),
        value=_spoken(page, slot, scope, value) or page.words["empty"],
        attachments=_attachments(value) if component.type == "filepicker" else (),
        **_adorners(page, component, scope),
    )


def label(page: Page, component: Component, option: Option, scope: Scope) -> str:
    """An option's label; only labels written in the form may hold expressions, never those from data."""
    if component.options is None:
        return page.told(option.label)
    return page.say(option.label, scope)


def _text(page: Page, slot: Slot) -> str:
    """What stands in the input: what was typed, else the value."""
    if slot.component.type in CHOICES or slot.component.type == "filepicker":
        return ""
    texts = slot.raw or values.typed(slot.component, page.state.values[slot], page.state.zone)
    return texts[-1] if texts else ""


def _adorners(page: Page, component: Component, scope: Scope) -> dict[str, str]:
    appearance = component.settings.get("appearance") or {}
    return {
        "prefix": page.say(appearance.get("prefixAdorner") or "", scope),
        "suffix": page.say(appearance.get("suffixAdorner") or "", scope),
    }


def _specifics(page: Page, slot: Slot, scope: Scope, value: Any) -> dict[str, Any]:
    component = slot.component
    if component.type in CHOICES:
        several = component.type in MULTIPLE_CHOICES
        chosen = {encode(item) for item in (value if isinstance(value, list) else [value])}
        offered = page.state.options[slot]
        return {
            "multiple": several,
            "choices": tuple(
                Choice(value=text, label=label(page, component, option, scope), chosen=text in chosen)
                for option in offered
                for text in (encode(option.value),)
            ),
        }
    if component.type == "number":
        whole = component.settings.get("decimalDigits") == 0
        return {"input_mode": "numeric" if whole else "decimal"}
    if component.type == "datetime":
        subtype = dates.subtype(component)
        interval = component.settings.get("timeInterval")
        return {
            "input_type": _DATE_INPUTS[subtype],
            "step": interval * 60 if isinstance(interval, int) and subtype != "date" else None,
        }
    if component.type == "filepicker":
        return {
            "multiple": scope.truth(component.settings.get("multiple")),
            "accept": scope.text(component.settings.get("accept") or ""),
            "attachments": _attachments(value),
        }
    return {"input_type": _TEXT_INPUTS.get(component.rules.format or "", "text")}


def _attachments(value: Any) -> tuple[Attachment, ...]:
    items = value if isinstance(value, list) else []
    return tuple(
        Attachment(id=str(item.get("attachment")), name=str(item.get("name")), size=item.get("size") or 0)
        for item in items
        if isinstance(item, dict)
    )


def _spoken(page: Page, slot: Slot, scope: Scope, value: Any) -> str:
    component = slot.component
    if value is None or isinstance(value, Unreadable) or component.type == "filepicker":
        return ""
    if component.type == "checkbox":
        return page.words["yes" if value is True else "no"]
    if component.type in CHOICES:
        labels = {encode(o.value): label(page, component, o, scope) for o in page.state.options[slot]}
        items = value if isinstance(value, list) else [value]
        return page.words["and"].join(labels.get(encode(item), encode(item)) for item in items)
    if component.type == "datetime" and isinstance(value, str):
        return dates.spoken(component, value, page.state.zone)
    if component.type == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return numbers.spoken(value, component.settings.get("decimalDigits"))
    if component.type in TEXTS and isinstance(value, str):
        return dates.local(value, page.state.zone)
    return encode(value)
