"""The page of proof: seals, a check that takes long, what it found in the reader's words."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from engine.runtime import seals, verification, verifying
from engine.store.tables import Verification
from engine.worker import daily_seal, perform
from tests.web import goods
from web import proof


@pytest.fixture
def cases(office):
    goods.furnish(office)
    return [goods.case(office) for _ in range(3)]


@pytest.fixture
def slow(monkeypatch):
    """So much history that nothing of it is checked while somebody waits, in spans of one instance."""
    monkeypatch.setattr(proof, "_AT_ONCE_SECONDS", 0.0)
    monkeypatch.setattr(
        verification, "next_span", lambda session, after: verifying.next_span(session, after, 1)
    )


def _work(office):
    queue = office.app.engine.queue
    while queue.work:
        item = queue.work.pop(0)
        perform(office.app.commands, item.kind, item.id)


def test_a_day_without_a_seal_says_so_and_the_worker_makes_it(browser, office, cases):
    auditor = browser("shen.ke")
    assert "No seal yet" in auditor.get("/audit/proof").text
    daily_seal(office.app)
    page = auditor.get("/audit/proof").text
    with office.app.database.begin() as session:
        made = seals.read(seals.latest(session).document)
    assert "No seal yet" not in page and made.root in page
    assert "and with seal 1" in auditor.post("/audit/proof").text


def test_a_long_check_tells_how_far_it_is(browser, office, cases, slow):
    auditor = browser("shen.ke")
    page = auditor.post("/audit/proof")
    assert "The histories are being checked" in page.text and "0 of 4 histories" in page.text
    polled = auditor.htmx(page.url.path).text
    assert f'hx-get="{page.url.path}"' in polled and "<html" not in polled
    _work(office)
    polled = auditor.htmx(page.url.path).text
    assert "Proven" in polled and "hx-get" not in polled


def test_a_check_interrupted_half_way_is_gone_on_with(office, cases, slow):
    asked = office.do("shen.ke", verification.ask)
    with office.app.commands.begin() as ctx:
        walk = verification._taken_up(ctx, asked.id)
        step = walk.step(ctx.session)
        row = ctx.session.get_one(Verification, asked.id)
        row.reached, row.streams, row.events = step.reached, step.streams, step.events
        ctx.session.flush()
    verification.run(office.app.commands, asked.id)
    with office.app.database.begin() as session:
        row = session.get_one(Verification, asked.id)
        stored = session.execute(text("SELECT count(*), count(DISTINCT stream) FROM history_event")).one()
    assert (row.events, row.streams, row.broken) == (*stored, 0)
    assert row.ended_at is not None


def test_what_is_found_is_said_in_the_readers_language(browser, office, cases):
    daily_seal(office.app)
    with office.app.database.begin() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("DELETE FROM history_event WHERE business_key = :c"), {"c": cases[0]})
        session.execute(text("DELETE FROM process_instance WHERE business_key = :c"), {"c": cases[0]})
        session.execute(text('UPDATE seal SET document = replace(document, \'"root": "\', \'"root": "0\')'))
    auditor = browser("shen.ke")
    found = auditor.post("/audit/proof")
    assert f"/audit/{cases[0]}" in found.text
    assert "the case and its whole history are gone; seal 1 of 2026-11-02 was made over" in found.text
    assert "Seal 1: the row in the database is not what was sealed" in found.text
    auditor.post("/preferences/language", {"language": "zh"})
    chinese = auditor.get(found.url.path).text
    assert "售后单及其整个历史已消失" in chinese and "第 1 号封存：" in chinese
    assert "was made over" not in chinese


def test_a_case_removed_with_thousands_of_others_is_held_in_spans(office, cases, monkeypatch):
    """Memory does not grow with what is gone."""
    daily_seal(office.app)
    monkeypatch.setattr(verification, "_HELD", 1)
    with office.app.database.begin() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("DELETE FROM history_event WHERE stream > 0"))
        session.execute(text("DELETE FROM process_instance"))
    asked = office.do("shen.ke", verification.ask)
    verification.run(office.app.commands, asked.id)
    with office.app.database.begin() as session:
        gone = {
            each["case"]
            for each in session.get_one(Verification, asked.id).breaks
            if each["sentence"] == verifying.REMOVED
        }
    assert gone == set(cases)


@pytest.mark.parametrize("address", ["/audit/proof", "/audit/proof/1"])
def test_the_page_is_for_auditors(browser, office, cases, address):
    assert browser("gao.yuan").get(address).status_code == 403
    assert browser("gao.yuan").post("/audit/proof").status_code == 403


def test_a_check_there_is_not_is_not_found(browser, office):
    assert browser("shen.ke").get("/audit/proof/4711").status_code == 404
