"""What a decision reads from the process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from engine.dmn.decisions import Decisions
from engine.feel import paths


def reads(decisions: Decisions, decision: str) -> list[str]:
    """Paths of the variables that a decision and those it requires read, in the order of their columns."""
    plan = orjson.loads(decisions.plan)["decisions"]
    wanted: list[str] = []
    waiting = [decision]
    while waiting:
        key = waiting.pop()
        if key in plan and key not in wanted:
            wanted.append(key)
            waiting += decisions.required(key)
    answered = {plan[key]["name"] for key in wanted}
    found: dict[str, None] = {}
    for key in wanted:
        for text, tests in _expressions(plan[key]["logic"]):
            for path in paths(text, tests=tests):
                if path.split(".")[0] not in answered:
                    found.setdefault(path)
    # `order` itself is not asked for where `order.total` is.
    return [path for path in found if not any(other.startswith(f"{path}.") for other in found)]


def _expressions(logic: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Every expression of a decision, and whether it is a cell of conditions."""
    if logic["kind"] == "table":
        yield from ((column["expression"]["text"], False) for column in logic["inputs"])
        for rule in logic["rules"]:
            yield from ((cell["text"], True) for cell in rule["tests"] if cell["text"])
            yield from ((cell["text"], False) for cell in rule["results"] if cell["text"])
    elif "text" in logic:
        yield logic["text"], False
