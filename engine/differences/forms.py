"""Two versions of a form, field by field: properties with both values, fields that moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from engine.differences.changes import Change, Name, Phrase, Term, Value, What
from engine.differences.order import moved
from engine.differences.words import PROPERTIES

#: Where things stand on the canvas, and what the editor says of itself.
_DRAWN = frozenset(
    {"layout", "exporter", "executionPlatform", "executionPlatformVersion", "schemaVersion", "id"}
)
#: Texts that people read: translated with the procedure's words.
_READ = frozenset({"label", "description", "text", "values.label"})


@dataclass(frozen=True, kw_only=True)
class _Field:
    id: str
    #: Id of the group or list around it; empty for the form itself.
    within: str
    label: str
    type: str
    #: Path -> value; lists of choices by their value.
    values: Mapping[str, Any]
    layout: Any


def changes(file: str, before: bytes, after: bytes) -> Iterator[Change]:
    """In the order of the new form, then what is gone. Raises `ValueError` for what is no JSON."""
    was, now = orjson.loads(before), orjson.loads(after)
    old, new = _fields(was), _fields(now)
    for path, (one, other) in _differing(_form(was), _form(now)):
        params = {"property": path, **_sides(path, one, other)}
        yield Change(kind="form", file=file, what="changed", code="form_value", params=params)
    elsewhere = set(moved([*old], [*new])) | {
        id_ for id_, field in new.items() if id_ in old and old[id_].within != field.within
    }
    for id_, field in new.items():
        if id_ not in old:
            yield _change(file, "added", "field_added", field)
            continue
        if id_ in elsewhere:
            yield _change(file, "moved", "field_moved", field)
        for path, (one, other) in _differing(old[id_].values, field.values):
            yield _change(
                file, "changed", "field_value", field, property=_property(path), **_sides(path, one, other)
            )
    for id_, field in old.items():
        if id_ not in new:
            yield _change(file, "removed", "field_removed", field)
    drawn = tuple(id_ for id_, field in new.items() if id_ in old and old[id_].layout != field.layout)
    if drawn:
        params = {"n": len(drawn)}
        yield Change(kind="form", file=file, what="layout", code="layout", elements=drawn, params=params)


def _form(document: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in document.items() if name != "components" and name not in _DRAWN}
    return dict(_flat(own))


def _fields(document: Mapping[str, Any], within: str = "") -> dict[str, _Field]:
    """Every component at any depth, by its id, in the order of the form."""
    found: dict[str, _Field] = {}
    for index, each in enumerate(document.get("components") or ()):
        id_ = str(each.get("id") or each.get("key") or each.get("path") or f"{within}#{index}")
        own = {name: value for name, value in each.items() if name != "components" and name not in _DRAWN}
        label = each.get("label") or each.get("key") or each.get("path") or each.get("text") or id_
        found[id_] = _Field(
            id=id_,
            within=within,
            label=str(label),
            type=str(each.get("type", "")),
            values=dict(_flat(own)),
            layout={k: v for k, v in (each.get("layout") or {}).items() if v is not None},
        )
        found |= _fields(each, id_)
    return found


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        for index, each in enumerate(value):
            key = each.get("value", each.get("key", index))
            yield from _flat({k: v for k, v in each.items() if k != "value"} or {"": True}, f"{path}[{key}]")
    elif value is not None:
        yield path, value


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for path in dict.fromkeys((*new, *old)):
        if old.get(path) != new.get(path):
            yield path, (old.get(path), new.get(path))


def _property(path: str) -> Value:
    bare, _, rest = path.partition("[")
    if rest:
        key, _, inner = rest.partition("]")
        label = PROPERTIES.get(f"{bare}{inner}")
        return Phrase("keyed", {"label": Term(label) if label else f"{bare}{inner}", "key": key})
    label = PROPERTIES.get(path)
    return (
        Term(label[0].upper() + label[1:]) if label and path != "label" else Term("Label") if label else path
    )


def _sides(path: str, old: Any, new: Any) -> dict[str, Value]:
    return {"old": _shown(path, old), "new": _shown(path, new)}


def _shown(path: str, value: Any) -> Value:
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        bare, _, rest = path.partition("[")
        return Name(value) if f"{bare}{rest.partition(']')[2]}" in _READ else value
    return orjson.dumps(value).decode()


def _change(file: str, kind: What, code: str, field: _Field, /, **params: Value) -> Change:
    what = Phrase("named", {"type": Term(field.type), "name": Name(field.label)})
    return Change(
        kind="form", file=file, what=kind, code=code, elements=(field.id,), params={"what": what, **params}
    )
