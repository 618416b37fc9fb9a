"""Diagrams that break a rule of the standard: a deployment has to refuse them and name what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.conformance.scores import Result
from engine.conformance.server import Server
from engine.conformance.suites import Suite


def run(server: Server, suite: Suite) -> Iterator[Result]:
    """Deploy each."""
    for case in suite.cases:
        yield _score(server, suite, case)
        server.clear()


def _score(server: Server, suite: Suite, case: Mapping[str, Any]) -> Result:
    refusal = server.deploy((suite.folder / case["bpmn"]).read_bytes(), case["bpmn"])
    about = {"id": case["name"], "group": case["rule"].split("_")[0]}
    named = [] if refusal is None else [each for each in refusal.elements if each in case["elements"]]
    if named:
        return Result(**about, result="passed", element=named[0])
    expected = f"expected a refusal that names one of {', '.join(case['elements'])} ({case['violates']})"
    element = refusal.elements[0] if refusal and refusal.elements else None
    return Result(
        **about, result="wrong", element=element, detail=f"{expected}; {refusal or 'it was accepted'}"
    )
