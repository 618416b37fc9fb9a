"""What somebody tried and was refused stands in the history of the case: who, what, why, and from where."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from engine.aftersales import sealed_files
from engine.runtime import attempts, case_proof, deployments, receipts, replay, seals, verifying
from engine.store.tables import HistoryEvent, ProcessInstance
from tests.web import goods
from tests.wire import count_statements
from web import access, operate_case, refused

#: A good word of hers that nobody else is to read.
FILLED = {"remark": "hush", "decision": "approve"}
#: What Starlette's test client says of itself.
ADDRESS = "testclient"
STEP_FOR_OTHERS = "This step is for After-sales operations; Tech is not one of them."


@pytest.fixture
def case(office) -> str:
    goods.furnish(office)
    return goods.case(office)


def told(office, case: str, type_: str = attempts.EVENT) -> list[dict[str, Any]]:
    """Contents of a case's events of a type, and who caused them."""
    with office.app.database.begin() as session:
        rows = session.scalars(
            select(HistoryEvent)
            .where(HistoryEvent.business_key == case, HistoryEvent.type == type_)
            .order_by(HistoryEvent.id)
        )
        return [{"by": row.actor, "stream": row.stream, **orjson.loads(row.payload)} for row in rows]


def approve(who, office, case: str):
    return who.post(f"/user-tasks/{office.task('review', case).id}/complete", FILLED)


def test_a_technician_approves_what_is_not_hers_and_the_auditor_sees_it(browser, office, case):
    assert approve(browser("tech"), office, case).status_code in (403, 409)

    (attempt,) = told(office, case)
    assert attempt["by"] == "tech" and attempt["from"] == ADDRESS and attempt["stream"] == 0
    assert attempt["tried"] == "POST /user-tasks/{user_task_id}/complete" and attempt["element"] == "review"
    assert attempt["code"] == "not_a_candidate"
    page = browser("shen.ke").get(f"/audit/{case}").text
    assert "Refused: completing “Review the request”" in page
    assert STEP_FOR_OTHERS in page and ADDRESS in page
    timeline = browser("shen.ke").get(f"/cases/{case}?tab=timeline").text
    assert "Refused: completing “Review the request”" in timeline and f"from {ADDRESS}" in timeline
    # Nothing of what she typed.
    assert "hush" not in str(attempt)


def test_colleagues_read_of_it_in_their_language_and_not_from_where(browser, office, case):
    approve(browser("tech"), office, case)
    page = browser("wang.fang").get(f"/cases/{case}?tab=timeline").text
    assert "被拒绝：完成“" in page and STEP_FOR_OTHERS not in page
    assert ADDRESS not in page


def test_whoever_tries_it_over_and_over_is_told_of_once_a_minute(browser, office, case, clock):
    tech, task = browser("tech"), office.task("review", case)
    for _ in range(5):
        approve(tech, office, case)
        tech.get(f"/user-tasks/{task.id}")
    assert [each["tried"].split()[0] for each in told(office, case)] == ["POST", "GET"]
    clock.advance(timedelta(minutes=2))
    approve(tech, office, case)
    assert len(told(office, case)) == 3


def test_looking_at_a_case_in_a_place_that_is_not_theirs_is_an_attempt(browser, office, case):
    gao = browser("gao.yuan")
    assert gao.get(f"/audit/{case}").status_code == 403
    assert gao.get(f"/operate/cases/{case}").status_code == 403
    assert gao.post(f"/operate/cases/{case}/cancel", {"reason": "mine"}).status_code == 403
    assert [(each["code"], each["tried"]) for each in told(office, case)] == [
        ("wrong_place", "GET /audit/{number}"),
        ("wrong_place", "GET /operate/cases/{number}"),
        ("wrong_place", "POST /operate/cases/{number}/cancel"),
    ]
    assert "Your roles do not include this page." in browser("shen.ke").get(f"/audit/{case}").text


def test_looking_at_a_case_that_is_not_among_those_one_sees_is_an_attempt(browser, office, case):
    tech = browser("tech")
    for tab in ("overview", "timeline", "files"):
        assert tech.get(f"/cases/{case}?tab={tab}").status_code == 403
    (attempt,) = told(office, case)
    assert (attempt["code"], attempt["tried"]) == ("case_not_seen", "GET /cases/{number}")
    # It does not make the case one of hers.
    assert tech.get(f"/cases/{case}").status_code == 403


def test_a_draft_kept_by_itself_after_the_step_was_done_is_no_attempt(browser, office, case):
    wang, task = browser("wang.fang"), office.task("review", case)
    approve(browser("gao.yuan"), office, case)
    wang.post(f"/user-tasks/{task.id}/draft", FILLED)
    assert told(office, case) == []
    wang.post(f"/user-tasks/{task.id}/complete", FILLED)
    assert [each["code"] for each in told(office, case)] == ["user_task_already_completed"]


def test_what_an_administrator_may_not_do_now_is_told_too(browser, office, case):
    admin = browser("admin")
    assert admin.post(f"/operate/cases/{case}/resume", {"reason": "on with it"}).status_code == 200
    (attempt,) = told(office, case)
    assert attempt["code"] == "not_suspended" and attempt["by"] == "admin"
    assert "Refused: resuming the case" in browser("shen.ke").get(f"/audit/{case}").text


def test_a_form_to_mend_a_case_that_is_not_there_and_a_second_click_are_no_attempts(browser, office, case):
    admin, gao = browser("admin"), browser("gao.yuan")
    admin.post(f"/operate/cases/{case}/suspend", {"reason": ""})
    admin.post("/operate/cases/AS-1999-000001/suspend", {"reason": "why not"})
    gao.get("/audit/AS-1999-000001")
    gao.post(f"/cases/{case}/notes", {"text": " "})
    for _ in range(2):
        approve(gao, office, case)
    assert told(office, case, "UserTaskCompleted") != []
    with office.app.database.begin() as session:
        assert session.scalars(select(HistoryEvent).where(HistoryEvent.type == attempts.EVENT)).all() == []


def test_nobody_signed_in_leaves_no_attempt(stranger, office, case):
    stranger.get(f"/cases/{case}")
    stranger.post(f"/cases/{case}/notes", data={"text": "hello"})
    assert told(office, case) == []


def test_a_history_that_cannot_be_written_does_not_change_the_answer(browser, office, case, monkeypatch):
    def broken(*_):
        raise RuntimeError("no room")

    tech = browser("tech")
    monkeypatch.setattr(attempts, "record", broken)
    answer = approve(tech, office, case)
    assert answer.status_code in (403, 409) and "Something went wrong" not in answer.text
    assert told(office, case) == []


def test_what_somebody_did_says_in_which_role_and_from_where_and_what_it_led_to_does_not(
    browser, office, case
):
    assert approve(browser("gao.yuan"), office, case).status_code == 200
    (done,) = told(office, case, "UserTaskCompleted")
    assert done["in_roles"] == ["operations"] and done["from"] == ADDRESS
    assert all("from" not in each for each in told(office, case, "ElementCompleted"))
    (created, *_) = told(office, case, "UserTaskCreated")
    assert "from" not in created
    page = browser("shen.ke").get(f"/cases/{case}?tab=timeline").text
    assert f"as After-sales operations · from {ADDRESS}" in page
    page = browser("gao.yuan").get(f"/cases/{case}?tab=timeline").text
    assert "as After-sales operations" in page and ADDRESS not in page


def test_replay_and_proof_hold_with_attempts_and_addresses(browser, office, case):
    approve(browser("tech"), office, case)
    approve(browser("gao.yuan"), office, case)
    browser("gao.yuan").post(
        f"/cases/{case}/attachments", files={"files": ("receipt.txt", b"paid", "text/plain")}
    )
    with office.app.commands.begin() as ctx:
        streams = list(
            ctx.session.scalars(select(ProcessInstance.id).where(ProcessInstance.business_key == case))
        )
        assert case_proof.prove(ctx, streams).breaks == []
        counted = receipts.valid(ctx.session, seals.folder(ctx.engine))
        assert [chain.breaks for chain in verifying.chains(ctx.session, -1, 0, None, counted)] == [()]
        for stream in streams:
            replay.check(ctx.session, office.app.engine, stream)


def test_a_file_attached_is_in_the_history_with_its_name_size_and_digest(browser, office, case):
    gao = browser("gao.yuan")
    gao.post(f"/cases/{case}/attachments", files={"files": ("receipt.txt", b"paid", "text/plain")})
    (added,) = told(office, case, "AttachmentAdded")
    assert (added["by"], added["name"], added["size"]) == ("gao.yuan", "receipt.txt", 4)
    assert len(added["digest"]) == 64
    page = gao.get(f"/cases/{case}?tab=timeline").text
    assert "Attached a file" in page and "receipt.txt" in page


def test_an_export_is_in_the_timeline_and_the_sealed_file_stays_the_cases_own(browser, office, case):
    approve(browser("tech"), office, case)
    assert browser("shen.ke").post(f"/audit/{case}/sealed-file").status_code == 200
    page = browser("shen.ke").get(f"/cases/{case}?tab=timeline").text
    assert "Exported the case as a sealed file" in page
    with office.app.commands.begin() as ctx:
        packed = io.BytesIO()
        standing = sealed_files.Sealed(document=None, standings={})
        sealed_files.pack(ctx, case, packed, {}, standing)
    # It holds the chains it can prove: those of the case's instances.
    assert attempts.EVENT.encode() not in packed.getvalue()


def test_the_auditor_reads_which_versions_were_deployed_while_the_case_ran(browser, office, case, clock):
    clock.advance(timedelta(minutes=1))
    with office.app.commands.begin() as ctx:
        current = deployments.current(ctx, "request")
        files = deployments.files(ctx, current)
        diagram = next(place for place in files if place[0] == "bpmn")
        files[diagram] = files[diagram].replace(b"Review the request", b"Look at the request")
        bundle = deployments.Bundle(process_key="request", files=files)
        deployments.deploy(ctx, bundle, note="Clearer words")
        deployments.make_current(ctx, current)
    page = browser("shen.ke").get(f"/audit/{case}").text
    assert "Version deployed: Request 2: Clearer words" in page and "Made current: Request 1" in page
    # The first version was deployed before the case began.
    assert "Version deployed: Request 1" not in page
    assert "Version deployed" not in browser("gao.yuan").get(f"/cases/{case}?tab=timeline").text


def test_a_timeline_with_attempts_costs_one_statement_more_at_most(browser, office, case):
    gao, shen, li = browser("gao.yuan"), browser("shen.ke"), browser("wang.fang")
    address = f"/cases/{case}?tab=timeline"
    shen.get(address)
    statements = count_statements()
    shen.get(address)
    before = len(statements)
    task = office.task("review", case)
    gao.post(f"/user-tasks/{task.id}/claim")
    approve(browser("tech"), office, case)
    assert approve(li, office, case).status_code == 409
    statements.clear()
    page = shen.get(address).text
    assert "Gao Yuan is working on this step." in page
    assert len(statements) <= before + 1, "\n\n".join(statements)


def test_every_way_to_change_a_case_has_words_of_its_own():
    places = ("POST /cases/{", "POST /user-tasks/{", "POST /audit/{number}")
    ways = {way for ways in access.TABLE.values() for way in ways if way.startswith(places)}
    by_itself = {f"POST /user-tasks/{{user_task_id}}/{act}" for act in ("draft", "refresh")}
    assert ways - by_itself <= set(refused.TRIED)
    acts = {f"POST /operate/cases/{{number}}/{act}" for act in operate_case.ACTS}
    assert acts <= set(refused.TRIED)
