"""Moving running cases: chosen by version, tried first, run on the queue, moved back."""

import re

import pytest
from sqlalchemy import select

from engine.runtime import deployments
from engine.runtime.bundles import Bundle
from engine.store.tables import Move, ProcessDefinition
from engine.worker import perform
from tests.web.conftest import DIAGRAMS
from tests.wire import count_statements


def files(**changed: str) -> dict:
    """The request procedure with its review by another id, or with other words."""
    kinds = {".bpmn": "bpmn", ".form": "form", ".json": "words"}
    found = {(kinds[f.suffix], f.name): f.read_bytes() for f in (DIAGRAMS / "request").iterdir()}
    xml = found["bpmn", "request.bpmn"].decode()
    for old, new in changed.items():
        xml = re.sub(rf"\b{old}\b(?=[\"<])", new, xml)
    return {**found, ("bpmn", "request.bpmn"): xml.encode()}


@pytest.fixture
def versions(office):
    """Two cases on the first version of the request, and a second version whose review has another id."""
    office.case(wish="a chair")
    office.case(wish="a table")
    office.do("admin", deployments.deploy, Bundle(process_key="request", files=files(review="look")))
    with office.app.database.begin() as session:
        query = select(ProcessDefinition.id).where(ProcessDefinition.process_key == "request")
        return list(session.scalars(query.order_by(ProcessDefinition.version)))


def address(versions, **more: str) -> str:
    fields = {"process": "request", "from": versions[0], "to": versions[1], **more}
    return "/operate/moves?" + "&".join(f"{name}={value}" for name, value in fields.items())


def work(queue, office) -> None:
    while queue.work:
        item = queue.work.pop(0)
        perform(office.app.commands, item.kind, item.id)


def test_it_is_for_administrators(browser, versions):
    assert browser("admin").get(address(versions)).status_code == 200
    assert browser("qian.yu").get(address(versions)).status_code == 403
    assert browser("qian.yu").post("/operate/moves", {"process": "request"}).status_code == 403


def test_procedures_with_a_second_version_are_offered_with_their_fullest_old_one(browser, versions):
    admin = browser("admin")
    assert 'href="/operate/moves?process=request"' in admin.get("/operate/moves").text
    assert 'href="/operate/moves?process=request"' in admin.get("/operate/deployments").text
    page = admin.get("/operate/moves?process=request").text
    assert f'<option value="{versions[0]}" selected>1 · 2 running' in page


def test_a_dry_run_says_who_has_to_stay_and_why_in_the_readers_language(browser, office, versions):
    admin = browser("admin")
    page = admin.get(address(versions)).text
    assert "“Review the request” is gone in the new version." in page
    assert "<code>review</code>" in page
    assert 'data-standing="review:2 "' in page
    assert 'data-blocked="review"' in page
    assert "Move 2 cases" not in page
    admin.post("/preferences/language", {"language": "zh", "back": "/"})
    assert "新版本中已没有“" in admin.get(address(versions)).text


def test_with_a_step_in_its_place_cases_are_moved_and_back(browser, office, versions, queue):
    admin = browser("admin")
    page = admin.get(address(versions, **{"map.review": "look"})).text
    assert "Move 2 cases" in page
    fields = {"process": "request", "from": versions[0], "to": versions[1], "map.review": "look"}
    refused = admin.post("/operate/moves", {**fields, "reason": " "}).text
    assert "Say why these cases are moved" in refused
    running = admin.post("/operate/moves", {**fields, "reason": "the review is called otherwise"})
    assert 'hx-trigger="every 1s"' in running.text
    work(queue, office)
    done = admin.htmx(str(running.url.path)).text
    assert "<html" not in done
    assert "every 1s" not in done
    assert done.count("moved</span>") == 2
    assert office.task("look").assignee is None
    timeline = admin.get(f"/cases/{office.task('look').business_key}?tab=timeline").text
    assert "1 → 2. the review is called otherwise" in timeline
    back = admin.post(f"{running.url.path}/back", {"reason": "a mistake"})
    work(queue, office)
    assert "back from version 2 to 1" in admin.get(str(back.url.path)).text
    assert office.task("review").name == "Review the request"
    again = admin.post(f"{running.url.path}/back", {"reason": "once more"})
    assert "There is no case to move." in again.text
    assert again.status_code == 409


def test_addresses_that_name_nothing_are_answered_with_a_sentence(browser, versions):
    admin = browser("admin")
    assert admin.get("/operate/moves?process=nothing").status_code == 404
    assert admin.get("/operate/moves/999").status_code == 404
    assert admin.post("/operate/moves", {}).status_code == 404
    assert admin.get(address(versions, **{"map.nowhere": "look"})).status_code == 409
    assert admin.get("/operate/moves?process=request&from=x&to=99999").status_code == 200


def test_looking_costs_no_more_statements_for_more_cases(browser, office, versions):
    admin = browser("admin")
    office.do("admin", deployments.make_current, versions[0])
    admin.get(address(versions))
    sent = []
    for _ in range(2):
        statements = count_statements()
        assert "have to stay" in admin.get(address(versions)).text
        sent.append(len(statements))
        for _ in range(4):
            office.case()
    assert sent[0] == sent[1]


def test_nothing_is_noted_of_a_dry_run(browser, office, versions):
    browser("admin").get(address(versions))
    with office.app.database.begin() as session:
        assert session.scalars(select(Move)).all() == []
