"""Variables of a token: JSON values in a flat dict that is replaced, never changed in place."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

MISSING: Any = type("Missing", (), {"__repr__": lambda self: "MISSING", "__bool__": lambda self: False})()


class Irreconcilable(ValueError):
    """Both sides changed a value, and to different values."""


def same(left: Any, right: Any) -> bool:
    """Equal as JSON: unlike ``==``, ``1`` is not ``true``, and nested values are looked into."""
    if left is right:
        return True
    if type(left) is not type(right):
        return {type(left), type(right)} == {int, float} and left == right
    if isinstance(left, dict):
        return len(left) == len(right) and all(
            key in right and same(value, right[key]) for key, value in left.items()
        )
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], without: Iterable[str] = ()
) -> dict[str, Any]:
    """The variables whose value in ``after`` is not the one in ``before``."""
    left_out = frozenset(without)
    return {
        name: value
        for name, value in after.items()
        if name not in left_out and not same(before.get(name, MISSING), value)
    }


def merge(base: Any, ours: Any, theirs: Any) -> Any:
    """Three-way merge of one value; objects are merged key by key. Raises ``Irreconcilable``."""
    if same(ours, theirs) or same(base, theirs):
        return ours
    if same(base, ours):
        return theirs
    if not (
        isinstance(ours, dict) and isinstance(theirs, dict) and (base is MISSING or isinstance(base, dict))
    ):
        raise Irreconcilable
    merged = {}
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        before = MISSING if base is MISSING else base.get(key, MISSING)
        value = merge(before, ours.get(key, MISSING), theirs.get(key, MISSING))
        if value is not MISSING:
            merged[key] = value
    return merged


def unstorable(values: Mapping[str, Any], limit: int) -> str | None:
    """Why a state cannot hold these values: no JSON, too deep, or larger than ``limit`` bytes."""
    try:
        size = len(orjson.dumps(values))
    except TypeError as reason:
        return str(reason)
    return f"{size} bytes are more than the {limit} allowed" if size > limit else None


def place(variables: dict[str, Any], target: str, value: Any) -> None:
    """Set ``a.b.c`` in a dict owned by the caller; the objects on the way are copied, not changed."""
    head, _, rest = target.partition(".")
    if not rest:
        variables[head] = value
        return
    inner = variables.get(head)
    copy = dict(inner) if isinstance(inner, dict) else {}
    place(copy, rest, value)
    variables[head] = copy
