"""A golden instance taken up again: what people, services, messages and time did back then is done once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine.bootstrap import Application
from engine.runtime import (
    incidents,
    instances,
    jobs,
    messages,
    replay,
    signals,
    timers,
    user_tasks,
    verifying,
)
from engine.runtime.clock import HandClock
from engine.runtime.context import SYSTEM, Actor, Context, Engine
from engine.runtime.edge import Commands
from engine.runtime.jobs import BpmnError
from engine.runtime.registry import Registry, ServiceTaskType
from engine.store.tables import (
    Incident,
    Job,
    MessageSubscription,
    PendingSignal,
    ProcessInstance,
    SignalSubscription,
    Timer,
    UserTask,
)
from tests.golden import rows
from tests.golden.files import Golden, Row


def load(session: Session, golden: Golden) -> None:
    """Put the case into a database that has nothing of it."""
    rows.put(session, golden.rows)
    rows.put_history(session, golden.history[: golden.happened])


class GoingOn:
    """The rest of a case's history, done again by the commands that people and workers use.

    Nothing of the business listens or answers: orders and stock are not there, what they answered is in the history.
    """

    def __init__(self, app: Application, clock: HandClock, golden: Golden) -> None:
        self.engine = replace(app.engine, registry=Registry())
        self.commands = Commands(app.commands.transaction, self.engine)
        self.clock, self.golden = clock, golden

    def finish(self) -> None:
        """Do everything that came from outside, each at its time."""
        for event in self.golden.history[self.golden.happened :]:
            again = _AGAIN.get(event["type"])
            if again is not None:
                self.clock.set(datetime.fromisoformat(event["at"]))
                again(self, event, orjson.loads(event["payload"]))

    def _do(
        self, event: Row, command: Callable[..., Any], table: type, column: str, *args: Any, **more: Any
    ) -> None:
        """Issue a command about the row that stands for the event's activity, timer or subscription."""
        with self.commands.begin(self._actor(event)) as ctx:
            command(ctx, self._row(ctx, event, table, column).id, *args, **more)

    def _actor(self, event: Row) -> Actor:
        if event["actor"] == SYSTEM.key:
            return SYSTEM
        roles = frozenset(self.engine.organisation().roles)
        return Actor(key=event["actor"], name=event["actor"], roles=roles)

    def _row(self, ctx: Context, event: Row, table: Any, column: str) -> Any:
        query = (
            select(table)
            .where(
                table.instance_id == self._instance(ctx, event["stream"]),
                getattr(table, column) == event["activity_id"],
            )
            .order_by(table.id.desc())
        )
        return ctx.session.execute(query.limit(1)).scalar_one()

    def _instance(self, ctx: Context, stream: int) -> int:
        """The instance that is now what `stream` was: those called since have ids of their own."""
        called = self._calls().get(stream)
        if called is None:
            return stream
        parent, activity_id = called
        query = select(ProcessInstance.id).where(
            ProcessInstance.parent_id == self._instance(ctx, parent),
            ProcessInstance.parent_activity_id == activity_id,
        )
        return ctx.session.execute(query).scalar_one()

    def _calls(self) -> Mapping[int, tuple[int, int]]:
        """Called instance -> (caller, its call activity), of all calls of the case."""
        calls = [event for event in self.golden.history if event["type"] == "ProcessCalled"]
        return {orjson.loads(e["payload"])["called"]: (e["stream"], e["activity_id"]) for e in calls}

    def _user_task(self, event: Row, given: Row) -> None:
        self._do(
            event, user_tasks.complete, UserTask, "activity_id", given["values"], outcome=given["outcome"]
        )

    def _job_done(self, event: Row, given: Row) -> None:
        self._do(event, jobs.complete, Job, "activity_id", given["result"])

    def _job_failed(self, event: Row, given: Row) -> None:
        self._do(event, jobs.fail, Job, "activity_id", given["error"])

    def _job_threw(self, event: Row, given: Row) -> None:
        def throwing(_ctx: Context, _job: jobs.Job) -> None:
            raise BpmnError(given["code"], given["message"], given["variables"])

        with self.commands.begin() as ctx:
            job_id = self._row(ctx, event, Job, "activity_id").id
        self.engine.registry.add(ServiceTaskType(type=given["service"], handler=throwing))
        jobs.run(self.commands, job_id)

    def _timer(self, event: Row, _given: Row) -> None:
        self._do(event, timers.fire, Timer, "timer_id")

    def _message(self, event: Row, given: Row) -> None:
        with self.commands.begin() as ctx:
            waiting = self._row(ctx, event, MessageSubscription, "subscription_id")
            id_ = messages.publish(ctx, waiting.name, waiting.correlation_key, given["variables"])
        with self.commands.begin() as ctx:
            messages.correlate(ctx, id_)

    def _signal(self, event: Row, given: Row) -> None:
        with self.commands.begin() as ctx:
            listening = self._row(ctx, event, SignalSubscription, "subscription_id")
            row = insert(PendingSignal).values(subscription=listening.id, variables=given["variables"])
            id_ = ctx.session.execute(row.returning(PendingSignal.id)).scalar_one()
        with self.commands.begin(self._actor(event)) as ctx:
            signals.deliver(ctx, id_)

    def _retried(self, event: Row, given: Row) -> None:
        self._do(event, incidents.retry, Incident, "activity_id", reason=given["reason"])

    def _corrected(self, event: Row, given: Row) -> None:
        with self.commands.begin(self._actor(event)) as ctx:
            instances.set_variables(ctx, event["stream"], given["values"], reason=given["reason"])


def ended_as_then(session: Session, engine: Engine, golden: Golden) -> None:
    """Assert that the case came to the end it came to back then, and that its history, old and new, holds."""
    root = golden.history[0]["stream"]
    end = next(
        event
        for event in reversed(golden.history)
        if event["stream"] == root and event["type"] == "ProcessInstanceCompleted"
    )
    found = session.get_one(ProcessInstance, root)
    assert found.state == "completed"
    assert found.variables == orjson.loads(end["payload"])["variables"]
    for instance_id in session.execute(select(ProcessInstance.id)).scalars():
        assert list(verifying.verify(session, instance_id)) == []
        replay.check(session, engine, instance_id)


_AGAIN: Mapping[str, Callable[[GoingOn, Row, Row], None]] = {
    "UserTaskCompleted": GoingOn._user_task,
    "ServiceTaskCompleted": GoingOn._job_done,
    "ServiceTaskFailed": GoingOn._job_failed,
    "ServiceTaskErrorThrown": GoingOn._job_threw,
    "TimerFired": GoingOn._timer,
    "MessageCorrelated": GoingOn._message,
    "SignalReceived": GoingOn._signal,
    "IncidentRetried": GoingOn._retried,
    "VariablesCorrected": GoingOn._corrected,
}
