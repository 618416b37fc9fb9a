"""A draft before an administrator, and the versions of a procedure, on the pages."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.store.tables import PlannedStart, ScenarioRun
from engine.worker import perform
from tests.web.test_studio import STUDIO, approve, deploy, drawn, save, submit, waits

HOME = "/operate/deployments"


@pytest.fixture
def drafted(browser):
    """A draft of Qian Yu's with one step renamed, and three browsers."""
    owner, admin = browser("qian.yu"), browser("admin")
    save(owner, drawn(owner, "Review the request", "Look at the request"))
    return owner, admin


def test_the_administrator_sees_note_difference_problems_and_scenarios(drafted):
    owner, admin = drafted
    assert "is submitted" in submit(owner, "Say it as staff do").text
    assert "Say it as staff do" in admin.get(HOME).text
    page = admin.get(waits(admin)).text
    for text in (
        "Say it as staff do",
        "Differs from version 1",
        "User task “Review the request” is now called “Look at the request”.",
        "Problems",
        "Scenarios are being played",
        "Worked on by",
        "Qian Yu",
    ):
        assert text in page, text


def test_who_worked_on_it_is_told_and_refused(drafted, browser):
    owner, admin = drafted
    save(admin, drawn(admin, "Look at the request", "Look again"))
    submit(owner)
    page = admin.get(waits(admin)).text
    assert "You worked on this draft" in page
    assert "/approve" not in page
    refused = approve(admin)
    assert refused.status_code == 409
    assert "Admin worked on this draft and so may not approve it." in refused.text


def test_it_waits_for_its_scenarios_unless_told_otherwise(drafted, office):
    owner, admin = drafted
    submit(owner)
    refused = approve(admin, despite="", at="2026-12-01T08:00")
    assert refused.status_code == 409
    assert 'value="2026-12-01T08:00"' in refused.text
    with office.app.database.begin() as session:
        run = session.execute(select(ScenarioRun)).scalar_one()
        run.state, run.total, run.done, run.coverage = "done", 2, 2, 0.93
        run.results = [
            {"process": "request", "name": "refused", "failure": "step 1 (complete review): not so"},
            {"process": "request", "name": "granted", "failure": None},
        ]
    page = admin.get(waits(admin)).text
    for text in ("1 scenario fails", "1 of 2 pass.", "They pass 93 % of", "step 1 (complete review): not so"):
        assert text in page


def test_a_returned_draft_comes_back_with_the_remark_and_a_notice(drafted):
    owner, admin = drafted
    submit(owner)
    path = waits(admin)
    assert "Say what has to be changed" in admin.post(f"{path}/return", {"remark": ""}).text
    assert "its authors are told why" in admin.post(f"{path}/return", {"remark": "One word less"}).text
    page = owner.get(STUDIO).text
    assert "Admin returned this draft" in page
    assert "One word less" in page
    assert "Admin returned the draft of" in owner.get("/notices").text
    assert "asks to deploy a draft of" in admin.get("/notices").text
    assert "is submitted" in submit(owner, "one word less").text
    assert "Returned" in admin.get(path).text


def test_a_submitted_draft_is_locked_until_it_is_withdrawn(drafted):
    owner, admin = drafted
    submit(owner)
    refused = save(owner, drawn(owner, "Look at the request", "Look again"))
    assert refused.status_code == 409
    assert "Qian Yu submitted this draft at" in refused.text
    assert "The draft is yours again" in owner.post(f"{STUDIO}/withdraw").text
    assert save(owner, drawn(owner, "Look at the request", "Look again")).status_code == 200
    assert "No draft waits" in admin.get(HOME).text


def test_a_start_from_monday_is_shown_called_off_and_reached(drafted, office, clock):
    owner, admin = drafted
    answer = deploy(owner, admin, at="2026-11-09T08:00")
    assert "approved and begins at the time you gave" in answer.text
    assert "begins 9 Nov 08:00" in admin.get(HOME).text
    assert "begins 9 Nov 08:00" in owner.get("/notices").text
    with office.app.database.begin() as session:
        plan = session.execute(select(PlannedStart)).scalar_one()
    clock.advance(timedelta(days=7))
    perform(office.app.commands, "planned_start", plan.id)
    assert office.task("review", office.case()).name == "Look at the request"


def test_an_odd_moment_and_one_that_has_passed_are_refused_in_words(drafted):
    owner, admin = drafted
    submit(owner)
    assert "is not a date and time" in approve(admin, at="next monday").text
    assert "has passed" in approve(admin, at="2026-11-01T08:00").text


def test_a_retired_procedure_turns_people_away_with_the_reason(browser, office):
    admin, staff = browser("admin"), browser("zhou.min")
    assert "No new case starts" in admin.post(f"{HOME}/request/retire", {"reason": "Use the shop."}).text
    refused = staff.get("/start/request")
    assert refused.status_code == 409
    assert "This procedure is retired since today" in refused.text
    assert "Use the shop." in refused.text
    assert "Use the shop." in admin.get(HOME).text
    assert "start on version 1 now" in admin.post(f"{HOME}/request/bring-back").text
    assert staff.get("/start/request").status_code == 200


def test_the_way_back_is_offered_with_the_deployment(drafted):
    owner, admin = drafted
    page = deploy(owner, admin).text.partition("data-answer")[2].partition("data-dismiss")[0]
    assert re.search(r'<form method="post" action="/operate/deployments/versions/\d+/current">', page)
