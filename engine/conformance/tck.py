"""Reading the test cases of the standard's own suite: what goes in, what has to come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

_NAMESPACE = "{http://www.omg.org/spec/DMN/20160719/testcase}"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_TEMPORAL = ("date", "time", "dateTime", "duration")
#: What the suite allows numbers to differ.
_TOLERANCE = 1e-8


class Moment(str):
    """A date, time or duration in an expectation."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One test case: evaluate each of `expected` with `inputs`."""

    name: str
    model: Path
    imports: tuple[Path, ...]
    inputs: dict[str, Any]
    #: Name of the decision service to invoke in place of the decisions, if any.
    service: str | None
    expected: dict[str, Any]


def cases(folder: Path, entry: Mapping[str, Any]) -> Iterator[Case]:
    """The test cases of one entry of a `cases.json` in `folder`, in the order of their file."""
    for each in etree.parse(folder / entry["tests"]).getroot().iter(f"{_NAMESPACE}testCase"):
        yield Case(
            name=f"{entry['name']}/{each.get('id')}",
            model=folder / entry["model"],
            imports=tuple(folder / path for path in entry["other_models"]),
            inputs={node.get("name"): tagged(_value(node)) for node in each.iter(f"{_NAMESPACE}inputNode")},
            service=each.get("invocableName") if each.get("type") == "decisionService" else None,
            expected={
                node.get("name"): _value(node.find(f"{_NAMESPACE}expected"))
                for node in each.iter(f"{_NAMESPACE}resultNode")
            },
        )


def _value(element: etree._Element | None) -> Any:
    if element is None:
        return None
    components = element.findall(f"{_NAMESPACE}component")
    if components:
        return {each.get("name"): _value(each) for each in components}
    found = element.find(f"{_NAMESPACE}list")
    if found is not None and found.get(f"{_XSI}nil") != "true":
        return [_value(each) for each in found.findall(f"{_NAMESPACE}item")]
    scalar = element.find(f"{_NAMESPACE}value")
    return None if scalar is None or scalar.get(f"{_XSI}nil") == "true" else _scalar(scalar)


def _scalar(element: etree._Element) -> Any:
    kind, text = (element.get(f"{_XSI}type") or "").rpartition(":")[2], element.text or ""
    if kind in ("decimal", "double", "integer"):
        return float(text)
    if kind == "boolean":
        return text.strip() == "true"
    return Moment(text.strip()) if kind in _TEMPORAL else text


def tagged(value: Any) -> Any:
    """Dates of any year, as engine.feel passes Python's to FEEL: Python's own end in the year 9999."""
    if isinstance(value, Moment):
        is_time = ":" in value and "T" not in value
        kind = (
            "duration" if "P" in value else "time" if is_time else "date and time" if "T" in value else "date"
        )
        return {"@": kind, "iso": str(value)}
    if isinstance(value, list):
        return [tagged(each) for each in value]
    return {key: tagged(each) for key, each in value.items()} if isinstance(value, dict) else value


def same(expected: Any, actual: Any, same_moment: Callable[[str, str], bool]) -> bool:
    """Whether a result is the expected one, as the suite compares."""
    if isinstance(expected, Moment):
        return isinstance(actual, str) and (expected == actual or same_moment(expected, actual))
    if isinstance(expected, bool) or isinstance(actual, bool) or expected is None:
        return expected is actual
    if isinstance(expected, float):
        return isinstance(actual, (int, float)) and abs(expected - actual) <= _TOLERANCE
    if isinstance(expected, list):
        return (
            isinstance(actual, list)
            and len(expected) == len(actual)
            and all(same(one, other, same_moment) for one, other in zip(expected, actual, strict=True))
        )
    if isinstance(expected, dict):
        return (
            isinstance(actual, dict)
            and expected.keys() == actual.keys()
            and all(same(each, actual[key], same_moment) for key, each in expected.items())
        )
    return expected == actual
