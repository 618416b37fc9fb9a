"""Pauses between the attempts of a job."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from procrastinate.jobs import Job

from engine.runtime import user_tasks
from engine.runtime.pauses import Pauses
from engine.runtime.registry import ServiceTaskType
from engine.worker import Patience

PAUSES = Pauses(first=timedelta(seconds=2), longest=timedelta(minutes=10))


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 2), (2, 4), (3, 8), (9, 512), (10, 600), (10_000, 600)])
def test_each_pause_is_twice_the_last_up_to_the_longest(attempt, seconds):
    assert PAUSES.after(attempt, chance=0) == timedelta(seconds=seconds)


def test_what_failed_together_is_not_tried_again_together():
    drawn = {PAUSES.after(1) for _ in range(50)}
    assert len(drawn) > 40
    assert min(drawn) >= timedelta(seconds=2) and max(drawn) < timedelta(seconds=3)


def test_a_failed_job_waits_longer_each_time_under_one_key(office, app, queue):
    keys, pauses = [], []

    def broken(ctx, job):
        keys.append(job.idempotency_key)
        raise ConnectionError("the bank does not answer")

    app.engine.registry.add(ServiceTaskType(type="tests.echo", handler=broken))
    office.deploy("approval")
    office.start("approval", amount=10)
    office.do("wang.fang", user_tasks.complete, office.task("review").id, {})
    office.do("zhao.lin", user_tasks.complete, office.task("approve").id, {"decision": "approve"})
    defer = queue.defer
    queue.defer = lambda session, work: (
        pauses.extend(each.at - app.engine.clock.now() for each in work if each.at),
        defer(session, work),
    )
    office.work()
    assert len(keys) == 2 and len(set(keys)) == 1
    (pause,) = pauses
    assert timedelta(seconds=2) <= pause < timedelta(seconds=3)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [(psycopg.OperationalError("the database system is shutting down"), 2), (ValueError("odd"), 16)],
)
def test_work_is_not_put_off_longer_each_time_because_the_database_was_away(error, seconds):
    job = Job(
        id=1,
        queue="default",
        lock=None,
        queueing_lock=None,
        task_name="job",
        attempts=3,
        task_kwargs={"id": 1},
    )
    before = datetime.now(UTC)
    again = Patience(PAUSES).get_retry_decision(exception=error, job=job).retry_at
    assert timedelta(seconds=seconds) <= again - before < timedelta(seconds=seconds * 1.5 + 1)
