"""Reading a form-js JSON file (schema versions up to 19) into a `Form`."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from config.problem import Problem
from engine.forms import paths, structure
from engine.forms.components import CHOICES, KEYED, Component, Form, Option, Rules, walk
from engine.forms.expressions import is_expression

_KNOWN = frozenset(
    [
        "id",
        "type",
        "key",
        "path",
        "label",
        "description",
        "conditional",
        "readonly",
        "disabled",
        "defaultValue",
        "validate",
        "layout",
        "values",
        "properties",
        "components",
    ]
)
#: What matters only when the form is sent, or is looked at by itself.
_UNSEEN = frozenset({"validate", "properties", "defaultValue", "components"})
_WORD = re.compile(r"\w+")


class InvalidForm(ValueError):
    """The form cannot be shown. A process owner must mend it; `problems` name component and remedy."""

    code = "invalid_form"

    def __init__(self, problems: list[Problem]):
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def load(schema: Mapping[str, Any] | bytes) -> Form:
    """The form of a form-js JSON document; parsed forms are kept. Raises InvalidForm."""
    return _load(schema if isinstance(schema, bytes) else orjson.dumps(schema))


@lru_cache(maxsize=512)
def _load(document: bytes) -> Form:
    schema = structure.decode(document)
    if isinstance(schema, Problem):
        raise InvalidForm([schema])
    problems = [problem for problem in structure.problems(schema) if problem.severity == "error"]
    if problems:
        raise InvalidForm(problems)
    components = tuple(_component(raw, ()) for raw in schema.get("components", ()))
    outcome = next((c for c in components if is_outcome(c)), None)
    submit = next((c for c in components if c.type == "button" and c.settings.get("action") != "reset"), None)
    shown = tuple(c for c in components if c is not outcome and c.type != "button")
    return Form(
        id=schema.get("id", "form"),
        components=shown,
        outcome=outcome,
        submit_label=submit.label if submit and submit.label else None,
        influential=_influential(schema, shown),
    )


def is_outcome(component: Component) -> bool:
    """Whether a component's options are the buttons at the bottom."""
    return component.properties.get("outcome") == "true"


def _component(raw: Mapping[str, Any], prefix: tuple[str, ...]) -> Component:
    kind = raw["type"]
    own = paths.parse(raw.get("path" if kind in ("group", "dynamiclist") else "key", ""))
    path = prefix + own
    layout = raw.get("layout") or {}
    # A list starts a new scope for its rows; a group only lengthens the keys inside it.
    below = path if kind == "group" else ()
    return Component(
        id=raw.get("id") or ".".join(path) or kind,
        type=kind,
        path=path if kind in KEYED or kind == "dynamiclist" else (),
        label=raw.get("label") or raw.get("dateLabel") or raw.get("timeLabel") or "",
        description=raw.get("description") or "",
        hide=(raw.get("conditional") or {}).get("hide") or None,
        readonly=raw.get("readonly") or False,
        disabled=raw.get("disabled") is True,
        default=raw.get("defaultValue"),
        rules=_rules(raw),
        row=layout.get("row"),
        columns=layout.get("columns"),
        options=_options(raw) if kind in CHOICES else None,
        properties=raw.get("properties") or {},
        settings={key: value for key, value in raw.items() if key not in _KNOWN},
        components=tuple(_component(child, below) for child in raw.get("components", ())),
    )


def _options(raw: Mapping[str, Any]) -> tuple[Option, ...] | None:
    if raw.get("valuesExpression") or raw.get("valuesKey"):
        return None
    intents = raw.get("properties") or {}
    return tuple(
        Option(
            value=option["value"],
            label=option.get("label") or str(option["value"]),
            intent=option.get("intent") or intents.get(f"intent:{option['value']}"),
        )
        for option in raw.get("values") or ()
    )


def _rules(raw: Mapping[str, Any]) -> Rules:
    validate = raw.get("validate") or {}
    properties = raw.get("properties") or {}
    return Rules(
        required=_required(validate.get("required"), properties.get("required")),
        min_length=validate.get("minLength"),
        max_length=validate.get("maxLength"),
        pattern=validate.get("pattern") or None,
        pattern_message=validate.get("patternErrorMessage") or None,
        minimum=validate.get("min", properties.get("earliest")),
        maximum=validate.get("max", properties.get("latest")),
        format=validate.get("validationType") if validate.get("validationType") != "custom" else None,
        check=properties.get("check"),
        check_message=properties.get("checkMessage"),
    )


def _required(*wishes: Any) -> bool | str:
    """The first wish that is FEEL, else whether one is a plain yes."""
    return next((wish for wish in wishes if is_expression(wish)), True in wishes)


def _influential(schema: Mapping[str, Any], components: tuple[Component, ...]) -> frozenset[str]:
    """Components named in what decides how the form looks: when they change, it may look different."""
    read: set[str] = set()
    for raw in structure.components(schema):
        looks = {key: value for key, value in raw.items() if key not in _UNSEEN}
        looks["required"] = [(raw.get(place) or {}).get("required") for place in ("properties", "validate")]
        for text in structure.strings(looks):
            if text.startswith("=") or "{{" in text:
                read.update(_WORD.findall(text))
    return frozenset(c.id for c in walk(components) if c.is_input and c.path[-1] in read)
