"""Two browsers at once: everybody gets an answer they can read, never a failure."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from sqlalchemy import select

from engine.runtime import instances, verifying
from engine.store.tables import Incident, ProcessInstance
from tests.races.conftest import ROUNDS

pytestmark = [pytest.mark.races, pytest.mark.xdist_group("races")]

FILLED = {"remark": "fine", "decision": "approve"}


def _complete(browser, _case, task):
    return browser.post(f"/user-tasks/{task}/complete", FILLED)


def _claim(browser, _case, task):
    return browser.post(f"/user-tasks/{task}/claim")


def _release(browser, _case, task):
    return browser.post(f"/user-tasks/{task}/release")


def _assign(browser, _case, task):
    return browser.post(f"/user-tasks/{task}/assign", {"person": "gao.yuan"})


def _draft(browser, _case, task):
    return browser.post(f"/user-tasks/{task}/draft", {"remark": "half"})


def _note(browser, case, _task):
    return browser.post(f"/cases/{case}/notes", {"text": "the customer called"})


def _look(browser, case, _task):
    return browser.get(f"/cases/{case}")


ACTIONS = (_complete, _claim, _release, _assign, _draft, _note, _look)


@pytest.mark.parametrize("first", ACTIONS, ids=lambda action: action.__name__.strip("_"))
def test_two_browsers_at_once_are_both_answered(browser, office, first):
    people = browser("wang.fang"), browser("gao.yuan")
    for second in ACTIONS[ACTIONS.index(first) :]:
        for _ in range(max(1, ROUNDS // 2)):
            case = office.case()
            task = office.task("review", case).id
            answers = _at_once(
                [partial(first, people[0], case, task), partial(second, people[1], case, task)]
            )
            assert all(answer.status_code in (200, 403, 409) for answer in answers), (
                second.__name__,
                [answer.status_code for answer in answers],
            )
            _sound(office, case)


def test_a_case_cancelled_under_somebodys_hands_tells_them(browser, office):
    gao = browser("gao.yuan")
    for _ in range(ROUNDS):
        case = office.case()
        task = office.task("review", case)

        def cancel(root=task.root_id):
            office.do("admin", instances.cancel, root, reason="registered twice")

        def complete(case=case, task=task.id):
            return _complete(gao, case, task)

        answer, _ = _at_once([complete, cancel])
        assert answer.status_code in (200, 409)
        _sound(office, case)


def test_a_form_sent_twice_by_an_impatient_click_opens_one_case(browser, office):
    zhou = browser("zhou.min")
    for at in range(ROUNDS * 2):

        def register(key=f"click-{at}"):
            return zhou.post("/start/request", {"wish": "a lamp", "_key": key}, follow_redirects=False)

        answers = _at_once([register, register])
        assert [answer.status_code for answer in answers] == [303, 303]
        assert answers[0].headers["location"] == answers[1].headers["location"]


def _at_once(actions):
    barrier = threading.Barrier(len(actions))
    answers = [None] * len(actions)

    def run(at):
        barrier.wait()
        answers[at] = actions[at]()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def _sound(office, case):
    with office.app.database.begin() as session:
        assert not session.scalars(select(Incident.message).where(Incident.business_key == case)).all()
        for id_ in session.scalars(
            select(ProcessInstance.id).where(ProcessInstance.business_key == case)
        ).all():
            assert not list(verifying.verify(session, id_))
