"""Workers that are killed, told to stop, or given work that cannot be done: the rest of the work goes on."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from engine.runtime import deployments, instances
from engine.runtime.bundles import Bundle
from engine.runtime.registry import ServiceTaskType
from engine.store.tables import Incident, Job, ProcessInstance
from tests.crash.conftest import STALLED_AFTER, Plant, tell, until
from tests.crash.slow_worker import outside

pytestmark = [pytest.mark.crash, pytest.mark.xdist_group("crash")]

DIAGRAM = Path(__file__).parent / "diagrams" / "outside.bpmn"
#: Seconds: take_over looks this often, and a free worker polls this often.
LOOKS, POLLS = 5, 5
DRAIN = 6


class Shop:
    """Cases that each ask a system outside."""

    def __init__(self, app, plant, folder):
        self.app, self.plant, self.folder = app, plant, folder
        with app.commands.begin() as ctx:
            files = {("bpmn", DIAGRAM.name): DIAGRAM.read_bytes()}
            # The type is known to the workers of these tests only.
            app.engine.registry.add(ServiceTaskType(type="tests.outside", handler=outside, remote=True))
            deployments.deploy(ctx, Bundle(process_key="outside", files=files))

    def work(self, name="worker"):
        self.plant.start(
            name,
            module="tests.crash.slow_worker",
            AFTERCARE_DRAIN_SECONDS=str(DRAIN),
            AFTERCARE_RETRY_FIRST_SECONDS="0.2",
        )

    def ask(self, times=1, **variables):
        ids = []
        for _ in range(times):
            with self.app.commands.begin() as ctx:
                ids.append(instances.start(ctx, "outside", variables, business_key="CASE-1").id)
        return ids

    def calls(self):
        file = self.folder / "calls"
        return file.read_text().split() if file.exists() else []

    def states(self, ids):
        with self.app.database.begin() as session:
            query = select(ProcessInstance.state, func.count()).where(ProcessInstance.id.in_(ids))
            return dict(session.execute(query.group_by(ProcessInstance.state)).all())


@pytest.fixture
def shop(application_and_url, tmp_path):
    app, url = application_and_url
    plant = Plant(url, tmp_path)
    yield Shop(app, plant, tmp_path)
    plant.stop()


def test_a_killed_workers_job_is_taken_over_under_the_same_key_and_counts_once(shop):
    (instance,) = shop.ask(seconds=300)
    shop.work("first")
    until(lambda: len(shop.calls()) == 1, 90, lambda: "nobody took the job")
    shop.work("second")
    until(
        lambda: _number(shop, select(func.count()).select_from(text("procrastinate_workers"))) == 2,
        60,
        lambda: "no second",
    )
    shop.plant.kill("first")
    killed = time.monotonic()
    until(lambda: len(shop.calls()) == 2, 120, lambda: "nobody took the job over")
    taken = time.monotonic() - killed
    until(lambda: shop.states([instance]) == {"completed": 1}, 30, lambda: "the case does not go on")

    tell("taken over", {"after_seconds": round(taken, 1), "bound": STALLED_AFTER + LOOKS + POLLS})
    assert len(set(shop.calls())) == 1, "the key that makes the other side do it once never changes"
    # A busy machine needs its time to start what is due.
    assert taken < 2 * (STALLED_AFTER + LOOKS + POLLS)


def test_a_worker_told_to_stop_finishes_what_it_has_takes_nothing_new_and_ends(shop):
    ids = shop.ask(times=12, seconds=2)
    shop.work()
    until(lambda: len(shop.calls()) >= 4, 90, lambda: "nobody works")
    began = time.monotonic()
    assert shop.plant.terminate("worker", seconds=30) == 0
    took = time.monotonic() - began

    called = len(shop.calls())
    assert 4 <= called < 12 and took < DRAIN + 5
    assert shop.states(ids) == {"completed": called, "active": 12 - called}, (
        "all in hand are done, the others wait"
    )
    tell("stopped", {"took_seconds": round(took, 1), "finished": called, "left": 12 - called})

    shop.work()
    until(lambda: shop.states(ids) == {"completed": 12}, 120, lambda: "the others do not go on")
    assert Counter(shop.calls()).most_common(1)[0][1] == 1, "nothing was asked twice"


def test_a_worker_told_to_stop_does_not_wait_for_a_job_that_hangs(shop):
    (instance,) = shop.ask(seconds=300)
    shop.work()
    until(lambda: len(shop.calls()) == 1, 90, lambda: "nobody took the job")
    began = time.monotonic()
    assert shop.plant.terminate("worker", seconds=30) == 0
    assert time.monotonic() - began < DRAIN + 5
    shop.work()
    until(lambda: shop.states([instance]) == {"completed": 1}, 120, lambda: "nobody took the job over")


def test_jobs_that_cannot_be_done_hinder_no_others_and_end_as_incidents(shop):
    poisoned = shop.ask(times=20, broken=True)
    good = shop.ask(times=20)
    shop.work()
    until(lambda: shop.states(good) == {"completed": 20}, 90, lambda: "the good ones wait for the others")
    incidents = select(func.count()).select_from(Incident)
    until(lambda: _number(shop, incidents) == 20, 90, lambda: "no incident after the last retry")
    assert shop.states(poisoned) == {"active": 20}
    calls = Counter(shop.calls())
    assert sorted(set(calls.values())) == [1, 2] and sum(calls.values()) == 60, (
        "two attempts each, under one key"
    )
    assert _number(shop, select(func.count()).select_from(Job).where(Job.state == "failed")) == 20


def _number(shop, query):
    with shop.app.database.begin() as session:
        return session.scalar(query)
