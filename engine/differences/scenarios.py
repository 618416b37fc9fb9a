"""Two versions of a file of scenarios, scenario by scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from engine import safe_yaml
from engine.differences.changes import Change


def changes(file: str, before: bytes, after: bytes) -> Iterator[Change]:
    """Scenarios in their order, those that are gone last. Raises `ValueError` for what is no YAML."""
    old, new = _named(before), _named(after)
    for name in dict.fromkeys((*new, *old)):
        was, now = old.get(name), new.get(name)
        if was != now:
            what = "added" if was is None else "removed" if now is None else "changed"
            yield Change(
                kind="scenario", file=file, what=what, code=f"scenario_{what}", params={"name": name}
            )


def _named(content: bytes) -> dict[str, Any]:
    try:
        documents = [said for _, said in safe_yaml.read(content.decode())]
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    return {str(each.get("name", "")): each for each in documents if isinstance(each, dict)}
