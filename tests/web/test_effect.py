"""The studio's difference and effect pages: what is listed, where cases stand, what a back-test says."""

from __future__ import annotations

import re

import pytest

from engine.runtime import user_tasks
from engine.worker import perform

STUDIO = "/studio/request"
DIAGRAM = f"{STUDIO}/files/bpmn/request.bpmn"


@pytest.fixture
def owner(browser, office):
    """A process owner with a draft: the review is called otherwise and is for finance."""
    office.customer()
    owner = browser("qian.yu")
    text = owner.get(DIAGRAM).text
    changed = text.replace('name="Review the request"', 'name="Look at the request"')
    changed = re.sub(
        r'(<bpmn:userTask id="confirm".*?<bpmn:extensionElements>)(?:\s*<zeebe:assignmentDefinition[^>]*>)?',
        r'\1<zeebe:assignmentDefinition candidateGroups="finance"/>',
        changed,
        flags=re.DOTALL,
    )
    assert changed.count("finance") > text.count("finance")
    seen = re.search(r'data-seen="([^"]+)"', owner.get(f"{STUDIO}/edit/bpmn/request.bpmn").text)[1]
    assert owner.post(DIAGRAM, {"content": changed, "seen": seen}).status_code == 200
    return owner


def finish(office, case: str) -> None:
    for element, by in (("review", "wang.fang"), ("confirm", "gao.yuan")):
        task = office.task(element, case)
        office.do(by, user_tasks.complete, task.id, {"decision": "approve"})


def test_the_difference_is_told_in_words_with_the_cases_that_stand_there(owner, office, browser):
    office.case()
    office.case()
    page = owner.get(f"{STUDIO}/differences").text
    assert "User task “Review the request” is now called “Look at the request”." in page
    assert "2 cases stand here now" in page
    assert 'data-changed="review confirm"' in page or 'data-changed="confirm review"' in page
    assert browser("zhou.min").get(f"{STUDIO}/differences").status_code == 403


def test_two_versions_are_compared_by_choice_and_one_that_is_not_there_is_said(owner):
    assert "Nothing is different" in owner.get(f"{STUDIO}/differences?from=1&to=1").text
    assert owner.get(f"{STUDIO}/differences?from=9&to=1").status_code == 404


def test_a_back_test_is_asked_for_watched_and_read(owner, office, queue):
    cases = [office.case() for _ in range(3)]
    for case in cases[:2]:
        finish(office, case)
    queue.work.clear()
    asked = owner.post(f"{STUDIO}/effect", {"what": "draft", "last": "10"}, follow_redirects=False)
    address = asked.headers["location"]
    assert "The back-test runs" in owner.get(address).text
    while queue.work:
        item = queue.work.pop(0)
        perform(office.app.commands, item.kind, item.id)
    part = owner.htmx(address)
    assert "Draft, tried on 2 finished cases" in part.text
    assert "<html" not in part.text
    page = owner.get(f"{address}?show=somebody_else").text
    assert all(case in page for case in cases[:2])
    assert cases[2] not in page
    case = re.search(rf'href="({address}/\d+)"', page)[1]
    assert "Confirm by phone" in owner.get(case).text
    assert "Finance" in owner.get(case).text
    assert "No case of these." in owner.get(f"{address}?show=another_amount").text


def test_a_draft_saved_again_makes_the_result_outdated(owner, office, queue):
    finish(office, office.case())
    queue.work.clear()
    address = owner.post(f"{STUDIO}/effect", {"what": "draft", "last": "5"}, follow_redirects=False).headers[
        "location"
    ]
    for item in queue.work:
        perform(office.app.commands, item.kind, item.id)
    assert "no longer as it was tried" not in owner.get(address).text
    seen = re.search(r'data-seen="([^"]+)"', owner.get(f"{STUDIO}/edit/bpmn/request.bpmn").text)[1]
    text = owner.get(DIAGRAM).text.replace("Look at the request", "Read the request")
    owner.post(DIAGRAM, {"content": text, "seen": seen})
    assert "no longer as it was tried" in owner.get(address).text


def test_the_effect_is_for_process_owners_and_administrators(owner, browser):
    assert browser("zhou.min").get(f"{STUDIO}/effect").status_code == 403
    assert owner.get(f"{STUDIO}/effect/7").status_code == 404
