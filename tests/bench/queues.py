"""The queue: timers that are all due at once, service tasks one after the other, and nothing to do at all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg

from engine.runtime import instances
from engine.runtime import timers as runtime_timers
from engine.runtime.clock import SystemClock
from engine.worker import POLL_SECONDS, perform
from tests.bench import models, plant, wire
from tests.bench.figure import Figure, at_least, at_most
from tests.bench.house import CLERK, House

WORKERS = 2
TIMERS, SERVICE_TASKS = 10_000, 10_000
#: Of the same commands, so many are sent without an engine for the floor.
FLOOR = 300
PATIENCE = 900
#: Timers whose lateness is looked at, and cases that wait for next month while nothing is due.
LATE, RESTING, REST_SECONDS = 5, 1000, 12


def timers(house: House) -> Iterator[Figure]:
    """Timers fired a second by two workers, how often each fired, and how late one fires at rest."""
    count = house.size(TIMERS)
    url = house.furnished("timers", [models.waiting()])
    _start(house, url, "waiting", count, {"due": _in(seconds=1)})
    floor = _floor(house, url, "timers_floor")
    workers = [plant.worker(url) for _ in range(WORKERS)]
    with plant.running(*workers):
        _until(url, "SELECT count(*) FROM history_event WHERE type = 'TimerFired'", 1)
        rate = _rate(url, "SELECT count(*) FROM history_event WHERE type = 'TimerFired'", count)
        fired = _one(url, "SELECT count(*) FROM history_event WHERE type = 'TimerFired'")
        instances_fired = _one(
            url, "SELECT count(DISTINCT stream) FROM history_event WHERE type = 'TimerFired'"
        )
        late = _lateness(house, url)
        read = _rows_read_at_rest(house, url)
    yield Figure(
        name=f"{count:,} timers due at once, {WORKERS} workers",
        value=rate,
        unit="a second",
        floor=floor,
        goal=at_least(300),
    )
    yield Figure(
        name="timers that did not fire exactly once",
        value=abs(count - fired) + abs(count - instances_fired),
        unit="",
        goal=at_most(0),
    )
    yield Figure(name="at rest a timer fires after its time", value=late, unit="s", goal=at_most(2))
    yield Figure(name="at rest: rows read for waiting cases", value=read, unit="a second", goal=at_most(0))


def service_tasks(house: House) -> Iterator[Figure]:
    """Service tasks a second through the queue with two workers."""
    count = house.size(SERVICE_TASKS)
    url = house.furnished("service_tasks", [models.queued()])
    _start(house, url, "queued", count // models.QUEUED_STEPS, {})
    floor = _floor(house, url, "service_tasks_floor")
    workers = [plant.worker(url) for _ in range(WORKERS)]
    done = "SELECT count(*) FROM job WHERE state = 'completed'"
    with plant.running(*workers):
        _until(url, done, 1)
        rate = _rate(url, done, count)
    yield Figure(
        name=f"service tasks through the queue, {WORKERS} workers",
        value=rate,
        unit="a second",
        floor=floor,
        goal=at_least(500),
    )


def _start(house: House, url: str, process: str, count: int, variables: dict[str, object]) -> None:
    """So many instances at their first wait state."""
    with house.engine(url) as app:
        for number in range(count):
            with app.commands.begin(CLERK) as ctx:
                instances.start(ctx, process, variables, business_key=f"{process}-{number}")
    house.analyse(url)


def _in(**later: float) -> str:
    return (SystemClock().now() + timedelta(**later)).isoformat()


def _floor(house: House, url: str, name: str) -> float:
    """The statements of so many pieces of work, sent again by one process with no engine: pieces a second."""
    worked = house.copy(url, name)
    time.sleep(2)  # until the timers are due
    with house.engine(worked) as app:
        with app.commands.begin() as ctx:
            runtime_timers.queue_due(ctx, limit=FLOOR)
            pieces = (
                ctx.session.connection()
                .exec_driver_sql(
                    "SELECT task_name, (args->>'id')::bigint FROM procrastinate_jobs ORDER BY id LIMIT %s",
                    (FLOOR,),
                )
                .all()
            )
        app.database.dispose()
        again = house.copy(worked, f"{name}_again")
        with wire.kept() as transactions:
            for kind, id_ in pieces:
                perform(app.commands, kind, id_)
    return len(pieces) / sum(wire.replay(again, transactions))


def _rate(url: str, counted: str, count: int) -> float:
    """How many a second come to pass, from those that have already until all have."""
    began, before = time.perf_counter(), _one(url, counted)
    _until(url, counted, count)
    return (count - before) / (time.perf_counter() - began)


def _until(url: str, counted: str, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while _one(url, counted) < count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{_one(url, counted)} of {count}: {counted}")
        time.sleep(0.1)


def _one(url: str, query: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return int(row[0])


def _lateness(house: House, url: str) -> float:
    """Seconds between a timer's time and the moment its case went on, the longest of a few."""
    with house.engine(url) as app:
        for number in range(LATE):
            with app.commands.begin(CLERK) as ctx:
                due = _in(seconds=3 + number * 0.7)
                instances.start(ctx, "waiting", {"due": due}, business_key=f"late-{number}")
    fired = "FROM history_event WHERE business_key LIKE 'late-%' AND type = 'TimerFired'"
    _until(url, f"SELECT count(*) {fired}", LATE)
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(f"SELECT at, payload::json->>'due_at' {fired}").fetchall()
    return max((at - datetime.fromisoformat(due)).total_seconds() for at, due in rows)


def _rows_read_at_rest(house: House, url: str) -> float:
    """Rows a second that two workers read of waiting cases, which have nothing on the queue: its own looks do not count."""
    _start(house, url, "waiting", house.size(RESTING, least=100), {"due": _in(days=30)})
    return _at_rest(url)


def _at_rest(url: str) -> float:
    time.sleep(POLL_SECONDS + 1)  # what happened before stirs it up
    before = _one(url, _READ)
    time.sleep(REST_SECONDS)
    return (_one(url, _READ) - before) / REST_SECONDS


_READ = (
    "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables"
    " WHERE relname IN ('process_instance', 'timer', 'user_task', 'job')"
)
