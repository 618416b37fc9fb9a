"""What watches over the system is told: alive, ready, and in the log who asked what about which case."""

from __future__ import annotations

import json
import logging
import re
from datetime import timedelta

import pytest
import structlog
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import text
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from engine.runtime.edge import Commands
from engine.runtime.queue import Deferred, ProcrastinateQueue
from engine.store.database import Database
from tests.conftest import ROOT
from web.queries.health import METRICS


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


@pytest.fixture
def prometheus(web):
    """The scraper on the machine itself."""
    return TestClient(web, client=("127.0.0.1", 50000))


def test_metrics_tell_of_engine_queue_database_and_requests(prometheus, office, browser):
    office.case(), office.case()
    browser("gao.yuan").get("/inbox")
    told = _samples(prometheus.get("/metrics").text)
    assert told['aftercare_cases_running{process="request"}'] == 2
    assert told['aftercare_user_tasks_open{process="request"}'] == 2
    assert told["aftercare_workers_alive"] == 0
    assert told["aftercare_database_up"] == 1
    assert told["aftercare_history_events_total"] == _events(office)
    assert told['aftercare_http_request_seconds_count{method="GET",route="/inbox",status="200"}'] >= 1


def test_due_work_and_its_delay_are_told(prometheus, office, database_url):
    with office.app.database.begin() as session:
        ProcrastinateQueue(database_url).defer(session, [Deferred(kind="job", id=1)])
        late = office.app.engine.clock.now() + timedelta(days=400)
        ProcrastinateQueue(database_url).defer(session, [Deferred(kind="timer", id=1, at=late)])
    told = _samples(prometheus.get("/metrics").text)
    assert told['aftercare_queue_jobs{kind="job",state="due"}'] == 1
    assert told['aftercare_queue_jobs{kind="timer",state="later"}'] == 1
    assert 0 <= told['aftercare_queue_delay_seconds{kind="job"}'] < 60


def test_without_its_database_a_process_still_tells_what_it_served(web, prometheus, monkeypatch):
    _take_the_database_away(web, monkeypatch)
    told = _samples(prometheus.get("/metrics").text)
    assert told["aftercare_database_up"] == 0
    assert "aftercare_workers_alive" not in told


def test_metrics_are_for_the_machine_itself_or_for_the_token(web, watcher, prometheus, settings):
    assert watcher.get("/metrics").status_code == 403
    assert prometheus.get("/metrics", headers={"X-Forwarded-For": "203.0.113.5"}).status_code == 403
    object.__setattr__(web.state.engine.settings, "metrics_token", SecretStr("s3cret"))
    assert prometheus.get("/metrics").status_code == 403
    assert watcher.get("/metrics", headers={"Authorization": "Bearer s3cret"}).status_code == 200
    assert watcher.get("/metrics", headers={"Authorization": "Bearer other"}).status_code == 403


def test_every_metric_is_in_the_documents_and_the_dashboard_asks_for_no_other():
    told = {metric.name + ("_total" if metric.counts_up else "") for metric in METRICS}
    told |= {"aftercare_database_up", "aftercare_http_request_seconds"}
    told |= {"aftercare_work_total", "aftercare_work_seconds", "aftercare_work_in_hand"}
    documented = set(
        re.findall(r"`(aftercare_\w+)`", (ROOT / "docs/operations.md").read_text(encoding="utf-8"))
    )
    assert told == documented
    dashboard = json.loads((ROOT / "docs/dashboard.json").read_text(encoding="utf-8"))
    asked = {
        re.sub(r"_(bucket|count|sum)$", "", name)
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"aftercare_\w+", target["expr"])
    }
    assert asked == told


def _samples(exposition):
    lines = [line for line in exposition.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def _events(office):
    with office.app.database.begin() as session:
        return session.execute(text("SELECT count(*) FROM history_event")).scalar_one()
