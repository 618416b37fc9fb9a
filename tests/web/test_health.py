"""What watches over the system is told: alive, ready, and in the log who asked what about which case."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import structlog
from fastapi.testclient import TestClient
from sqlalchemy import text
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from engine.runtime.edge import Commands
from engine.store.database import Database


@pytest.fixture
def watcher(web):
    """Somebody who is not signed in."""
    return TestClient(web)


def _worker(database, seen_ago=timedelta(0)):
    with database.begin() as session:
        session.execute(
            text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - :ago)"),
            {"ago": seen_ago},
        )


def test_a_process_is_alive_whatever_the_database_does(web, watcher, monkeypatch):
    _take_the_database_away(web, monkeypatch)
    assert watcher.get("/healthz").json() == {"status": "alive"}


def test_an_installation_with_a_worker_is_ready(watcher, database):
    _worker(database)
    answer = watcher.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "database": True, "migrations": True, "workers": True}


def test_without_a_living_worker_it_is_not_ready(watcher, database):
    _worker(database, seen_ago=timedelta(minutes=2))
    answer = watcher.get("/readyz")
    assert (answer.status_code, answer.json()["workers"]) == (503, False)
    assert answer.json()["database"] and answer.json()["migrations"]


def test_with_the_schema_of_another_release_it_is_not_ready(watcher, database):
    _worker(database)
    with database.begin() as session:
        current = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        answer = watcher.get("/readyz")
        assert (answer.status_code, answer.json()["migrations"]) == (503, False)
    finally:
        with database.begin() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :was"), {"was": current})


def test_without_its_database_it_is_not_ready(web, watcher, monkeypatch):
    _take_the_database_away(web, monkeypatch)
    answer = watcher.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, False)


def _take_the_database_away(web, monkeypatch):
    nobody = Database("postgresql://nobody@127.0.0.1:1/nothing", pool_size=1)
    monkeypatch.setattr(web.state, "commands", Commands(nobody.begin, web.state.engine))


def test_every_answer_carries_the_number_of_its_request(watcher):
    first, second = (watcher.get("/healthz").headers["X-Request-ID"] for _ in range(2))
    assert first != second
    given = watcher.get("/healthz", headers={"X-Request-ID": "proxy-7"})
    assert given.headers["X-Request-ID"] == "proxy-7"
    forged = watcher.get("/healthz", headers={"X-Request-ID": "a b"})
    assert forged.headers["X-Request-ID"] != "a b"


def test_a_refusal_is_logged_with_its_request_and_its_case(browser, office):
    number = office.case()
    task = office.task("review")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    with capture_logs([merge_contextvars]) as lines:
        answer = browser("xu.dan").post(
            f"/user-tasks/{task.id}/complete", {"remark": "fine", "decision": "approve"}
        )
    (refused,) = [line for line in lines if line["event"] == "refused"]
    assert refused["case"] == number
    assert refused["request"] == answer.headers["X-Request-ID"]
