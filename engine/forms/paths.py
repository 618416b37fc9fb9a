"""Addresses of values: ``request.lines[0].quantity`` in HTML, ("request", "lines", 0, "quantity") inside."""

from collections.abc import Mapping
from typing import Any

Path = tuple[str | int, ...]


def parse(key: str) -> tuple[str, ...]:
    """The steps of a dotted form-js key; () for an empty one."""
    return tuple(key.split(".")) if key else ()


def name(path: Path) -> str:
    """The HTML field name of a path whose row steps are row tokens."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def get(tree: Any, path: Path) -> Any:
    """The value at a path, None when any step is missing."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(tree, list) or step >= len(tree):
                return None
            tree = tree[step]
        elif isinstance(tree, Mapping):
            tree = tree.get(step)
        else:
            return None
    return tree


class Overlay:
    """A tree that starts as given data and is written over without touching them."""

    def __init__(self, data: Mapping[str, Any]):
        self.tree: dict[str, Any] = dict(data)
        self._own: dict[int, Any] = {id(self.tree): self.tree}

    def put(self, path: Path, value: Any) -> None:
        """Set a value, making the objects on the way; what is no object there is replaced by one."""
        node: Any = self.tree
        for step in path[:-1]:
            below = node[step] if isinstance(step, int) else node.get(step)
            if id(below) not in self._own:
                below = (
                    dict(below)
                    if isinstance(below, Mapping)
                    else list(below)
                    if isinstance(below, list)
                    else {}
                )
                self._own[id(below)] = below
                node[step] = below
            node = below
        node[path[-1]] = value
