"""The sample company: its files, its casting, and the whole of it loaded once."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.settings import Settings
from engine import installation
from engine.aftersales import attachments
from engine.aftersales.tables import AftersalesCase, Attachment, Customer, CustomerOrder, SerialNumber
from engine.bootstrap import Application, application
from engine.runtime import replay, replay_checks, verifying
from engine.runtime.context import Context
from engine.runtime.explaining import deadlines, gateways
from engine.sample import casting, catalogue, company, orders
from engine.sample.casting import Cast
from engine.scenarios.files import Scenario
from engine.store.tables import HistoryEvent, Incident, Person, ProcessDefinition, Timer, UserTask
from tests.conftest import ROOT

#: Past cases of the sample that is loaded whole.
PAST = int(os.environ.get("AFTERCARE_PAST_CASES", "6"))
NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def data(settings: Settings) -> dict:
    return catalogue.read(settings.sample_file)


def test_the_same_seed_and_day_give_the_same_files(tmp_path: Path, data: dict):
    orders.write(tmp_path / "a", data, now=NOW)
    orders.write(tmp_path / "b", data, now=NOW)
    for kind in orders.FILES:
        assert (tmp_path / "a" / f"{kind}.csv").read_bytes() == (tmp_path / "b" / f"{kind}.csv").read_bytes()


def test_there_are_at_least_300_orders_and_some_in_every_state_and_shop(tmp_path: Path, data: dict):
    orders.write(tmp_path, data, now=NOW)
    with (tmp_path / "orders.csv").open(encoding="utf-8") as file:
        rows = {row["order_number"]: row for row in csv.DictReader(file)}
    states = Counter(row["state"] for row in rows.values())
    assert len(rows) >= 300
    assert set(states) == {"placed", "paid", "shipped", "received", "completed", "cancelled"}
    assert {row["shop"] for row in rows.values()} == set(data["shops"])
    assert any(float(row["coupon_discount"]) for row in rows.values())
    assert any(float(row["shipping_fee"]) for row in rows.values())


def _scenario() -> Scenario:
    return Scenario.model_validate(
        {
            "name": "A story",
            "process": "return_and_refund",
            "clock": "2026-11-02T10:00:00+08:00",
            "given": {
                "customer": {"tier": "high_value"},
                "order": {
                    "state": "received",
                    "lines": [{"sku": "CHAIR-01", "quantity": 1, "unitPrice": 600.0}],
                    "receivedAt": "2026-10-30T15:00:00+08:00",
                },
                "stock": {"CHAIR-01": 2},
            },
            "start": {"by": "li.na", "form": {"orderNumber": "SO-1"}},
            "steps": [
                {"complete": {"task": "a", "by": "li.na", "with": {"sku": "CHAIR-01", "on": "2026-11-03"}}},
                {"advance": "P2D"},
                {"complete": {"task": "b", "by": "li.na"}},
            ],
            "expect": {},
        }
    )


def test_a_cast_scenario_ends_within_the_last_day_at_the_same_time_of_day(data: dict):
    articles = catalogue.articles(data, Random(1))
    cast = Cast(number=7, buyer=catalogue.buyer(data, Random(2)), articles=articles)
    until = NOW + timedelta(hours=3)
    played = casting.cast(_scenario(), 2, cast, until=until)
    ends = casting.ends_at(played, 2)
    assert timedelta(0) <= until - ends < timedelta(days=1)
    assert played.clock.timetz() == _scenario().clock.timetz()
    assert len(played.steps) == 2


def test_a_cast_scenario_has_numbers_goods_and_a_customer_of_its_own(data: dict):
    articles = catalogue.articles(data, Random(1))
    buyer = catalogue.buyer(data, Random(2))
    played = casting.cast(_scenario(), 3, Cast(number=7, buyer=buyer, articles=articles), until=NOW)
    (sku,) = played.given["stock"]
    act = played.steps[0].complete
    assert act is not None
    assert sku != "CHAIR-01"
    assert act.with_["sku"] == played.given["order"]["lines"][0]["sku"] == sku
    assert played.given["products"][sku]["nameZh"]
    assert (played.order_number, played.start.form["orderNumber"]) == ("SO-200007", "SO-200007")
    assert played.given["customer"]["name"] == buyer.name
    assert played.given["customer"]["tier"] == "high_value"
    # Every date moved by the same days: the form's too.
    assert act.with_["on"] == (played.clock + timedelta(days=1)).date().isoformat()


@pytest.fixture
def installed(database_url: str, settings: Settings) -> Application:
    app = application(settings, url=database_url)
    installation.load_reference(app)
    installation.deploy_shipped(app, settings, told=lambda doing: None)
    yield app
    app.close()


@pytest.fixture
def few_past_cases(settings: Settings, tmp_path: Path) -> Settings:
    """The sample as shipped, but for the number of past cases: one is as good as another here (`make replays` has more)."""
    path = tmp_path / "sample.toml"
    path.write_text(
        re.sub(r"(?m)^finished = \d+", f"finished = {PAST}", settings.sample_file.read_text("utf-8")), "utf-8"
    )
    return settings.model_copy(update={"sample_file": path})


@pytest.mark.timeout(900)
def test_the_whole_company_is_loaded_with_cases_at_every_step(
    installed: Application, few_past_cases: Settings
):
    loaded = company.load(few_past_cases, installed.database.url, told=lambda doing: None)
    assert company.is_loaded(installed)
    assert loaded.missing == []
    with installed.commands.begin() as ctx:
        session = ctx.session
        ids = session.scalars(select(ProcessDefinition.id).where(ProcessDefinition.is_current)).all()
        wanted = {
            (definition.key, task.id)
            for definition in (ctx.engine.definitions.get(session, id_) for id_ in ids)
            for task in definition.process.of_type("userTask")
        }
        tasks = session.scalars(select(UserTask).where(UserTask.state == "created")).all()
        assert wanted <= {(task.process_key, task.element_id) for task in tasks}
        assert any(task.assignee for task in tasks)
        assert any(task.due_at is not None and task.due_at < ctx.now for task in tasks)
        assert session.scalar(
            select(func.count()).select_from(Incident).where(Incident.resolved_at.is_(None))
        )
        # The worker has nothing to catch up with: what was due has happened.
        assert not session.scalar(
            select(func.count()).select_from(Timer).where(Timer.due_at < ctx.now - timedelta(minutes=10))
        )
        closed = select(func.count()).select_from(AftersalesCase).where(AftersalesCase.closed_at.is_not(None))
        assert session.scalar(closed) >= loaded.finished == PAST
        assert session.scalar(select(func.count()).select_from(CustomerOrder)) >= 300
        assert session.scalar(select(func.count()).select_from(SerialNumber)) >= 50
        assert session.scalar(select(func.count()).select_from(Customer)) >= 150
        assert session.scalar(select(func.count()).select_from(Person)) == len(ctx.organisation.people)
        assert list(verifying.verify(session)) == []
        _is_replayed_at_every_event(ctx)
        _everything_has_its_why(session, installed)
        files = session.scalars(select(Attachment).where(Attachment.case_id.is_not(None))).all()
        assert {file.type for file in files} == {"image/png", "application/pdf"}
        content = attachments.content(ctx, files[0])
        content.close()


def _is_replayed_at_every_event(ctx: Context) -> None:
    """Each instance, rebuilt from its inputs, led to every recorded event in its place and stands as its state does."""
    replayed = list(replay_checks.check(ctx))
    cases = {each.case for each in replayed}
    moments = sum(each.moments for each in replayed)
    recorded = ctx.session.scalar(
        select(func.count()).select_from(HistoryEvent).where(HistoryEvent.stream > 0)
    )
    print(
        f"\n{len(cases)} cases, {len(replayed)} instances: {moments} inputs replayed, {recorded} events as recorded"
    )
    assert [each for each in replayed if each.trouble] == []
    assert moments > 5 * len(cases)


def _everything_has_its_why(session: Session, app: Application) -> None:
    """Of each gateway and of each kind of deadline one: what it saw leads to what happened."""
    told = session.execute(
        select(func.max(HistoryEvent.stream), func.max(HistoryEvent.seq))
        .where(HistoryEvent.type.in_(("ElementCompleted", "UserTaskCreated", "TimerStarted")))
        .group_by(HistoryEvent.element_id, HistoryEvent.type, HistoryEvent.stream)
        .order_by(func.max(HistoryEvent.id).desc())
        .limit(400)
    )
    explained: Counter[str] = Counter()
    for stream, seq in told:
        event = replay.past(session, stream, seq)
        if event.type == "ElementCompleted":
            choice = gateways.choice(session, app.engine, stream, event)
            for way in choice.ways if choice else ():
                explained["ways"] += 1
                assert not way.asked or way.held == way.taken, (stream, seq)
            assert not choice or any(way.asked for way in choice.ways), (stream, seq)
        elif due := deadlines.deadline(session, app.engine, stream, event):
            explained["counts" if due.counts else "clock"] += 1
            assert due.exact or not due.counts, (stream, seq)
    assert explained["ways"] > 20 and explained["counts"] and explained["clock"], explained


def test_shipped_procedures_are_deployed_once_and_what_was_changed_here_is_kept(
    installed: Application, settings: Settings, tmp_path: Path
):
    told = []
    assert installation.deploy_shipped(installed, settings, told=told.append) is None
    assert told == []
    folder = tmp_path / "processes"
    for path in sorted((ROOT / "processes").rglob("*")):
        if path.is_file():
            target = folder / path.relative_to(ROOT / "processes")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    for name in ("suggestion", "revisit"):
        diagram = folder / "bpmn" / f"{name}.bpmn"
        diagram.write_bytes(diagram.read_bytes() + b"<!-- a newer release -->\n")
    with installed.commands.begin() as ctx:
        current = ctx.session.scalars(
            select(ProcessDefinition).where(
                ProcessDefinition.process_key == "suggestion", ProcessDefinition.is_current
            )
        ).one()
        current.note = "The owner's own version"
    newer = settings.model_copy(update={"processes_dir": folder})
    shipped = installation.deploy_shipped(installed, newer, told=told.append)
    assert shipped is not None
    assert (shipped.deployed, shipped.kept) == (["revisit"], ["suggestion"])


def test_the_first_administrator_gets_a_password_once(app: Application):
    assert installation.first_administrator(app)
    assert installation.first_administrator(app) is None
