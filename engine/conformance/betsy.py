"""Executable diagrams: which tokens must be logged, and how the instances must stand in the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.conformance.helpers import Helpers
from engine.conformance.outcomes import Standing, stand
from engine.conformance.scores import Result
from engine.conformance.server import Busy, Server, ids
from engine.conformance.suites import Suite
from engine.runtime import instances


def run(server: Server, suite: Suite) -> Iterator[Result]:
    """Run each case on a server with no leftover of another."""
    helpers = Helpers(server, [job["type"] for case in suite.cases for job in case["jobs"]])
    for case in suite.cases:
        yield _score(server, suite, helpers, case)
        helpers.clear()
        server.clear()


def _score(server: Server, suite: Suite, helpers: Helpers, case: Mapping[str, Any]) -> Result:
    about: dict[str, Any] = {"id": case["name"], "group": case["group"]}
    xml = (suite.folder / case["bpmn"]).read_bytes()
    outcomes = [case["outcome"], *case.get("also_outcomes", ())]
    refusal = server.deploy(xml, case["bpmn"])
    if refusal is not None:
        if "rejected_at_deploy" in outcomes and case["element"] in refusal.elements:
            return Result(**about, result="passed", element=case["element"])
        known = ids(xml)
        named = next((each for each in refusal.elements if each in known), None)
        return Result(
            **about,
            result="wrong" if named is None or case["outcome"] == "rejected_at_deploy" else "refused",
            element=named,
            detail=f"expected {case['outcome']}; {refusal}",
        )
    before = server.newest_instance()
    try:
        helpers.run(case, lambda process: _start(server, case, process))
    except Busy as busy:
        return Result(**about, result="wrong", detail=f"expected {case['outcome']}; {busy}")
    standing = stand(server, case, since=before, handed_out=helpers.log)
    differences = [*_differences(case, standing)]
    if not any(standing.is_(outcome, case) for outcome in outcomes):
        differences.append(f"expected {' or '.join(outcomes)}, it is {standing}")
    element = standing.incidents[0].element_id if standing.incidents else None
    return Result(
        **about, result="wrong" if differences else "passed", element=element, detail="; ".join(differences)
    )


def _start(server: Server, case: Mapping[str, Any], process: str) -> None:
    server.do(instances.start, process, dict(case["variables"]), business_key=case["name"])


def _differences(case: Mapping[str, Any], standing: Standing) -> Iterator[str]:
    accepted = [sorted(case["trace"]), *(sorted(each) for each in case.get("also_accepted", ()))]
    if standing.trace not in accepted:
        yield f"expected the tokens {' or '.join(map(str, accepted))}, logged are {standing.trace}"
    missing = [each for each in case["setup"] if each not in standing.completed]
    if missing:
        yield f"{', '.join(missing)} did not complete"
    if not standing.overlapping(case.get("overlap", ())):
        yield f"the jobs of {', '.join(case['overlap'])} were not handed out together"
    for name, expected in case.get("final_variables", {}).items():
        if standing.variables.get(name) != expected:
            yield f"expected {name} to be {expected!r}, it is {standing.variables.get(name)!r}"
