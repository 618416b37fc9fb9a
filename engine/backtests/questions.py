"""Questions: what a changed form asks that the recorded answer does not say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.forms import Evaluate, Form, FormExpressionError
from engine.forms.components import CHOICES, INPUTS, Component

Path = tuple[str, ...]


def unanswered(
    before: Form | None,
    after: Form | None,
    values: Mapping[str, Any],
    data: Mapping[str, Any],
    evaluate: Evaluate,
) -> tuple[str, ...]:
    """Labels of the fields that the form did not ask before and that are shown to whoever answered `values`.

    A choice that no longer offers what was chosen is asked anew. `data` is what the form may read.
    """
    if after is None:
        return ()
    asked = dict(_inputs(before.components)) if before is not None else {}
    seen = {**data, **values}
    return tuple(
        field.label or ".".join(path)
        for path, field in _inputs(after.components)
        if not _hidden(field, seen, evaluate)
        and ((path not in asked and _at(values, path) is None) or _withdrawn(field, _at(values, path)))
    )


def _inputs(components: tuple[Component, ...], within: Path = ()) -> Iterator[tuple[Path, Component]]:
    """Every field a person fills in, by where its value lies; those of list rows below the list."""
    for each in components:
        path = within + each.path
        if each.type in INPUTS and each.path and not each.disabled and each.readonly is not True:
            yield path, each
        yield from _inputs(each.components, path)


def _hidden(field: Component, seen: Mapping[str, Any], evaluate: Evaluate) -> bool:
    if field.hide is None:
        return False
    try:
        return evaluate(field.hide.removeprefix("="), seen) is True
    except (FormExpressionError, ValueError):
        return False


def _withdrawn(field: Component, value: Any) -> bool:
    if field.type not in CHOICES or field.options is None or value is None:
        return False
    offered = [option.value for option in field.options]
    return any(each not in offered for each in (value if isinstance(value, list) else [value]))


def _at(values: Any, path: Path) -> Any:
    """The value under a path; in a list the first row stands for all."""
    for step in path:
        if isinstance(values, list):
            values = values[0] if values else None
        values = values.get(step) if isinstance(values, Mapping) else None
    return values
