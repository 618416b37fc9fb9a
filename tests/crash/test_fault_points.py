"""A process dies between every two statements of a command: afterwards the command is not done, or done, never half."""

from __future__ import annotations

import os
import traceback
from collections import Counter
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select, text

from engine import bootstrap
from engine.aftersales import cases
from engine.aftersales.tables import AftersalesCase
from engine.runtime import deployments, identity, instances, jobs, messages, timers, user_tasks, verifying
from engine.runtime.bundles import Bundle
from engine.runtime.context import Actor
from engine.runtime.queue import ProcrastinateQueue
from engine.runtime.refusals import Refusal
from engine.runtime.registry import ServiceTaskType
from engine.store.tables import HistoryEvent, Job, Message, ProcessInstance, Timer, UserTask
from tests.crash.conftest import tell

pytestmark = [pytest.mark.crash, pytest.mark.xdist_group("crash")]

DIAGRAM = Path(__file__).parent / "diagrams" / "payment.bpmn"
WANG = Actor(key="wang.fang", name="Wang Fang", roles=frozenset({"operations"}))
DIED, DONE, BROKEN = 9, 0, 1
#: More statements than any command here has.
MOST = 60


class Till:
    """The engine with its real queue; `pay` writes a row each time it is done."""

    def __init__(self, database, settings, clock):
        self.app = bootstrap.application(
            settings, database=database, clock=clock, queue=ProcrastinateQueue(database.url)
        )
        self.app.engine.registry.add(ServiceTaskType(type="tests.pay", handler=_pay))
        with self.app.commands.begin() as ctx:
            identity.create_person(ctx, "wang.fang", "Wang Fang", roles={"operations"}, password=None)
            files = {("bpmn", DIAGRAM.name): DIAGRAM.read_bytes()}
            deployments.deploy(ctx, Bundle(process_key="payment", files=files))
        self._numbers = count(1)

    def do(self, command, *args, **kwargs):
        with self.app.commands.begin(WANG) as ctx:
            return command(ctx, *args, **kwargs)

    def one(self, query):
        with self.app.database.begin() as session:
            return session.scalar(query)

    def start(self):
        number = f"CASE-{next(self._numbers)}"
        return self.do(instances.start, "payment", {"caseNumber": number}, business_key=number).id

    def at_payment(self):
        instance = self.start()
        self.do(user_tasks.complete, self.task(instance), {})
        return instance

    def at_goods(self):
        instance = self.at_payment()
        jobs.run(self.app.commands, self.job(instance))
        return instance

    def task(self, instance):
        return self.one(select(UserTask.id).where(UserTask.instance_id == instance))

    def job(self, instance):
        return self.one(select(Job.id).where(Job.instance_id == instance))

    def number(self, instance):
        return self.one(select(ProcessInstance.business_key).where(ProcessInstance.id == instance))

    def books(self, instance):
        """Everything a command could have half done."""
        with self.app.database.begin() as session:

            def rows(table, *more):
                return session.scalar(select(func.count()).select_from(table).where(*more))

            return {
                "events": rows(HistoryEvent),
                "tasks": rows(UserTask, UserTask.state == "created"),
                "jobs": rows(Job, Job.ended_at.is_(None)),
                "timers": rows(Timer),
                "cases": rows(AftersalesCase),
                "messages": rows(Message, Message.correlated_at.is_(None)),
                "queued": session.scalar(text("SELECT count(*) FROM procrastinate_jobs")),
                "revision": session.scalar(
                    select(ProcessInstance.revision).where(ProcessInstance.id == instance)
                ),
            }


def _pay(ctx, job):
    messages.publish(ctx, "paid", job.business_key, {})
    return {"paid": True}


@pytest.fixture
def till(database, settings, clock):
    return Till(database, settings, clock)


def _complete(till, instance):
    return lambda task=till.task(instance): till.do(user_tasks.complete, task, {"remark": "fine"})


def _claim(till, instance):
    return lambda task=till.task(instance): till.do(user_tasks.claim, task)


def _fire(till, instance):
    timer = till.one(select(Timer.id).where(Timer.instance_id == instance))
    return lambda: till.do(timers.fire, timer)


def _work(till, instance):
    return lambda job=till.job(instance): jobs.run(till.app.commands, job)


def _deliver(till, instance):
    sent = till.do(messages.publish, "goods_back", till.number(instance), {})
    return lambda: till.do(messages.correlate, sent)


def _publish(till, instance):
    number = till.number(instance)
    return lambda: till.do(messages.publish, "goods_back", number, {}, message_id=f"m:{instance}")


def _cancel(till, instance):
    return lambda: till.do(instances.cancel, instance, reason="registered twice")


def _register(till, instance):
    return lambda: till.do(cases.open_case, "payment", {}, idempotency_key=f"start:{instance}")


COMMANDS = {
    "complete a user task": (Till.start, _complete),
    "claim a user task": (Till.start, _claim),
    "fire a timer": (Till.start, _fire),
    "do a job": (Till.at_payment, _work),
    "deliver a message": (Till.at_goods, _deliver),
    "publish a message": (Till.start, _publish),
    "cancel a case": (Till.start, _cancel),
    "register a case": (Till.start, _register),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_process_that_dies_at_any_statement_leaves_nothing_half_done(till, name):
    make, prepare = COMMANDS[name]
    done = _whole(till, make, prepare)
    ends = Counter()
    for point in range(1, MOST):
        instance = make(till)
        command, before = prepare(till, instance), till.books(instance)
        ended = _die_at(till, command, point)
        assert ended != BROKEN
        after = till.books(instance)
        changed = {key: after[key] - before[key] for key in before if after[key] != before[key]}
        assert changed in ({}, done), f"half done when it died at point {point}"
        ends["not done" if not changed else "done, nobody heard" if ended == DIED else "done"] += 1
        # Whoever got no answer does the same again: it is done once in the end, or they are told it is done.
        try:
            command()
        except Refusal as refusal:
            assert changed, f"refused though nothing was done: {refusal}"
        settled = till.books(instance)
        assert {key: settled[key] - before[key] for key in before if settled[key] != before[key]} == done
        assert not _broken(till, instance)
        if ended == DONE:
            break
    assert ends["done, nobody heard"] == 1 and ends["not done"] >= 4, "too few places to die were found"
    tell(f"fault points: {name}", {"points": point - 1, **ends})


def _whole(till, make, prepare):
    """What the command changes when nothing happens to it."""
    instance = make(till)
    command, before = prepare(till, instance), till.books(instance)
    command()
    after = till.books(instance)
    return {key: after[key] - before[key] for key in before if after[key] != before[key]}


def _broken(till, instance):
    with till.app.database.begin() as session:
        return list(verifying.verify(session, instance))


def _die_at(till, command, point):
    """Run the command in a process of its own that dies at its n-th step; its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        # The parent's connections stay the parent's.
        till.app.database.engine.dispose(close=False)
        _arm(point)
        command()
        os._exit(DONE)
    except BaseException:
        traceback.print_exc()
        os._exit(BROKEN)


def _arm(point):
    """Die before the n-th statement, before the commit, or right after it."""
    steps = count(1)

    def step():
        if next(steps) == point:
            os._exit(DIED)

    def before(original):
        def wrapped(*args, **kwargs):
            step()
            return original(*args, **kwargs)

        return wrapped

    def around(original):
        def wrapped(*args, **kwargs):
            result = before(original)(*args, **kwargs)
            step()
            return result

        return wrapped

    # Whatever speaks to the database, pipelined or not, does it through these.
    psycopg.Cursor.execute = before(psycopg.Cursor.execute)
    psycopg.Cursor.executemany = before(psycopg.Cursor.executemany)
    psycopg.Connection.commit = around(psycopg.Connection.commit)
