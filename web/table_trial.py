"""Trying a decision table in its editor: what it reads, what comes out for typed values, what it leaves open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from engine import dmn
from engine.feel import FeelError, names
from engine.runtime.context import Context
from web.queries.studio import Desk

_PATH = r"{name}(?:\.[A-Za-z_]\w*)*"


@dataclass(frozen=True, kw_only=True)
class Try:
    """One decision with values typed for what it reads."""

    decision: str
    #: Path of a variable -> what was typed, "" for nothing.
    fields: Mapping[str, str]
    #: Table id -> numbers of the rules that matched.
    matched: Mapping[str, Sequence[int]]
    #: Ids of the rules that matched.
    rules: Sequence[str]
    #: The value as JSON, or None where there is none because of `error`.
    value: str | None
    error: str
    findings: Sequence[dmn.Finding]


def run(
    ctx: Context,
    desk: Desk,
    name: str,
    content: bytes,
    *,
    decision: str,
    typed: Mapping[str, str],
    sample: Any,
) -> Try | None:
    """Evaluate a decision of a file as it is in the editor, by the engine itself; None while it cannot be read.

    `typed`: path -> text; paths that were not typed yet begin with the sample's value.
    """
    others = [table for table in desk.bundle.tables if table.name == name]
    try:
        decisions = dmn.parse(content, others[0].imports if others else ())
    except dmn.InvalidDecision:
        return None
    if decision not in decisions.names:
        return None
    fields = {path: typed.get(path, _shown(_at(sample, path))) for path in reads(decisions, decision)}
    variables: dict[str, Any] = {}
    for path, text in fields.items():
        if text.strip():
            _put(variables, path.split("."), _value(text))
    result, error = None, ""
    try:
        result = dmn.evaluate(decisions, decision, variables, ctx.engine.feel, ctx.now)
    except dmn.DecisionFailed as failed:
        result, error = failed.result, str(failed)
    except FeelError as failed:
        error = failed.message
    trace = result.trace if result else ()
    return Try(
        decision=decision,
        fields=fields,
        matched={
            each["decisionName"]: [rule["index"] for rule in each["rules"]]
            for each in trace
            if each.get("rules") is not None
        },
        rules=[rule["id"] for each in trace for rule in each.get("rules") or ()],
        value=None if error or result is None else orjson.dumps(result.value).decode(),
        error=error,
        findings=dmn.analyse(decisions).get(decision, []),
    )


def reads(decisions: dmn.Decisions, decision: str) -> list[str]:
    """Paths of the variables that a decision and those it requires read, in the order of their columns."""
    plan = orjson.loads(decisions.plan)["decisions"]
    wanted, waiting = [], [decision]
    while waiting:
        key = waiting.pop()
        if key in plan and key not in wanted:
            wanted.append(key)
            waiting += decisions.required(key)
    answered = {plan[key]["name"] for key in wanted}
    found: dict[str, None] = {}
    for key in wanted:
        for text, tests in _expressions(plan[key]["logic"]):
            for path in _paths(text, tests=tests):
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


def _paths(expression: str, *, tests: bool) -> list[str]:
    try:
        roots = names(expression, tests=tests)
    except FeelError:
        return []
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression)
    found = []
    for root in sorted(roots, key=bare.find):
        pattern = _PATH.format(name=re.escape(root))
        found += re.findall(rf"(?<![\w.]){pattern}", bare) or [root]
    return list(dict.fromkeys(found))


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _value(text: str) -> Any:
    """A number, true, false, null, list or context as JSON writes it; anything else is a text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text.strip()


def _put(into: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        into = into.setdefault(name, {})
    into[path[-1]] = value
