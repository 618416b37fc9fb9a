"""A backup taken while people work, brought back elsewhere: cases go on, and timers that came due meanwhile fire."""

from __future__ import annotations

import io
import logging
import time
from pathlib import Path

import psycopg
import pytest
import structlog
from psycopg import sql
from sqlalchemy import select
from typer.testing import CliRunner

from config import settings as settings_module
from engine import bootstrap
from engine.aftersales import attachments
from engine.cli import app as cli
from engine.runtime import deployments, identity, instances, seal_checks, seals, user_tasks, verifying
from engine.runtime.bundles import Bundle
from engine.runtime.context import Actor
from engine.runtime.registry import ServiceTaskType
from engine.store import embedded
from engine.store.tables import HistoryEvent, ProcessInstance, Timer, UserTask
from engine.worker import Worker

DIAGRAM = Path(__file__).parents[1] / "crash" / "diagrams" / "payment.bpmn"
WANG = Actor(key="wang.fang", name="Wang Fang", roles=frozenset({"operations"}))
NOTHING = b"%PDF-1.4 a receipt"


def _aftercare(monkeypatch, url, folder, *words):
    monkeypatch.setenv("AFTERCARE_DATABASE_URL", url)
    monkeypatch.setenv("AFTERCARE_VAR_DIR", str(folder))
    told = CliRunner().invoke(cli, [str(word) for word in words])
    # The command's log went to a stream that is closed by now.
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet, logger_factory=structlog.PrintLoggerFactory())
    return told


def _open(url, folder):
    app = bootstrap.application(settings_module.load(database_url=url, var_dir=folder))
    app.engine.registry.add(ServiceTaskType(type="tests.pay", handler=lambda ctx, job: {"paid": True}))
    return app


@pytest.fixture
def empty(server, own_name):
    """An empty database beside the test's own."""
    name = f"{own_name}_restored"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    return embedded.ensure_database(server, name)


@pytest.fixture
def shop(database_url, tmp_path):
    """A running case with an open step and a timer that is due, and a file; nobody works the queue."""
    app = _open(database_url, tmp_path / "here")
    with app.commands.begin() as ctx:
        identity.create_person(ctx, "wang.fang", "Wang Fang", roles={"operations"}, password=None)
        files = {("bpmn", DIAGRAM.name): DIAGRAM.read_bytes()}
        deployments.deploy(ctx, Bundle(process_key="payment", files=files))
    with app.commands.begin(WANG) as ctx:
        instances.start(ctx, "payment", {"caseNumber": "CASE-1"}, business_key="CASE-1")
        attachments.storage_of(ctx).put("abcdef", io.BytesIO(NOTHING))
    with app.commands.begin() as ctx:
        seals.make(ctx)
    yield app
    app.close()


def _one(app, query):
    with app.database.begin() as session:
        return session.scalar(query)


def test_a_backup_brought_back_goes_on_where_it_was(shop, database_url, empty, tmp_path, monkeypatch):
    file, there = tmp_path / "kept" / "monday.backup", tmp_path / "there"
    told = _aftercare(monkeypatch, database_url, tmp_path / "here", "backup", file)
    assert told.exit_code == 0, told.output
    assert file.stat().st_mode & 0o077 == 0, "for its owner only"
    assert [each.name for each in file.parent.iterdir()] == [file.name]

    told = _aftercare(monkeypatch, empty, there, "restore", file)
    assert told.exit_code == 0, told.output
    assert (there / "attachments" / "ab" / "abcdef").read_bytes() == NOTHING

    app = _open(empty, there)
    try:
        assert _one(app, select(Timer.element_id)) == "late"
        with app.commands.begin(WANG) as ctx:
            user_tasks.complete(ctx, _one(app, select(UserTask.id)), {})
        worker = Worker(app, threads=2)
        worker.start()
        _until(lambda: "ServiceTaskCompleted" in _types(app), "the queue does not go on")
        worker.stop()
        assert _one(app, select(ProcessInstance.state)) == "active"
        with app.database.begin() as session:
            assert not list(verifying.verify(session))
            assert not list(seal_checks.check(session, seals.folder(app.engine)))
    finally:
        app.close()


def test_a_timer_that_came_due_meanwhile_fires_after_the_restore(
    shop, database_url, empty, tmp_path, monkeypatch
):
    file = tmp_path / "monday.backup"
    assert _aftercare(monkeypatch, database_url, tmp_path / "here", "backup", file).exit_code == 0
    assert _aftercare(monkeypatch, empty, tmp_path / "there", "restore", file).exit_code == 0
    app = _open(empty, tmp_path / "there")
    worker = Worker(app, threads=2)
    worker.start()
    try:
        _until(lambda: {"TimerFired", "ServiceTaskCompleted"} <= set(_types(app)), "the timer does not fire")
        assert _types(app).count("TimerFired") == 1
    finally:
        worker.stop()
        app.close()


def test_a_database_in_use_is_not_overwritten_unless_told(shop, database_url, tmp_path, monkeypatch):
    here, file = tmp_path / "here", tmp_path / "monday.backup"
    assert _aftercare(monkeypatch, database_url, here, "backup", file).exit_code == 0
    told = _aftercare(monkeypatch, database_url, here, "restore", file)
    assert told.exit_code == 1 and "is not empty" in told.output
    told = _aftercare(monkeypatch, database_url, here, "restore", file, "--replace")
    assert told.exit_code == 1 and "Stop every web process and worker first" in told.output
    assert _one(shop, select(ProcessInstance.state)) == "active"


def test_told_to_replace_it_brings_back_what_was_kept(shop, database_url, empty, tmp_path, monkeypatch):
    file, there = tmp_path / "monday.backup", tmp_path / "there"
    assert _aftercare(monkeypatch, database_url, tmp_path / "here", "backup", file).exit_code == 0
    assert _aftercare(monkeypatch, empty, there, "migrate").exit_code == 0
    assert _aftercare(monkeypatch, empty, there, "restore", file).exit_code == 1
    told = _aftercare(monkeypatch, empty, there, "restore", file, "--replace")
    assert told.exit_code == 0, told.output
    with psycopg.connect(empty) as connection:
        assert connection.execute("SELECT business_key FROM process_instance").fetchall() == [("CASE-1",)]


def test_what_is_no_backup_is_refused_with_a_sentence(empty, tmp_path, monkeypatch):
    file = tmp_path / "letter.txt"
    file.write_text("not a backup")
    told = _aftercare(monkeypatch, empty, tmp_path, "restore", file)
    assert told.exit_code == 1 and "cannot be read" in told.output


def _types(app):
    with app.database.begin() as session:
        return list(session.scalars(select(HistoryEvent.type)))


def _until(condition, what):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
