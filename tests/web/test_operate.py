"""Operate: what is stuck and why, tried again in bulk; services paused; cases held, mended and sent another way."""

import re

from sqlalchemy import select

from engine.runtime import user_tasks
from engine.store.tables import HistoryEvent, Incident, UserTask
from engine.worker import perform


def stuck(office, *, cases):
    """Incidents as a failing service leaves them."""
    for number in range(cases):
        case = office.case(wish=f"chair {number}")
        task = office.task("review", case)
        with office.app.database.begin() as session:
            session.add(
                Incident(
                    instance_id=task.instance_id,
                    root_id=task.root_id,
                    process_key="request",
                    business_key=case,
                    activity_id=10_000 + number,
                    element_id="review",
                    kind="job",
                    message="The payment service does not answer.",
                    params={},
                    created_at=task.created_at,
                )
            )


def test_it_is_for_administrators(browser):
    for page in ("", "/work", "/many", "/many?action=reassign", "/many?action=suspend"):
        assert browser("admin").get(f"/operate{page}").status_code == 200
        assert browser("qian.yu").get(f"/operate{page}").status_code == 403


def test_incidents_with_one_cause_stand_together_and_on_the_diagram(browser, office):
    stuck(office, cases=2)
    page = browser("admin").get("/operate").text
    assert page.count("2 cases stuck") == 1
    assert "The payment service does not answer." in page
    assert 'data-blocked="review"' in page and "review:2 " in page


def test_trying_again_is_previewed_and_asks_for_a_reason(browser, office):
    stuck(office, cases=2)
    admin = browser("admin")
    link = re.search(r'href="(/operate/many\?action=retry[^"]*cause[^"]*)"', admin.get("/operate").text)[1]
    preview = admin.get(link.replace("&amp;", "&")).text
    assert "Try 2 cases again" in preview
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', preview))
    assert "Say why" in admin.post("/operate/many", {**fields, "reason": " "}).text


def test_a_case_is_suspended_and_resumed_with_reasons_in_its_history(browser, office):
    case = office.case()
    admin = browser("admin")
    assert (
        "it is in the history" in admin.post(f"/operate/cases/{case}/suspend", {"reason": "Looked into"}).text
    )
    refused = browser("gao.yuan").post(f"/user-tasks/{office.task('review', case).id}/claim")
    assert refused.status_code == 409 and "This case is suspended" in refused.text
    page = admin.post(f"/operate/cases/{case}/resume", {"reason": "All is well"}).text
    assert "Suspended the case" in page and "Looked into" in page and "All is well" in page


def test_a_value_of_another_kind_is_refused_and_the_right_one_told_with_what_it_was(browser, office):
    case = office.case(wish="a chair")
    admin = browser("admin")
    mend = f"/operate/cases/{case}/mend"
    wrong = {"name": "wish", "kind": "number", "value": "two", "reason": "Typing error"}
    assert "“two” is no value of this kind." in admin.post(mend, wrong).text
    page = admin.post(mend, wrong | {"kind": "text", "value": "a table"}).text
    assert "a chair → a table" in page


def test_a_step_is_skipped_on_the_page(browser, office):
    case = office.case()
    admin, task = browser("admin"), office.task("review", case)
    admin.get(f"/operate/cases/{case}")
    skip = {"activity": str(task.activity_id), "instance": str(task.instance_id), "results": "{}"}
    assert "Say why" in admin.post(f"/operate/cases/{case}/skip", skip | {"reason": ""}).text
    page = admin.post(f"/operate/cases/{case}/skip", skip | {"reason": "By telephone"}).text
    assert "Skipped:" in page and "By telephone" in page
    assert office.task("review", case).state == "cancelled"


def test_a_leavers_steps_are_handed_over(browser, office, queue):
    case = office.case()
    office.do("gao.yuan", user_tasks.claim, office.task("review", case).id)
    admin = browser("admin")
    preview = admin.get("/operate/many?action=reassign&person=gao.yuan&to=xu.dan").text
    assert "would be refused" in preview and "This step is for" in preview
    preview = admin.get("/operate/many?action=reassign&person=gao.yuan&to=wang.fang").text
    assert "Hand over 1 step" in preview
    fields = {"action": "reassign", "person": "gao.yuan", "to": "wang.fang", "reason": "Left"}
    run = admin.post("/operate/many", fields)
    assert "still to come" in run.text
    for item in [each for each in queue.work if each.kind == "bulk"]:
        perform(office.app.commands, item.kind, item.id)
    with office.app.database.begin() as session:
        assert (
            session.scalars(select(UserTask.assignee).where(UserTask.business_key == case)).one()
            == "wang.fang"
        )
        event = session.scalars(select(HistoryEvent).where(HistoryEvent.type == "UserTaskAssigned")).one()
        assert event.actor == "admin" and '"was":"gao.yuan"' in event.payload


def test_a_service_is_paused_and_resumed(browser, office):
    admin = browser("admin")
    type_ = sorted(office.app.engine.registry.service_task_types)[0]
    assert "is paused" in admin.post("/operate/work/pause", {"type": type_, "reason": "Down"}).text
    page = admin.get("/operate/work").text
    assert "paused" in page and "Down" in page
    assert "goes on" in admin.post("/operate/work/resume", {"type": type_, "reason": "Up"}).text
    assert "Say why" in admin.post("/operate/work/pause", {"type": type_, "reason": ""}).text
