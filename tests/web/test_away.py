"""The database is away, or its answer is lost: people read what to do, and what they repeat is not done twice."""

from __future__ import annotations

from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from engine.aftersales.tables import AftersalesCase
from engine.runtime import history
from engine.runtime.edge import Commands

FILLED = {"remark": "fine", "decision": "approve"}


@contextmanager
def _answer_lost_after_commit(database):
    """The next commit happens, and the line breaks before it is confirmed."""

    def lose(_session):
        _break("COMMIT")

    event.listen(database.sessions, "after_commit", lose, once=True)
    yield
    if event.contains(database.sessions, "after_commit", lose):
        event.remove(database.sessions, "after_commit", lose)


def test_a_completion_whose_answer_was_lost_is_told_to_be_done_when_it_is_sent_again(browser, office):
    office.case()
    task, gao = office.task("review"), browser("gao.yuan")
    headers = _token(gao)
    with _answer_lost_after_commit(office.app.database):
        lost = gao.post(f"/user-tasks/{task.id}/complete", FILLED, token=False, headers=headers)
    assert lost.status_code == 503
    assert "look whether what you did last is there" in lost.text

    again = gao.post(f"/user-tasks/{task.id}/complete", FILLED)
    assert again.status_code == 200 and "already completed by you" in again.text
    with office.app.database.begin() as session:
        types = [each.type for each in history.events(session, stream=task.instance_id)]
    assert types.count("UserTaskCompleted") == 1


def test_a_registration_whose_answer_was_lost_opens_one_case_when_it_is_sent_again(browser, office):
    zhou = browser("zhou.min")
    form = {"wish": "a lamp", "_key": "one-form"}
    headers = _token(zhou)
    with _answer_lost_after_commit(office.app.database):
        lost = zhou.post("/start/request", form, token=False, headers=headers)
    assert lost.status_code == 503
    assert zhou.post("/start/request", form, follow_redirects=False).status_code == 303
    with office.app.database.begin() as session:
        assert session.scalar(select(func.count()).select_from(AftersalesCase)) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_while_the_database_is_away_every_page_says_so_in_one_sentence(web, stranger, language):
    @contextmanager
    def refused():
        _break("connect")
        yield

    working = web.state.commands
    web.state.commands = Commands(refused, working.engine)
    try:
        for answer in (
            stranger.get("/inbox", headers={"Accept-Language": language}),
            stranger.post(
                "/user-tasks/1/complete",
                headers={"Accept-Language": language, "Sec-Fetch-Site": "same-origin"},
            ),
            stranger.get("/inbox", headers={"Accept-Language": language, "HX-Request": "true"}),
        ):
            assert answer.status_code == 503
            assert answer.headers["retry-after"]
            assert {"en": "does not answer at the moment", "zh": "数据库暂时没有响应"}[
                language
            ] in answer.text
            assert "Traceback" not in answer.text
    finally:
        web.state.commands = working


def _token(browser):
    return {"X-CSRF-Token": browser.token()}


def _break(doing):
    line = psycopg.OperationalError("server closed the connection unexpectedly")
    raise OperationalError(doing, {}, line) from line
