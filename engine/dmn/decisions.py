"""Decision models: parsed once, evaluated often, each table with a trace of what matched."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import orjson
from lxml import etree

from config.problem import Problem
from engine.dmn import elements
from engine.dmn.assembling import assemble
from engine.dmn.problems import InvalidDecision, problem
from engine.dmn.reading import Plan, read_model
from engine.feel import Feel, FeelError

NO_MODEL: Plan = {"types": {}, "inputs": {}, "decisions": {}, "knowledge": {}, "services": {}}


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """The decisions of a model that can run."""

    #: Id to name, decisions and decision services, in the order of the file.
    names: Mapping[str, str]
    #: Id to the ids of the decisions it requires directly.
    requirements: Mapping[str, tuple[str, ...]]
    #: What the FEEL machines load, and the key they know it by.
    plan: str
    key: str

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self.names)

    def required(self, decision_id: str) -> tuple[str, ...]:
        """The ids of the decisions that one requires directly. Raises KeyError for an unknown id."""
        return self.requirements[decision_id]


@dataclass(frozen=True, kw_only=True)
class DecisionResult:
    """The value of a decision, and how it came about."""

    #: JSON: dates, times and durations are ISO 8601 strings.
    value: Any
    #: One entry a table, in the order of evaluation: decisionId, decisionName, tableId, hitPolicy,
    #: inputs [{id, label, value}], rules [{id, index}] that matched (index from 1), output.
    trace: tuple[Mapping[str, Any], ...]
    #: What made a decision null: decisionId, element, code, message, params.
    errors: tuple[Mapping[str, Any], ...]


class DecisionFailed(ValueError):
    """A table was asked for what it does not answer: several rules of a UNIQUE table match, a value is not allowed."""

    def __init__(self, decision_id: str, result: DecisionResult):
        super().__init__("; ".join(error["message"] for error in result.errors))
        self.decision_id = decision_id
        self.result = result


def parse(xml: bytes, imports: Sequence[bytes] = ()) -> Decisions:
    """A model, with those it imports among `imports`. Raises InvalidDecision with every problem that stops it."""
    plan, found = _checked(xml, imports)
    errors = [each for each in found if each.severity == "error"]
    if errors:
        raise InvalidDecision(errors)
    encoded = orjson.dumps(plan).decode()
    decisions = plan["decisions"]
    return Decisions(
        names={
            id: item["name"] for section in ("decisions", "services") for id, item in plan[section].items()
        },
        requirements={
            id: tuple(each["id"] for each in item["requires"] if each["kind"] == "decision")
            for id, item in decisions.items()
        }
        | {id: tuple(item["outputs"]) for id, item in plan["services"].items()},
        plan=encoded,
        key=hashlib.sha256(encoded.encode()).hexdigest(),
    )


def lint(xml: bytes, imports: Sequence[bytes] = ()) -> list[Problem]:
    """Everything that is wrong with a model, FEEL in each cell included; warnings do not keep it from running."""
    return _checked(xml, imports)[1]


def evaluate(
    decisions: Decisions,
    decision_id: str,
    variables: Mapping[str, Any],
    feel: Feel,
    now: datetime,
    *,
    strict: bool = True,
) -> DecisionResult:
    """Evaluate a decision or decision service with the variables at hand.

    Raises KeyError for an unknown id, FeelError where time or memory run out, and DecisionFailed when a table
    could not answer; with `strict=False` such a table answers null instead, as the standard has it.
    """
    if decision_id not in decisions.names:
        raise KeyError(decision_id)
    answer = feel.decide(decisions.key, decisions.plan, decision_id, variables, now=now)
    result = DecisionResult(
        value=answer["value"], trace=tuple(answer["trace"]), errors=tuple(answer["errors"])
    )
    if strict and result.errors:
        raise DecisionFailed(decision_id, result)
    return result


def _checked(xml: bytes, imports: Sequence[bytes]) -> tuple[Plan, list[Problem]]:
    found: list[Problem] = []

    def report(element: str, code: str, **params: Any) -> None:
        found.append(problem(element, code, **params))

    plans = []
    for source in (xml, *imports):
        root = _root(source, report)
        if root is None:
            return NO_MODEL, found
        plans.append(read_model(root, report))
    plan = assemble(plans[0], plans[1:], report)
    if not plans[0]["decisions"] and not imports:
        report("", "no_decision", severity="warning")
    if not any(each.severity == "error" for each in found):
        found += _feel_problems(orjson.dumps(plan).decode())
    return plan, found


def _root(xml: bytes, report: Any) -> elements.Element | None:
    try:
        root = elements.parse(xml)
    except etree.XMLSyntaxError as reason:
        report("", "not_xml", reason=str(reason).rstrip("."))
        return None
    if elements.name_of(root) != "definitions" or "/DMN/" not in (etree.QName(root).namespace or ""):
        report("", "not_dmn", root=elements.name_of(root))
        return None
    return root


@lru_cache(maxsize=64)
def _feel_problems(plan: str) -> tuple[Problem, ...]:
    """Kept for a while: each of the procedures that share a model checks it, and checking compiles all of it."""
    try:
        problems = _checker().load(plan)
    except FeelError as failure:
        return (problem("", "too_large", reason=failure.message),)
    return tuple(
        problem(
            each["element"],
            each.get("code", "feel_syntax"),
            where=_place(each.get("where")),
            message=each.get("message"),
            text=each["text"],
        )
        for each in problems
    )


def _place(where: Mapping[str, Any] | None) -> str:
    if not where:
        return ""
    return (
        f"Rule {where['rule']}, column {where['column']}: "
        if "rule" in where
        else f"Column {where['column']}: "
    )


@cache
def _checker() -> Feel:
    return Feel(machines=1)
