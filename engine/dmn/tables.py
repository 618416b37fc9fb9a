"""Reading decision tables."""

from collections.abc import Callable
from typing import Any

from engine.dmn.elements import Element, child, children, id_of, text_of, type_of

HIT_POLICIES = ("UNIQUE", "ANY", "FIRST", "PRIORITY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")


def read_table(
    element: Element,
    report: Callable[..., None],
    read_cell: Callable[[Element, Callable[..., None]], dict[str, Any]],
) -> dict[str, Any]:
    """The plan of a table: its policy, columns and rules; cells say where they stand."""
    table = id_of(element)
    inputs = [
        _input(each, number, report, read_cell)
        for number, each in enumerate(children(element, "input"), start=1)
    ]
    outputs = [
        _output(each, number, report, read_cell)
        for number, each in enumerate(children(element, "output"), start=1)
    ]
    rules = [
        _rule(each, number, inputs, outputs, report, read_cell)
        for number, each in enumerate(children(element, "rule"), start=1)
    ]
    policy = element.get("hitPolicy", "UNIQUE")
    aggregation = element.get("aggregation")
    _check(table, policy, aggregation, inputs, outputs, rules, report)
    _check_duplicates(policy, rules, report)
    return {
        "hitPolicy": policy,
        "aggregation": aggregation if policy == "COLLECT" else None,
        "inputs": inputs,
        "outputs": outputs,
        "rules": rules,
    }


def _check(
    table: str,
    policy: str,
    aggregation: str | None,
    inputs: list[dict[str, Any]],
    outputs: list[dict[str, Any]],
    rules: list[dict[str, Any]],
    report: Callable[..., None],
) -> None:
    if policy not in HIT_POLICIES:
        report(table, "unknown_hit_policy", policy=policy)
    if aggregation and aggregation not in AGGREGATIONS:
        report(table, "unknown_aggregation", aggregation=aggregation)
    if not inputs:
        report(table, "no_inputs", severity="warning")
    if not outputs:
        report(table, "no_outputs")
    if not rules:
        report(table, "no_rules", severity="warning")
    if len(outputs) > 1:
        for number, output in enumerate(outputs, start=1):
            if not output["name"]:
                report(output["id"], "unnamed_output", number=number)
        if aggregation and aggregation != "COUNT":
            report(table, "several_aggregated", aggregation=aggregation, outputs=len(outputs))
    if policy in ("PRIORITY", "OUTPUT ORDER") and not any(output["values"] for output in outputs):
        report(table, "no_priorities", policy=policy, severity="warning")


def _check_duplicates(policy: str, rules: list[dict[str, Any]], report: Callable[..., None]) -> None:
    """Two rules with the same conditions match together, which UNIQUE forbids and FIRST makes useless."""
    seen: dict[tuple[str, ...], int] = {}
    for number, rule in enumerate(rules, start=1):
        conditions = tuple(cell["text"] for cell in rule["tests"])
        if policy in ("UNIQUE", "FIRST") and conditions in seen:
            report(rule["id"], "duplicate_rule", severity="warning", first=seen[conditions], second=number)
        seen.setdefault(conditions, number)


def _input(element: Element, number: int, report: Callable[..., None], read_cell: Callable) -> dict[str, Any]:
    expression = child(element, "inputExpression")
    text = text_of(expression)
    label = element.get("label") or text or f"Input {number}"
    if not text:
        report(id_of(element), "empty_expression", what=f"Input {number} ({label})")
    cell = {"id": id_of(element), "text": "null"} if not text else read_cell(expression, report)
    return {
        "id": id_of(element),
        "label": label,
        "type": type_of(expression),
        "expression": {**cell, "where": {"column": label}},
        "values": _values(child(element, "inputValues"), label, read_cell, report),
    }


def _output(
    element: Element, number: int, report: Callable[..., None], read_cell: Callable
) -> dict[str, Any]:
    name = element.get("name")
    label = element.get("label") or name or f"Output {number}"
    default = child(element, "defaultOutputEntry")
    return {
        "id": id_of(element),
        "name": name,
        "label": label,
        "type": type_of(element),
        "values": _values(child(element, "outputValues"), label, read_cell, report),
        "default": {**read_cell(default, report), "where": {"column": label}} if text_of(default) else None,
    }


def _values(
    element: Element | None, label: str, read_cell: Callable, report: Callable[..., None]
) -> dict[str, Any] | None:
    return {**read_cell(element, report), "where": {"column": label}} if text_of(element) else None


def _rule(
    element: Element,
    number: int,
    inputs: list[dict[str, Any]],
    outputs: list[dict[str, Any]],
    report: Callable[..., None],
    read_cell: Callable,
) -> dict[str, Any]:
    tests = [read_cell(cell, report) for cell in children(element, "inputEntry")]
    results = [read_cell(cell, report) for cell in children(element, "outputEntry")]
    if (len(tests), len(results)) != (len(inputs), len(outputs)):
        found, expected = len(tests) + len(results), len(inputs) + len(outputs)
        report(id_of(element), "rule_width", rule=number, found=found, expected=expected)
    for cell, column in [*zip(tests, inputs, strict=False), *zip(results, outputs, strict=False)]:
        cell["where"] = {"rule": number, "column": column["label"]}
    return {"id": id_of(element), "tests": tests, "results": results}
