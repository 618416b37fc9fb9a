"""Operate: incidents by cause, tried again with a reason."""

import re

from sqlalchemy import select

from engine.store.tables import HistoryEvent, Incident


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
    assert browser("admin").get("/operate").status_code == 200
    assert browser("qian.yu").get("/operate").status_code == 403


def test_incidents_with_one_cause_stand_together(browser, office):
    stuck(office, cases=2)
    page = browser("admin").get("/operate").text
    assert page.count("2 cases stuck") == 1
    assert "The payment service does not answer." in page


def test_trying_again_asks_for_a_reason(browser, office):
    stuck(office, cases=1)
    admin = browser("admin")
    ids = re.findall(r'name="id" value="(\d+)"', admin.get("/operate").text)
    assert "Say why you try again" in admin.post("/operate/retry", {"id": ids, "reason": " "}).text


def test_what_was_resolved_meanwhile_says_so(browser, office):
    stuck(office, cases=1)
    admin = browser("admin")
    ids = re.findall(r'name="id" value="(\d+)"', admin.get("/operate").text)
    with office.app.database.begin() as session:
        incident = session.execute(select(Incident)).scalar_one()
        incident.resolved_at, incident.resolved_by = incident.created_at, "admin"
        session.flush()
    answer = admin.post("/operate/retry", {"id": ids, "reason": "It answers again"}).text
    assert "Not tried: 1." in answer
    with office.app.database.begin() as session:
        assert session.scalar(select(HistoryEvent.id).where(HistoryEvent.type == "IncidentRetried")) is None
