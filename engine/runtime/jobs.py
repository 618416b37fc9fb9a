"""Jobs: service tasks handed to their handlers, retried, and their results brought back as commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import structlog
from sqlalchemy import update

from engine.runtime import services
from engine.runtime.context import Context
from engine.runtime.pauses import Pauses
from engine.runtime.queue import Deferred
from engine.runtime.unit import Unit
from engine.store.database import is_away
from engine.store.tables import Job as JobRow
from engine.store.tables import ProcessInstance

if TYPE_CHECKING:
    from engine.runtime.edge import Commands
    from engine.runtime.registry import ServiceTaskType

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Job:
    """A service task as its handler sees it."""

    id: int
    type: str
    inputs: Mapping[str, Any]
    headers: Mapping[str, str]
    #: Never changes between retries.
    idempotency_key: str
    instance_id: int
    root_instance_id: int
    business_key: str
    process_key: str
    element_id: str
    #: 1 for the first.
    attempt: int
    definition_id: int


class BpmnError(Exception):
    """Raised by a handler: a business error that the diagram can catch by its code."""

    def __init__(self, code: str, message: str = "", variables: Mapping[str, Any] | None = None) -> None:
        super().__init__(message or code)
        self.code, self.message, self.variables = code, message, dict(variables or {})


class Waiting:
    """What a handler returns when its job goes on later: `complete` will be called with the result."""


WAITING = Waiting()


def run(commands: Commands, job_id: int) -> Literal["done", "held", "retried", "failed"]:
    """Let the handler of a job do its work and bring the result back. Called by a worker, any number of times.

    Returns what became of it: held while its service is paused; a failed attempt is retried, the last one raised an
    incident.
    """
    job: Job | None = None
    try:
        with commands.begin() as ctx, Unit.of(ctx) as unit:
            row, instance = _open(unit, job_id)
            if row is None or instance is None or row.state != "created":
                return "done"
            if services.paused(ctx, row.type):
                _set(unit, row, state="held")
                return "held"
            job = _job(row, instance)
            service_task = ctx.engine.registry.service_task(job.type)
            if service_task is None:
                raise LookupError(f"nothing on this installation does service tasks of type {job.type}")
            if not service_task.remote:
                _run_local(unit, service_task, row, instance)
                return "done"
        _run_remote(commands, service_task, job)
    except Exception as error:  # whatever a handler raises is the job's failure, never the worker's
        if is_away(error) or job is None:
            raise  # no failure of the handler's: the queue tries again
        log.warning("job_failed", job_id=job_id, type=job.type, error=str(error), exc_info=True)
        with commands.begin() as ctx:
            again = fail(ctx, job_id, _sentence(error), attempt=job.attempt)
        return "retried" if again else "failed"
    return "done"


def _sentence(error: Exception) -> str:
    return str(error) or type(error).__name__


def _run_local(unit: Unit, service_task: ServiceTaskType, row: JobRow, instance: ProcessInstance) -> None:
    ctx, job, before = unit.ctx, _job(row, instance), unit.instances
    try:
        with ctx.session.begin_nested():
            result = service_task.handler(ctx, job)
    except BpmnError as error:
        if unit.instances != before:
            raise RuntimeError(
                f"{job.type} threw {error.code} after it had moved a process instance"
            ) from error
        _throw(unit, row, instance, error)
    else:
        if result is WAITING:
            _wait(unit, row, job.attempt)
        else:
            _complete(unit, row, instance, result or {})


def _run_remote(commands: Commands, service_task: ServiceTaskType, job: Job) -> None:
    try:
        result = service_task.handler(commands.engine, job)
    except BpmnError as error:
        with commands.begin() as ctx:
            throw_error(ctx, job.id, error)
        return
    with commands.begin() as ctx:
        complete(ctx, job.id, result or {})


def _open(unit: Unit, job_id: int) -> tuple[JobRow, ProcessInstance] | tuple[None, None]:
    """Lock the case and read the job; (None, None) when it no longer waits for anybody.

    What a suspended case gives its handlers to do is held until it is resumed; an answer that comes meanwhile is asked
    for again then, with the same idempotency key.
    """
    row = unit.row(JobRow, job_id)
    if row is None:
        return None, None
    instance = unit.instance(row.instance_id)
    if row.ended_at is None and instance.state == "suspended" and row.state == "created":
        _set(unit, row, state="held")
    if row.ended_at is not None or instance.state != "active":
        return None, None
    return row, instance


def _job(row: JobRow, instance: ProcessInstance) -> Job:
    return Job(
        id=row.id,
        type=row.type,
        inputs=row.inputs,
        headers=row.headers,
        idempotency_key=row.idempotency_key,
        instance_id=row.instance_id,
        root_instance_id=row.root_id,
        business_key=row.business_key,
        process_key=row.process_key,
        element_id=row.element_id,
        attempt=row.attempts + 1,
        definition_id=instance.definition_id,
    )


def complete(ctx: Context, job_id: int, result: Mapping[str, Any]) -> bool:
    """Bring a job's result back; False when the job no longer waits (cancelled, or completed before)."""
    with Unit.of(ctx) as unit:
        row, instance = _open(unit, job_id)
        if row is None or instance is None:
            return False
        _complete(unit, row, instance, result)
        return True


def throw_error(ctx: Context, job_id: int, error: BpmnError) -> bool:
    """End a job with a BPMN error; False when the job no longer waits (cancelled, or completed before)."""
    with Unit.of(ctx) as unit:
        row, instance = _open(unit, job_id)
        if row is None or instance is None:
            return False
        _throw(unit, row, instance, error)
        return True


def wake(ctx: Context, job_id: int) -> None:
    """Run the handler of a waiting job again: what it waited for has happened.

    Only queues; the case's own command does the rest, so that no case waits for the lock of another.
    """
    woken = ctx.session.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state == "waiting")
        .values(state="created")
        .returning(JobRow.id),
        execution_options={"synchronize_session": False},
    )
    if woken.scalar_one_or_none() is not None:
        ctx.engine.queue.defer(ctx.session, [Deferred(kind="job", id=job_id)])


def _complete(unit: Unit, row: JobRow, instance: ProcessInstance, result: Mapping[str, Any]) -> None:
    unit.record(
        instance,
        "ServiceTaskCompleted",
        element_id=row.element_id,
        activity_id=row.activity_id,
        service=row.type,
        inputs=row.inputs,
        result=result,
        attempt=row.attempts + 1,
    )
    _end(unit, row)
    unit.execution(instance).complete(row.activity_id, result)


def _throw(unit: Unit, row: JobRow, instance: ProcessInstance, error: BpmnError) -> None:
    unit.record(
        instance,
        "ServiceTaskErrorThrown",
        element_id=row.element_id,
        activity_id=row.activity_id,
        service=row.type,
        code=error.code,
        message=error.message,
        variables=error.variables,
    )
    _end(unit, row)
    unit.execution(instance).throw_error(row.activity_id, error.code, error.message, error.variables)


def _end(unit: Unit, row: JobRow) -> None:
    _set(unit, row, state="completed", ended_at=unit.ctx.now, attempts=row.attempts + 1, error=None)


def _wait(unit: Unit, row: JobRow, attempt: int) -> None:
    """Written at once: what the job waits for may happen before this very command ends, and `wake` looks for it."""
    unit.ctx.session.execute(
        update(JobRow).where(JobRow.id == row.id).values(state="waiting", attempts=attempt),
        execution_options={"synchronize_session": False},
    )


def _set(unit: Unit, row: JobRow, **values: Any) -> None:
    unit.rows.jobs_set.append({"id": row.id, **values})


def fail(ctx: Context, job_id: int, error: str, *, attempt: int) -> bool:
    """Count a failed attempt, once: retry after a pause, or raise an incident after the last. Returns whether it is tried
    again, or was counted before."""
    with Unit.of(ctx) as unit:
        row, instance = _open(unit, job_id)
        if row is None or instance is None or row.state != "created" or row.attempts + 1 != attempt:
            return True
        left = max(row.retries_left - 1, 0)
        unit.record(
            instance,
            "ServiceTaskFailed",
            element_id=row.element_id,
            activity_id=row.activity_id,
            service=row.type,
            error=error,
            attempt=attempt,
            retries_left=left,
        )
        values: dict[str, Any] = {"attempts": attempt, "retries_left": left, "error": error}
        if left:
            values["run_at"] = ctx.now + Pauses.of(ctx.engine.settings).after(attempt)
            unit.deferred.append(Deferred(kind="job", id=row.id, at=values["run_at"]))
        else:
            values["state"] = "failed"
            unit.execution(instance).fail(row.activity_id, error)
        _set(unit, row, **values)
        return left > 0
