"""Why: an auditor asks of the past, staff ask of the present."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.aftersales import cases
from engine.runtime import deployments, people, user_tasks
from engine.runtime.bundles import Bundle
from engine.runtime.operating import suspensions
from engine.store.tables import HistoryEvent, ProcessInstance

STORY = Path(__file__).parent / "stories" / "payback"


@pytest.fixture
def payback(office, clock):
    """A refund of 900 for a good customer, reviewed by Xu Dan on the last afternoon before Golden Week."""
    clock.set(datetime(2026, 9, 30, 8, 0, tzinfo=UTC))
    kinds = {".bpmn": "bpmn", ".dmn": "dmn"}
    with office.app.commands.begin() as ctx:
        files = {(kinds[file.suffix], file.name): file.read_bytes() for file in STORY.iterdir()}
        deployments.deploy(ctx, Bundle(process_key="payback", files=files))
    opened = office.do(
        "zhou.min", cases.open_case, "payback", {"refund": {"amount": 900}, "tier": "high_value"}
    )
    office.do("xu.dan", user_tasks.complete, office.task("review").id, {})
    return opened.number


def why(office, case: str, type_: str, element: str) -> str:
    """Address of the why of the last such event."""
    with office.app.database.begin() as session:
        row = session.execute(
            select(HistoryEvent.stream, HistoryEvent.seq)
            .where(
                HistoryEvent.business_key == case,
                HistoryEvent.type == type_,
                HistoryEvent.element_id == element,
            )
            .order_by(HistoryEvent.id.desc())
        ).first()
    return f"/audit/{case}/why?event={row.stream}.{row.seq}"


def read(page) -> str:
    """A page as it reads."""
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def test_a_refund_above_the_limit_shows_the_row_that_allowed_it(browser, office, payback):
    page = browser("shen.ke").get(why(office, payback, "DecisionEvaluated", "authority"))
    said = read(page)
    assert "Who may allow a refund" in said
    assert "Amount 900 Tier high_value" in said
    assert "Row 2 of 3 (the first row that fits counts)" in said
    assert "Row 3 fits too and comes later." in said
    assert "Row 2: Good customers up to a thousand, with a manager's word." in said
    (marked,) = re.findall(r'<tr class="is-matched">(.*?)</tr>', page.text, re.DOTALL)
    assert "&lt;= 1000" in marked


def test_the_gateway_behind_it_shows_its_condition_with_the_values(browser, office, payback):
    page = browser("shen.ke").get(why(office, payback, "ElementCompleted", "above"))
    said = read(page)
    assert "Which way it took at “Above the limit?”" in said
    assert 'authority = "manager" and refund.amount > 500' in said
    assert "authority manager refund.amount 900" in said
    (marked,) = re.findall(r'<tr class="is-matched">(.*?)</tr>', page.text, re.DOTALL)
    assert "yes" in marked and "true" in marked and "Approve" in marked


def test_a_deadline_over_a_holiday_is_told_day_by_day(browser, office, payback, clock):
    with office.app.database.begin() as session:
        instance = session.scalars(
            select(ProcessInstance.id).where(ProcessInstance.business_key == payback)
        ).one()
    clock.advance(timedelta(hours=1))
    office.do("admin", suspensions.suspend, instance, reason="the till is being counted")
    clock.advance(timedelta(hours=2))
    office.do("admin", suspensions.resume, instance, reason="counted")
    said = read(browser("shen.ke").get(why(office, payback, "UserTaskCreated", "approve")))
    assert "8 h of working time" in said
    assert "Wed 30 Sept 2026 16:00–18:00 120 120" in said
    assert said.count("National Day") >= 3
    assert "Thu 8 Oct 2026 09:00–12:00, 13:00–16:00 360 480" in said
    assert "The sum is exactly the deadline that was stored." in said
    assert "by Admin: the till is being counted. That moves no deadline." in said


def test_the_step_is_finances_and_not_for_who_reviewed(browser, office, payback):
    said = read(browser("shen.ke").get(why(office, payback, "UserTaskCreated", "approve")))
    assert "the step lies in the lane “Finance”" in said
    assert "whoever did “Review”: Xu Dan" in said


def test_whoever_reviewed_is_told_why_they_cannot_approve(browser, office, payback):
    task = office.task("approve")
    said = read(browser("xu.dan").get(f"/user-tasks/{task.id}/why"))
    assert "You cannot do this step now" in said
    assert "Xu Dan did “Review” in this case and so may not do this step. Somebody else has to." in said
    here = read(browser("xu.dan").get(f"/cases/{payback}/why"))
    assert "“Approve” waits since" in here and "for somebody of: Finance." in here
    assert "You cannot do it: Xu Dan did “Review”" in here


def test_a_colleague_who_holds_it_and_is_away_is_named_with_her_substitute(browser, office, payback, clock):
    with office.app.commands.begin() as ctx:
        from engine.runtime import identity

        identity.create_person(ctx, "zhao.lin", "Zhao Lin", roles={"finance"}, password=None)
        identity.create_person(ctx, "he.bo", "He Bo", roles={"finance"}, password="a long enough password")
    task = office.task("approve")
    with office.app.commands.begin() as ctx:
        holder = identity.acting(ctx, "zhao.lin")
    with office.app.commands.begin(holder) as ctx:
        user_tasks.claim(ctx, task.id)
    office.do(
        "admin",
        people.set_away,
        "zhao.lin",
        substitute="he.bo",
        begins=date(2026, 9, 30),
        ends=date(2026, 10, 9),
    )
    said = read(browser("shen.ke").get(f"/cases/{payback}/why"))
    assert "“Approve” is with Zhao Lin since today" in said
    assert "Zhao Lin is away until 9 Oct 2026; He Bo stands in." in said
    standing_in = read(browser("he.bo").get(f"/user-tasks/{task.id}/why"))
    assert "You can do this step." in standing_in
    assert "Zhao Lin took it" in standing_in


def test_the_history_links_to_every_why_and_to_nothing_else(browser, office, payback):
    page = browser("shen.ke").get(f"/audit/{payback}").text
    links = set(re.findall(r"/why\?event=(\d+\.\d+)", page))
    with office.app.database.begin() as session:
        told = session.execute(
            select(HistoryEvent.stream, HistoryEvent.seq, HistoryEvent.type, HistoryEvent.element_id).where(
                HistoryEvent.business_key == payback
            )
        ).all()
    expected = {
        f"{row.stream}.{row.seq}"
        for row in told
        if row.type in ("UserTaskCreated", "UserTaskCompleted", "DecisionEvaluated")
        or (row.type == "ElementCompleted" and row.element_id == "above")
    }
    assert links == expected
    for link in links:
        assert "Nothing was decided here" not in read(
            browser("shen.ke").get(f"/audit/{payback}/why?event={link}")
        )


@pytest.mark.parametrize("address", ["", "1", "x.y", "1.999999", "0.1", "99999999999999999999.1"])
def test_an_event_that_is_not_the_cases_has_no_why(browser, office, payback, address):
    assert browser("shen.ke").get(f"/audit/{payback}/why?event={address}").status_code == 404


def test_the_why_reads_in_chinese(browser, office, payback):
    said = read(browser("wang.fang").get(f"/cases/{payback}/why"))
    assert "等待" in said and "You" not in said
