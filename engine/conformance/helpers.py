"""Helpers: the service tasks of a suite, done by the runner, and the time that passes meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from engine.conformance.server import MOST_STEPS, Busy, Server
from engine.runtime import jobs, messages
from engine.runtime.context import Context
from engine.runtime.jobs import WAITING, BpmnError, Job, Waiting
from engine.runtime.registry import ServiceTaskType

#: ("out", element) when a job was handed out, ("done", element) when it was completed.
Log = list[tuple[Literal["out", "done"], str]]


class Helpers:
    """Takes the suite's own service-task types. Only this server knows them: elsewhere they are refused at deploy."""

    def __init__(self, server: Server, types: Collection[str]) -> None:
        self._server = server
        self._waiting: list[tuple[datetime, int, str, Mapping[str, Any]]] = []
        self._orders: Mapping[str, Mapping[str, Any]] = {}
        self.log: Log = []
        for type_ in types:
            server.app.engine.registry.add(ServiceTaskType(type=type_, handler=self._take))

    def clear(self) -> None:
        """The case is over."""
        self._waiting.clear()
        self.log = []

    def run(self, case: Mapping[str, Any], start: Callable[[str], None]) -> None:
        """Start the processes of a case in their order and let its time pass. Raises `Busy`."""
        self._orders = {order["element"]: order for order in case["jobs"]}
        begun = self._server.clock.now()
        until = begun + timedelta(milliseconds=case["timeout_ms"])
        for process in case["process"]:
            start(process)
            self._rest()
            if not case["parallel"]:
                self._pass(until)
        self._pass(until)

    def _take(self, ctx: Context, job: Job) -> Waiting:
        order = self._orders[job.element_id]
        self.log.append(("out", job.element_id))
        at = ctx.now + timedelta(milliseconds=order.get("after_ms", 0))
        self._waiting.append((at, job.id, job.element_id, order))
        return WAITING

    def _rest(self) -> None:
        """Work until everything waits for time to pass."""
        for _ in range(MOST_STEPS):
            self._server.work()
            now = self._server.clock.now()
            due = [each for each in self._waiting if each[0] <= now]
            if not due:
                return
            self._waiting.remove(due[0])
            self._do(*due[0][1:])
        raise Busy(f"more than {MOST_STEPS} jobs without a rest")

    def _do(self, job: int, element: str, order: Mapping[str, Any]) -> None:
        server = self._server
        if order["do"] == "throw_error":
            server.do(jobs.throw_error, job, BpmnError(order["error_code"]))
        else:
            if order["do"] == "publish_message_then_complete":
                server.do(messages.publish, order["message"], order["correlation_key"], {})
                server.work()
            server.do(jobs.complete, job, {})
        self.log.append(("done", element))

    def _pass(self, until: datetime) -> None:
        """Let time pass up to a moment; timers and jobs each in their time, timers first."""
        server = self._server
        for _ in range(MOST_STEPS):
            timer = server.next_timer()
            job = min((each[0] for each in self._waiting), default=None)
            at = min(each for each in (timer and timer.at, job, until) if each is not None)
            if at >= until and (timer is None or timer.at > until) and (job is None or job > until):
                server.clock.set(max(until, server.clock.now()))
                return
            server.clock.set(max(at, server.clock.now()))
            if timer is not None and timer.at <= at:
                server.fire(timer)
            self._rest()
        raise Busy(f"more than {MOST_STEPS} timers until {until}")
