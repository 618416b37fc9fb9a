"""Tasks and what they hand over."""

from datetime import UTC, datetime

import pytest

from engine import bpmn
from engine.bpmn import effects
from tests.bpmn.drawing import (
    boundary,
    diagram,
    end,
    event,
    flows,
    job,
    mappings,
    message,
    node,
    script,
    start,
    user,
    zeebe,
)
from tests.bpmn.running import Story, World


def test_a_user_task_says_who_when_and_what():
    about = (
        zeebe(
            "assignmentDefinition",
            assignee="=owner",
            candidateGroups="finance, warehouse",
            candidateUsers='=["kim"]',
        )
        + zeebe("taskSchedule", dueDate='=now() + duration("PT24H")', followUpDate="2026-12-01")
        + zeebe("priorityDefinition", priority="=60 + 10")
        + zeebe(
            "properties",
            zeebe("property", name="call", value="true"),
            zeebe("property", name="who", value="=owner"),
        )
    )
    lane = node("lane", "l", "<bpmn:flowNodeRef>a</bpmn:flowNodeRef>", name="Finance")
    lanes = node("laneSet", "ls", lane)
    story = Story(
        diagram(lanes, start(), user("a", extensions=about, name="Check"), flows("start a")), owner="lin"
    )
    task = story.all(effects.UserTaskCreated)[0]
    assert (task.name, task.form_id, task.assignee, task.lane) == ("Check", "form", "lin", "Finance")
    assert (task.candidate_groups, task.candidate_users) == (("finance", "warehouse"), ("kim",))
    assert task.due_at == datetime(2026, 11, 23, 2, tzinfo=UTC)
    assert task.follow_up_at.isoformat() == "2026-12-01T00:00:00+08:00"
    assert (task.priority, dict(task.properties)) == (70, {"call": "true", "who": "lin"})
    assert task.variables == {"owner": "lin"}


def test_a_job_gets_its_inputs_and_its_result_merges():
    work = mappings(input=("=order.number", "orderNumber")) + zeebe(
        "taskHeaders", zeebe("header", key="k", value="v")
    )
    story = Story(
        diagram(start(), job("a", extensions=work), user("b"), flows("start a b")), order={"number": "A1"}
    )
    created = story.all(effects.JobCreated)[0]
    assert (created.type, created.retries, created.inputs, dict(created.headers)) == (
        "work",
        3,
        {"orderNumber": "A1"},
        {"k": "v"},
    )
    story.complete("a", refund={"total": 5})
    assert story.variables == {"order": {"number": "A1"}, "refund": {"total": 5}}


def test_output_mappings_let_only_what_they_pick_out():
    work = mappings(input=("=10", "factor"), output=("=price * factor", "quote.total"))
    story = Story(diagram(start(), job("a", extensions=work), user("b"), flows("start a b")), quote={"id": 7})
    story.complete("a", price=3, noise=1)
    assert story.variables == {"quote": {"id": 7, "total": 30}}


def test_a_script_and_a_decision_set_their_result():
    rule = node(
        "businessRuleTask",
        "rule",
        extensions=zeebe("calledDecision", decisionId="limit", resultVariable="ok"),
    )
    world = World(limit=lambda variables: variables["sum"] < 100)
    story = Story(
        diagram(start(), script("add", "=a + b", "sum"), rule, user("u"), flows("start add rule u")),
        a=1,
        b=2,
        world=world,
    )
    assert story.variables == {"a": 1, "b": 2, "sum": 3, "ok": True}
    decided = story.all(effects.DecisionEvaluated)[0]
    assert (decided.element_id, decided.decision_id, decided.value) == ("rule", "limit", True)


def test_a_receive_task_waits_for_its_message():
    body = start(), node("receiveTask", "r", messageRef="m"), user("b"), flows("start r b")
    story = Story(diagram(*body, top=message("m", "=caseNumber")), caseNumber="C-1", restore=True)
    subscribed = story.all(effects.MessageSubscribed)[0]
    assert (subscribed.name, subscribed.correlation_key, subscribed.interrupting) == ("m", "C-1", True)
    assert story.deliver("r", answer=1).active == ["b"]


def test_a_message_without_a_correlation_value_is_an_incident():
    body = start(), node("receiveTask", "r", messageRef="m"), flows("start r")
    story = Story(diagram(*body, top=message("m")))
    assert [(i.element_id, i.kind) for i in story.incidents] == [("r", "correlation_key")]


def call(**attributes: str) -> bytes:
    work = zeebe("calledElement", processId="child", **attributes)
    return diagram(start(), node("callActivity", "call", extensions=work), user("b"), flows("start call b"))


def test_a_call_asks_for_a_child_and_takes_its_variables():
    story = Story(call(), x=1)
    asked = story.all(effects.ChildRequested)[0]
    assert (asked.process_id, asked.variables) == ("child", {"x": 1})
    assert story.complete("call", y=2).variables == {"x": 1, "y": 2}


def test_a_call_that_propagates_nothing_takes_only_what_is_mapped():
    assert Story(call(propagateAllChildVariables="false")).complete("call", y=2).variables == {}


def test_an_error_of_a_job_is_caught_on_its_border():
    body = (
        start(),
        job("a"),
        boundary("e", "a", event("error", errorRef="err")),
        user("b"),
        user("mend"),
        flows("start a b", "e mend"),
    )
    story = Story(diagram(*body, top=node("error", "err", errorCode="GONE")), restore=True)
    assert story.execution.catches_error(story.activity("a"), "GONE")
    assert not story.execution.catches_error(story.activity("a"), "OTHER")
    assert story.throw("a", "GONE", why="x").active == ["mend"]
    assert story.variables == {"why": "x"}


def test_an_error_nobody_catches_is_an_incident_that_names_its_code():
    story = Story(diagram(start(), job("a"), flows("start a")), restore=True).throw("a", "GONE")
    assert [(i.kind, i.params["error_code"]) for i in story.incidents] == [("error", "GONE")]
    assert story.all(effects.ErrorEscaped)[0].code == "GONE"
    story.retry("a")
    assert len(story.all(effects.JobCreated)) == 2
    assert story.complete("a").done


def test_a_job_that_failed_for_good_is_asked_for_anew_on_retry():
    story = Story(diagram(start(), job("a"), flows("start a")))
    story.execution.fail(story.activity("a"), "no answer", {"attempts": 3})
    assert [(i.kind, i.params) for i in story.settle().incidents] == [("service", {"attempts": 3})]
    story.retry("a")
    assert len(story.all(effects.JobCreated)) == 2


def test_completing_twice_is_refused_and_changes_nothing():
    story = Story(diagram(start(), user("a"), user("b"), flows("start a b")))
    first = story.activity("a")
    story.complete("a")
    before = story.execution.dump()
    with pytest.raises(bpmn.UnknownActivity):
        story.execution.complete(first, {})
    assert story.execution.dump() == before


def test_what_is_on_the_way_cannot_be_completed_from_outside():
    body = start(), node("receiveTask", "r", messageRef="m"), flows("start r")
    story = Story(diagram(*body, top=message("m")), key="1")
    with pytest.raises(bpmn.UnknownActivity):
        story.execution.complete(story.open(effects.MessageSubscribed, "r").subscription_id, {})


def test_data_associations_carry_a_data_object_from_task_to_task():
    def carry(kind: str, source: str, target: str) -> str:
        ends = f"<bpmn:sourceRef>{source}</bpmn:sourceRef><bpmn:targetRef>{target}</bpmn:targetRef>"
        return node(f"data{kind}Association", f"{source}_{target}", ends)

    out, into = carry("Output", "made", "ref"), carry("Input", "ref", "used")
    io = '<bpmn:ioSpecification id="io{0}"><bpmn:data{1} id="{2}"/></bpmn:ioSpecification>'
    body = (
        '<bpmn:dataObject id="thing"/><bpmn:dataObjectReference id="ref" dataObjectRef="thing"/>',
        start(),
        script("a", "=42", "made", io.format(1, "Output", "made"), out),
        script("b", "=used + 1", "next", io.format(2, "Input", "used"), into),
        end(),
        flows("start a b end"),
    )
    assert Story(diagram(*body)).variables == {"thing": 42, "next": 43}
