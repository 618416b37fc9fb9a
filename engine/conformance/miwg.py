"""Reference diagrams of the interchange group: opened, diagnosed and saved again with nothing lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from config.problem import Problem
from engine.conformance import carrier
from engine.conformance.scores import Result
from engine.conformance.server import Server
from engine.conformance.suites import Suite
from engine.runtime import deployments, drafts
from engine.runtime.bundles import Bundle
from engine.runtime.context import Context


def run(server: Server, suite: Suite) -> Iterator[Result]:
    """Put each into a draft as the studio does, and read back what was kept and what is said about it."""
    server.deploy_all([carrier.bundle(carrier.KEY, {})])
    for case in suite.cases:
        xml = (suite.folder / case["bpmn"]).read_bytes()
        kept, problems = server.do(_through_a_draft, xml)
        differences = [*_undiagnosed(case, problems), *_lost(case, xml, kept)]
        yield Result(
            id=case["name"],
            group=case["name"].split(".")[0],
            result="wrong" if differences else "passed",
            element=differences[0][0] if differences else None,
            detail="; ".join(text for _, text in differences),
        )


def _through_a_draft(ctx: Context, xml: bytes) -> tuple[bytes, list[Problem]]:
    draft = drafts.open_(ctx, carrier.KEY)
    drafts.save(ctx, draft.id, {("bpmn", carrier.FILE): xml}, revision=draft.revision)
    bundle: Bundle = drafts.bundle(ctx, draft)
    problems = deployments.check(ctx, bundle)
    drafts.discard(ctx, draft.id)
    return bundle.diagram, problems


def _undiagnosed(case: Mapping[str, Any], problems: list[Problem]) -> Iterator[tuple[str | None, str]]:
    named = {problem.element for problem in problems}
    for wanted in case["must_diagnose"]:
        if not named & set(wanted["any_of"]):
            yield wanted["any_of"][0], f"nothing is said about {wanted['any_of'][0]}: {wanted['why']}"


def _lost(case: Mapping[str, Any], before: bytes, after: bytes) -> Iterator[tuple[str | None, str]]:
    found = inventory(after)
    for name, count in case["inventory"]["elements"].items():
        if found["elements"].get(name, 0) != count:
            yield None, f"expected {count} of {name}, kept are {found['elements'].get(name, 0)}"
    if found["attributes"] != case["inventory"]["attributes"]:
        yield None, f"expected {case['inventory']['attributes']} attributes, kept are {found['attributes']}"
    if _canonical(before) != _canonical(after):
        yield None, "an element, an attribute or a text is no longer as it was"


def inventory(xml: bytes) -> dict[str, Any]:
    """Every element counted by `{namespace}name`, and all attributes."""
    elements = [each for each in _tree(xml).iter("*")]
    return {
        "elements": dict(Counter(each.tag for each in elements)),
        "attributes": sum(len(each.attrib) for each in elements),
    }


def _canonical(xml: bytes) -> list[Any]:
    """Everything there is, in order; prefixes may differ. (C14N itself stops at relative namespace names.)"""
    return [
        (
            each.tag if isinstance(each.tag, str) else type(each).__name__,
            dict(each.attrib),
            each.text,
            each.tail,
        )
        for each in _tree(xml).iter()
    ]


def _tree(xml: bytes) -> etree._Element:
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
