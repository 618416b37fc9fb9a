"""Values as the page would send them, for who fills a form in without a page: scenarios, tests, the API."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.forms import paths, values
from engine.forms.components import Component, Form
from engine.forms.options import encode
from engine.forms.raw import ROWS


def fields_of(form: Form, given: Mapping[str, Any], *, zone: str = "Asia/Shanghai") -> list[tuple[str, str]]:
    """The field pairs for some of a form's values, nested as in process variables; the rest stays as it is.

    Values the form has no component for become fields too, so that `submit` refuses them by name.
    """
    components = (*form.components, form.outcome) if form.outcome else form.components
    return list(_fields(components, given, (), zone))


def _fields(
    components: tuple[Component, ...], given: Mapping[str, Any], base: paths.Path, zone: str
) -> Iterator[tuple[str, str]]:
    used = []
    for component in _flat(components):
        value = paths.get(given, component.path)
        name = paths.name((*base, *component.path))
        if component.type == "dynamiclist" and isinstance(value, list):
            yield ROWS + name, ""
            for index, row in enumerate(value):
                yield ROWS + name, str(index)
                yield from _fields(component.components, row, (*base, *component.path, index), zone)
        elif component.is_input and value is not None:
            for text in values.typed(component, value, zone) or [""]:
                yield name, text
        elif value is not None:
            continue
        used.append(component.path)
    for path, value in _leaves(given, ()):
        if not any(path[: len(prefix)] == prefix for prefix in used):
            yield paths.name((*base, *path)), encode(value)


def _flat(components: tuple[Component, ...]) -> Iterator[Component]:
    """The components with a path, groups opened."""
    for component in components:
        if component.type == "group":
            yield from _flat(component.components)
        elif component.path:
            yield component


def _leaves(tree: Any, path: paths.Path) -> Iterator[tuple[paths.Path, Any]]:
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from _leaves(value, (*path, key))
    else:
        yield path, tree
