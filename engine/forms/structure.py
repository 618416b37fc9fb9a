"""Whether a form's JSON is one we can show: everything that can be told without evaluating FEEL."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from config.problem import Problem
from engine.forms import checks
from engine.forms.checks import problem
from engine.forms.components import CONTAINERS, KEYED

#: The newest schema this reads; form-js editor 1.23 writes it.
NEWEST_VERSION = 19


def decode(document: bytes) -> dict[str, Any] | Problem:
    """The JSON object of a form file, or why it is none."""
    try:
        schema = orjson.loads(document)
    except orjson.JSONDecodeError as reason:
        return problem(
            "", "not_json", f"The form is not JSON: {reason}.", "Export it again from the form editor."
        )
    if not isinstance(schema, dict) or not isinstance(schema.get("components"), list):
        return problem("", "not_a_form", "The file is not a form.", "Export it again from the form editor.")
    return schema


def problems(schema: Mapping[str, Any]) -> list[Problem]:
    """What keeps a decoded form from being shown (errors), or makes it worse (warnings)."""
    found: list[Problem] = []
    version = schema.get("schemaVersion", 1)
    if not isinstance(version, int) or version > NEWEST_VERSION:
        found.append(
            problem(
                "",
                "schema_version",
                f"The form's schema version {version} is too new.",
                "Use form-js editor 1.23.",
            )
        )
    if not all(isinstance(raw, dict) and isinstance(raw.get("type"), str) for raw in components(schema)):
        found.append(
            problem("", "not_a_form", "A component has no type.", "Export it again from the form editor.")
        )
        return found
    for raw in components(schema):
        found += checks.component(raw)
    ids = Counter(raw.get("id") for raw in components(schema) if raw.get("id"))
    found += [
        problem(id, "duplicate_id", f"Two components have the id {id}.", "Give each its own id.")
        for id, count in ids.items()
        if count > 1
    ]
    found += _duplicate_keys(schema["components"], "")
    found += _outcomes(schema)
    return found


def components(raw: Mapping[str, Any]) -> Iterator[Any]:
    """Every component of a decoded form, containers before what they contain."""
    below = raw.get("components")
    for child in below if isinstance(below, list) else ():
        yield child
        if isinstance(child, dict):
            yield from components(child)


def strings(tree: Any) -> Iterator[str]:
    """Every string anywhere in a JSON value."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict | list):
        for value in tree.values() if isinstance(tree, dict) else tree:
            yield from strings(value)


def _duplicate_keys(raws: list, prefix: str) -> list[Problem]:
    seen: Counter[str] = Counter()
    found: list[Problem] = []

    def visit(raws: list, prefix: str) -> None:
        for raw in raws:
            kind = raw["type"]
            own = raw.get("path") if kind in CONTAINERS else raw.get("key")
            path = ".".join(part for part in (prefix, own) if part)
            if kind == "group":
                visit(raw.get("components") or [], path)
                continue
            if kind == "dynamiclist":
                found.extend(_duplicate_keys(raw.get("components") or [], ""))
            if kind in KEYED or kind == "dynamiclist":
                seen[path] += 1
                if seen[path] == 2:
                    found.append(
                        problem(
                            raw.get("id") or path,
                            "duplicate_key",
                            f"Two fields have the key {path}.",
                            "Rename one.",
                        )
                    )

    visit(raws, prefix)
    for outer in list(seen):
        if any(other.startswith(outer + ".") for other in seen):
            found.append(
                problem(
                    outer,
                    "overlapping_keys",
                    f"{outer} is both a value and a group of values.",
                    "Rename one.",
                )
            )
    return found


def _outcomes(schema: Mapping[str, Any]) -> list[Problem]:
    marked = [raw for raw in components(schema) if (raw.get("properties") or {}).get("outcome") == "true"]
    found = []
    for raw in marked:
        name = raw.get("id") or raw.get("key") or "outcome"
        if raw["type"] != "radio":
            found.append(
                problem(
                    name, "outcome_not_radio", f"The outcome {name} is no radio group.", "Use a radio group."
                )
            )
        if raw not in schema["components"]:
            found.append(
                problem(
                    name, "outcome_nested", f"The outcome {name} is inside a group.", "Move it to the end."
                )
            )
    if len(marked) > 1:
        name = marked[1].get("id") or "outcome"
        found.append(
            problem(
                name, "two_outcomes", "The form has two outcomes.", "Keep one radio group as the outcome."
            )
        )
    return found
