"""Trying a decision table in its editor: what it reads, what comes out for typed values, what it leaves open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from engine import dmn
from engine.feel import FeelError
from engine.runtime.context import Context
from web import decision_tables
from web.queries.studio import Desk


@dataclass(frozen=True, kw_only=True)
class Try:
    """One decision with values typed for what it reads."""

    decision: str
    #: Path of a variable -> what was typed, "" for nothing.
    fields: Mapping[str, str]
    #: Name of a table -> numbers of the rules that matched.
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
    fields = {path: typed.get(path, _shown(_at(sample, path))) for path in dmn.reads(decisions, decision)}
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
    called = {
        table.id: desk.translate(table.name, ctx.actor.language) for table in decision_tables.read(content)
    }
    return Try(
        decision=decision,
        fields=fields,
        matched={
            called.get(each["decisionId"], each["decisionName"]): [rule["index"] for rule in each["rules"]]
            for each in trace
            if each.get("rules") is not None
        },
        rules=[rule["id"] for each in trace for rule in each.get("rules") or ()],
        value=None if error or result is None else orjson.dumps(result.value).decode(),
        error=error,
        findings=dmn.analyse(decisions).get(decision, []),
    )


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
