"""Versions, drafts and what a deployment refuses."""

import pytest

from engine.runtime import deployments, drafts, submissions, user_tasks
from engine.runtime.bundles import Bundle
from engine.runtime.refusals import InvalidDeployment, Stale


def _xml(office_diagrams, name="approval"):
    return (office_diagrams / f"{name}.bpmn").read_bytes()


@pytest.fixture
def diagrams():
    from pathlib import Path

    return Path(__file__).parent / "diagrams"


def test_the_same_content_makes_no_new_version(office, diagrams):
    first = office.deploy("approval")
    assert office.deploy("approval") == first


def test_a_running_case_stays_on_its_version(office, diagrams):
    office.deploy("approval")
    office.start("approval", case="OLD")
    changed = _xml(diagrams).replace(b'name="Approve"', b'name="Approve twice"')
    office.do(
        "admin",
        deployments.deploy,
        Bundle(process_key="approval", files={("bpmn", "approval.bpmn"): changed}),
    )
    office.start("approval", case="NEW")
    for case, name in (("OLD", "Approve"), ("NEW", "Approve twice")):
        office.do("wang.fang", user_tasks.complete, office.task("review", case).id, {})
        assert office.task("approve", case).name == name


def test_going_back_to_an_earlier_version(office, diagrams):
    first = office.deploy("approval")
    changed = _xml(diagrams).replace(b'name="Approve"', b'name="Approve twice"')
    office.do(
        "admin",
        deployments.deploy,
        Bundle(process_key="approval", files={("bpmn", "approval.bpmn"): changed}),
    )
    office.do("admin", deployments.make_current, first)
    office.start("approval", case="BACK")
    office.do("wang.fang", user_tasks.complete, office.task("review", "BACK").id, {})
    assert office.task("approve", "BACK").name == "Approve"


@pytest.mark.parametrize(
    ("old", "new", "element", "code"),
    [
        (b'name="Finance"', b'name="Astronauts"', "lane_finance", "lane_without_role"),
        (b"tests.echo", b"tests.unknown", "pay", "service_task_type_unknown"),
        (b'value="review, requested"', b'value="reviewed"', "approve", "four_eyes_unknown_element"),
        (b'=decision = "approve"', b'=decision = = "approve"', "f4", None),
    ],
)
def test_what_cannot_run_is_refused_with_its_element(office, diagrams, old, new, element, code):
    broken = _xml(diagrams).replace(old, new)
    with pytest.raises(InvalidDeployment) as refused:
        office.do(
            "admin", deployments.deploy, Bundle(process_key="approval", files={("bpmn", "a.bpmn"): broken})
        )
    problems = refused.value.params["problems"]
    assert element in {problem.element for problem in problems}, problems
    assert code is None or code in {problem.code for problem in problems}
    assert all(problem.remedy for problem in problems)


def test_two_owners_cannot_overwrite_each_other_unknowingly(office, diagrams):
    office.deploy("approval")
    draft = office.do("admin", drafts.open_, "approval")
    mine, theirs = (_xml(diagrams).replace(b'"Review"', name) for name in (b'"Mine"', b'"Theirs"'))
    office.do("admin", drafts.save, draft.id, {("bpmn", "approval.bpmn"): mine}, revision=1)
    with pytest.raises(Stale):
        office.do("admin", drafts.save, draft.id, {("bpmn", "approval.bpmn"): theirs}, revision=1)


def test_a_deployed_draft_is_the_next_version(office, diagrams):
    office.deploy("approval")
    draft = office.do("admin", drafts.open_, "approval")
    changed = _xml(diagrams).replace(b'name="Review"', b'name="Look closely"')
    office.do("admin", drafts.save, draft.id, {("bpmn", "approval.bpmn"): changed}, revision=1)
    submission = office.do("admin", submissions.submit, draft.id, note="clearer", revision=2)
    definition = office.do("zhao.lin", submissions.approve, submission.id, despite_scenarios=True)
    assert (definition.version, definition.note) == (2, "clearer")
    office.start("approval")
    assert office.task("review").name == "Look closely"
