"""People and their user tasks."""

from datetime import UTC, datetime

import pytest

from engine.runtime import user_tasks
from engine.runtime.refusals import (
    ClaimedBySomebodyElse,
    FourEyesViolation,
    NotACandidate,
    UserTaskAlreadyCompleted,
)
from tests.wire import count_statements


def test_a_lane_says_whose_task_it_is(office):
    office.deploy("approval")
    office.start("approval", by="li.na", amount=10)

    assert office.task("review").candidate_groups == ["operations"]
    with pytest.raises(NotACandidate):
        office.do("zhao.lin", user_tasks.complete, office.task("review").id, {})


def test_whoever_reviewed_cannot_approve(office, monkeypatch):
    office.deploy("approval")
    office.start("approval", by="li.na", amount=10)
    monkeypatch.setitem(
        __import__("tests.runtime.conftest", fromlist=["PEOPLE"]).PEOPLE,
        "wang.fang",
        {"operations", "finance"},
    )
    office.do("wang.fang", user_tasks.complete, office.task("review").id, {"remark": "fine"})

    with pytest.raises(FourEyesViolation) as refused:
        office.do("wang.fang", user_tasks.complete, office.task("approve").id, {"decision": "approve"})

    assert "Review" in str(refused.value)
    assert office.open_tasks() == ["approve"]


def test_whoever_requested_cannot_approve(office, monkeypatch):
    office.deploy("approval")
    office.start("approval", by="zhao.lin", amount=10)
    office.do("wang.fang", user_tasks.complete, office.task("review").id, {})

    with pytest.raises(FourEyesViolation):
        office.do("zhao.lin", user_tasks.claim, office.task("approve").id)
    office.do("xu.dan", user_tasks.complete, office.task("approve").id, {"decision": "refuse"})
    assert office.open_tasks() == []


def test_a_claimed_task_is_its_claimers_until_released(office):
    office.deploy("approval")
    office.start("approval")
    office.do("wang.fang", user_tasks.complete, office.task("review").id, {})
    office.do("zhao.lin", user_tasks.claim, office.task("approve").id)

    with pytest.raises(ClaimedBySomebodyElse):
        office.do("xu.dan", user_tasks.claim, office.task("approve").id)
    with pytest.raises(ClaimedBySomebodyElse):
        office.do("xu.dan", user_tasks.complete, office.task("approve").id, {})

    office.do("zhao.lin", user_tasks.release, office.task("approve").id)
    office.do("xu.dan", user_tasks.claim, office.task("approve").id)
    assert office.task("approve").assignee == "xu.dan"


def test_a_task_is_only_given_to_somebody_who_may_do_it(office):
    office.deploy("approval")
    office.start("approval")
    office.do("wang.fang", user_tasks.complete, office.task("review").id, {})
    with pytest.raises(NotACandidate):
        office.do("zhao.lin", user_tasks.assign, office.task("approve").id, "wang.fang")
    office.do("zhao.lin", user_tasks.assign, office.task("approve").id, "xu.dan")
    assert office.task("approve").assignee == "xu.dan"


def test_completing_twice_names_who_was_first(office):
    office.deploy("approval")
    office.start("approval")
    task = office.task("review").id
    office.do("wang.fang", user_tasks.complete, task, {})

    with pytest.raises(UserTaskAlreadyCompleted) as refused:
        office.do("wang.fang", user_tasks.complete, task, {})

    assert refused.value.params["by"] == "wang.fang"


def test_a_deadline_counts_working_hours_only(office):
    office.deploy("approval")
    office.start("approval")
    office.do("wang.fang", user_tasks.complete, office.task("review").id, {})

    # Monday 10:00 plus eight working hours (09:00-12:00, 13:00-18:00): Tuesday 10:00 in Shanghai.
    assert office.task("approve").due_at == datetime(2026, 11, 3, 2, 0, tzinfo=UTC)


def test_a_draft_is_kept_and_gone_when_done(office):
    office.deploy("approval")
    office.start("approval")
    task = office.task("review").id
    office.do("wang.fang", user_tasks.save_draft, task, [("remark", "half a sen")])
    assert office.task("review").draft == [["remark", "half a sen"]]

    office.do("wang.fang", user_tasks.complete, task, {"remark": "whole"})
    assert office.task("review").draft is None


def test_a_submit_is_one_commit_and_few_statements(office, app):
    office.deploy("approval")
    office.start("approval", amount=5)
    task = office.task("review").id
    statements = count_statements()
    office.do("wang.fang", user_tasks.complete, task, {"remark": "fine"})

    assert statements.commits == 1
    assert len(statements) <= 12, statements
