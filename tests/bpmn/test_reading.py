"""Reading a file that nobody vouches for, and what the model then says."""

import pytest

from engine import bpmn
from engine.bpmn.reading import document
from tests.bpmn.drawing import (
    HEAD,
    diagram,
    each,
    event,
    flow,
    flows,
    job,
    message,
    node,
    start,
    subprocess,
    user,
    zeebe,
)


def codes(xml: bytes) -> list[str]:
    return [problem.code for problem in bpmn.lint(xml)]


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", "not_xml"),
        (b"<a>", "not_xml"),
        (b"<a/>", "not_bpmn"),
        (b"\x00\x01", "not_xml"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document_type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document_type"),
        (
            (
                HEAD + "<bpmn:category id='c'>" * 150 + "</bpmn:category>" * 150 + "</bpmn:definitions>"
            ).encode(),
            "too_deep",
        ),
    ],
)
def test_what_is_no_diagram_is_refused_with_a_sentence(xml, code):
    assert codes(xml) == [code]
    with pytest.raises(bpmn.InvalidDiagram):
        bpmn.parse(xml)


def test_an_entity_is_never_expanded():
    xml = (
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        + HEAD[38:].encode()
        + b"&x;</bpmn:definitions>"
    )
    assert "document_type" in codes(xml)


def test_a_file_that_is_too_large_is_not_read(monkeypatch):
    monkeypatch.setattr(document.safe_xml, "MOST_OCTETS", 100)
    assert codes(diagram(user("a"))) == ["too_large"]


def test_the_model_tells_what_the_diagram_refers_to():
    body = (
        start("s"),
        user("a"),
        job("b", type_="order.lookup"),
        node(
            "businessRuleTask",
            "c",
            extensions=zeebe("calledDecision", decisionId="limit", resultVariable="r"),
        ),
        node("callActivity", "d", extensions=zeebe("calledElement", processId="revisit")),
        node("receiveTask", "e", messageRef="m"),
        flows("s a b c d e"),
    )
    process = bpmn.parse(diagram(*body, top=message("m"))).processes["p"]
    assert (process.forms, process.job_types, process.decisions) == ({"form"}, {"order.lookup"}, {"limit"})
    assert (process.called_processes, process.messages) == ({"revisit"}, {"m"})
    assert [e.id for e in process.start_events()] == ["s"]


def test_the_innermost_lane_wins_and_subprocesses_inherit_it():
    lanes = (
        '<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="Outer"><bpmn:flowNodeRef>a</bpmn:flowNodeRef>'
        "<bpmn:flowNodeRef>sub</bpmn:flowNodeRef>"
        '<bpmn:childLaneSet id="c"><bpmn:lane id="l2" name="Inner"><bpmn:flowNodeRef>a</bpmn:flowNodeRef>'
        "</bpmn:lane></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"
    )
    body = lanes, start(), user("a"), subprocess("sub", user("deep")), flows("start a sub")
    process = bpmn.parse(diagram(*body)).processes["p"]
    assert (process.elements["a"].lane, process.elements["deep"].lane) == ("Inner", "Outer")
    assert [lane.name for lane in process.lanes] == ["Outer", "Inner"]


def test_the_model_cannot_be_changed():
    process = bpmn.parse(diagram(start(), user("a"), flows("start a"))).processes["p"]
    with pytest.raises(TypeError):
        process.elements["b"] = process.elements["a"]
    with pytest.raises(AttributeError):
        process.elements["a"].name = "other"


def test_shared_event_definitions_are_followed():
    shared = event("signal", id="d", signalRef="sig") + node("signal", "sig", name="halt")
    body = start("s", "<bpmn:eventDefinitionRef>d</bpmn:eventDefinitionRef>"), user("a"), flows("s a")
    definition = bpmn.parse(diagram(*body, top=shared)).processes["p"].elements["s"].events[0]
    assert (definition.kind, definition.name) == ("signal", "halt")


def test_loops_and_conditions_are_read():
    body = (
        start(),
        user("a", each("=xs", sequential=True)),
        user("b"),
        flows("start a"),
        flow("a", "b", "=x"),
        flow("a", "c"),
        user("c"),
    )
    process = bpmn.parse(diagram(*body)).processes["p"]
    loop = process.elements["a"].loop
    assert (loop.kind, loop.sequential, loop.collection, loop.element) == (
        "multiInstance",
        True,
        "=xs",
        "item",
    )
    assert process.flows["a_b"].condition == "=x"
