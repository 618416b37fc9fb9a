"""Projection: what an execution did, written as rows people can list: user tasks, jobs, timers, subscriptions, incidents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine.bpmn import effects as fx
from engine.runtime import assignment, children, messages, signals
from engine.runtime.recording import arrivals_left_out, record
from engine.runtime.rows import Key
from engine.store.tables import ProcessInstance

if TYPE_CHECKING:
    from engine.runtime.unit import Unit


def _without(rows: list[dict[str, Any]], column: str, key: Key) -> list[dict[str, Any]]:
    """Rows of this command less the one that came and went within it: ended before it was written."""
    return [row for row in rows if (row["instance_id"], row[column]) != key]


def project(unit: Unit, instance: ProcessInstance, effects: Sequence[fx.Effect]) -> None:
    """Turn the effects of one advance into rows and history."""
    unit.rows.now, unit.rows.actor = unit.ctx.now, unit.ctx.actor.key
    unit.rows.concerned.cases.add(instance.business_key)
    for effect in arrivals_left_out(effects):
        _PROJECTORS[type(effect)](unit, instance, effect)


def _nothing(_unit: Unit, _instance: ProcessInstance, _effect: Any) -> None:
    """Effects that are recorded elsewhere: the start by `Unit.start`."""


def _terminated(unit: Unit, instance: ProcessInstance, effect: fx.ElementTerminated) -> None:
    # Whatever was stuck there no longer matters.
    unit.rows.resolved_incidents.append((instance.id, effect.activity_id))
    record(unit, instance, effect)


def _user_task(unit: Unit, instance: ProcessInstance, effect: fx.UserTaskCreated) -> None:
    row = assignment.user_task_row(unit, instance, effect)
    unit.rows.user_tasks.append(row)
    unit.rows.concerned.groups.update(row["candidate_groups"])
    unit.rows.concerned.people.update(filter(None, [row["assignee"], *row["candidate_users"]]))
    record(
        unit,
        instance,
        effect,
        assignee=row["assignee"],
        candidate_groups=row["candidate_groups"],
        candidate_users=row["candidate_users"],
        priority=row["priority"],
    )


def _user_task_cancelled(unit: Unit, instance: ProcessInstance, effect: fx.UserTaskCancelled) -> None:
    key = (instance.id, effect.activity_id)
    unit.rows.user_tasks = _without(unit.rows.user_tasks, "activity_id", key)
    unit.rows.cancelled_user_tasks.append(key)
    record(unit, instance, effect)


def _job(unit: Unit, instance: ProcessInstance, effect: fx.JobCreated) -> None:
    unit.rows.jobs.append(
        {
            "instance_id": instance.id,
            "root_id": instance.root_id,
            "process_key": instance.process_key,
            "business_key": instance.business_key,
            "activity_id": effect.activity_id,
            "element_id": effect.element_id,
            "type": effect.type,
            "state": "created",
            "retries_left": effect.retries,
            "attempts": 0,
            "inputs": dict(effect.inputs),
            "headers": dict(effect.headers),
            "idempotency_key": f"{instance.id}:{effect.activity_id}",
            "created_at": unit.ctx.now,
            "run_at": unit.ctx.now,
            "ended_at": None,
        }
    )


def _job_cancelled(unit: Unit, instance: ProcessInstance, effect: fx.JobCancelled) -> None:
    key = (instance.id, effect.activity_id)
    unit.rows.jobs = _without(unit.rows.jobs, "activity_id", key)
    unit.rows.cancelled_jobs.append(key)
    record(unit, instance, effect)


def _timer(unit: Unit, instance: ProcessInstance, effect: fx.TimerStarted) -> None:
    unit.rows.timers.append(
        {
            "instance_id": instance.id,
            "root_id": instance.root_id,
            "timer_id": effect.timer_id,
            "element_id": effect.element_id,
            "due_at": effect.due_at,
        }
    )
    record(unit, instance, effect)


def _timer_cancelled(unit: Unit, instance: ProcessInstance, effect: fx.TimerCancelled) -> None:
    key = (instance.id, effect.timer_id)
    unit.rows.timers = _without(unit.rows.timers, "timer_id", key)
    unit.rows.cancelled_timers.append(key)


def _message(unit: Unit, instance: ProcessInstance, effect: fx.MessageSubscribed) -> None:
    unit.rows.messages.append(
        {
            "instance_id": instance.id,
            "root_id": instance.root_id,
            "subscription_id": effect.subscription_id,
            "element_id": effect.element_id,
            "name": effect.name,
            "correlation_key": effect.correlation_key,
        }
    )
    messages.take_buffered(unit, instance, effect)


def _message_ended(unit: Unit, instance: ProcessInstance, effect: fx.MessageUnsubscribed) -> None:
    key = (instance.id, effect.subscription_id)
    unit.rows.messages = _without(unit.rows.messages, "subscription_id", key)
    unit.rows.ended_messages.append(key)


def _signal(unit: Unit, instance: ProcessInstance, effect: fx.SignalSubscribed) -> None:
    unit.rows.signals.append(
        {
            "instance_id": instance.id,
            "root_id": instance.root_id,
            "subscription_id": effect.subscription_id,
            "element_id": effect.element_id,
            "name": effect.name,
        }
    )


def _signal_ended(unit: Unit, instance: ProcessInstance, effect: fx.SignalUnsubscribed) -> None:
    key = (instance.id, effect.subscription_id)
    unit.rows.signals = _without(unit.rows.signals, "subscription_id", key)
    unit.rows.ended_signals.append(key)


def _incident(unit: Unit, instance: ProcessInstance, effect: fx.IncidentRaised) -> None:
    if (instance.id, effect.activity_id) in unit.caught:
        return
    unit.rows.incidents.append(
        {
            "instance_id": instance.id,
            "root_id": instance.root_id,
            "process_key": instance.process_key,
            "business_key": instance.business_key,
            "activity_id": effect.activity_id,
            "element_id": effect.element_id,
            "kind": effect.kind,
            "message": effect.message,
            "params": dict(effect.params),
            "created_at": unit.ctx.now,
        }
    )
    record(unit, instance, effect)


def _incident_resolved(unit: Unit, instance: ProcessInstance, effect: fx.IncidentResolved) -> None:
    key = (instance.id, effect.activity_id)
    unit.rows.incidents = _without(unit.rows.incidents, "activity_id", key)
    unit.rows.resolved_incidents.append(key)
    record(unit, instance, effect)


_PROJECTORS: dict[type, Callable[[Any, ProcessInstance, Any], None]] = {
    fx.ProcessStarted: _nothing,
    fx.ElementActivated: record,
    fx.ElementCompleted: record,
    fx.ElementTerminated: _terminated,
    fx.VariablesChanged: record,
    fx.DecisionEvaluated: record,
    fx.UserTaskCreated: _user_task,
    fx.UserTaskCancelled: _user_task_cancelled,
    fx.JobCreated: _job,
    fx.JobCancelled: _job_cancelled,
    fx.TimerStarted: _timer,
    fx.TimerCancelled: _timer_cancelled,
    fx.MessageSubscribed: _message,
    fx.MessageUnsubscribed: _message_ended,
    fx.SignalSubscribed: _signal,
    fx.SignalUnsubscribed: _signal_ended,
    fx.SignalThrown: signals.thrown,
    fx.ChildRequested: children.requested,
    fx.ChildCancelled: children.cancelled,
    fx.IncidentRaised: _incident,
    fx.IncidentResolved: _incident_resolved,
    fx.ErrorEscaped: children.error_escaped,
    fx.EscalationEscaped: children.escalation_escaped,
    fx.ProcessCompleted: children.completed,
    fx.ProcessTerminated: children.terminated,
}
