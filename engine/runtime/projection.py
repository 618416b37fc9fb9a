"""Projection: what an execution did, written as rows people can list: user tasks, jobs, timers, subscriptions, incidents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine.bpmn import effects as fx
from engine.runtime import assignment, children, messages, signals
from engine.store.tables import ProcessInstance

if TYPE_CHECKING:
    from engine.runtime.unit import Unit


def project(unit: Unit, instance: ProcessInstance, effects: Sequence[fx.Effect]) -> None:
    """Turn the effects of one advance into rows and history."""
    unit.rows.now, unit.rows.actor = unit.ctx.now, unit.ctx.actor.key
    unit.rows.concerned.cases.add(instance.business_key)
    at_once = {effect.activity_id for effect in effects if isinstance(effect, fx.ElementCompleted)}
    for effect in effects:
        if isinstance(effect, fx.ElementActivated) and effect.activity_id in at_once:
            continue  # passed through within this command: its completion says all there is to say
        _PROJECTORS[type(effect)](unit, instance, effect)


def _nothing(_unit: Unit, _instance: ProcessInstance, _effect: Any) -> None:
    """Effects that are recorded elsewhere: the start by `Unit.start`."""


def _activated(unit: Unit, instance: ProcessInstance, effect: fx.ElementActivated) -> None:
    unit.record(instance, "ElementActivated", element_id=effect.element_id, activity_id=effect.activity_id)


def _completed(unit: Unit, instance: ProcessInstance, effect: fx.ElementCompleted) -> None:
    unit.record(
        instance,
        "ElementCompleted",
        element_id=effect.element_id,
        activity_id=effect.activity_id,
        taken=effect.taken,
    )


def _terminated(unit: Unit, instance: ProcessInstance, effect: fx.ElementTerminated) -> None:
    # Whatever was stuck there no longer matters.
    unit.rows.resolved_incidents.append((instance.id, effect.activity_id))
    unit.record(instance, "ElementTerminated", element_id=effect.element_id, activity_id=effect.activity_id)


def _variables(unit: Unit, instance: ProcessInstance, effect: fx.VariablesChanged) -> None:
    unit.record(
        instance,
        "VariablesChanged",
        element_id=effect.element_id,
        activity_id=effect.activity_id,
        values=effect.values,
    )


def _decision(unit: Unit, instance: ProcessInstance, effect: fx.DecisionEvaluated) -> None:
    unit.record(
        instance,
        "DecisionEvaluated",
        element_id=effect.element_id,
        activity_id=effect.activity_id,
        decision=effect.decision_id,
        value=effect.value,
        trace=effect.trace,
    )


def _user_task(unit: Unit, instance: ProcessInstance, effect: fx.UserTaskCreated) -> None:
    row = assignment.user_task_row(unit, instance, effect)
    unit.rows.user_tasks.append(row)
    unit.rows.concerned.groups.update(row["candidate_groups"])
    unit.rows.concerned.people.update(filter(None, [row["assignee"], *row["candidate_users"]]))
    unit.record(
        instance,
        "UserTaskCreated",
        element_id=effect.element_id,
        activity_id=effect.activity_id,
        assignee=row["assignee"],
        candidate_groups=row["candidate_groups"],
        candidate_users=row["candidate_users"],
        due_at=row["due_at"],
        priority=row["priority"],
    )


def _user_task_cancelled(unit: Unit, instance: ProcessInstance, effect: fx.UserTaskCancelled) -> None:
    unit.rows.cancelled_user_tasks.append((instance.id, effect.activity_id))
    unit.record(instance, "UserTaskCancelled", element_id=effect.element_id, activity_id=effect.activity_id)


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
    unit.rows.cancelled_jobs.append((instance.id, effect.activity_id))
    unit.record(
        instance, "ServiceTaskCancelled", element_id=effect.element_id, activity_id=effect.activity_id
    )


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
    unit.record(
        instance, "TimerStarted", element_id=effect.element_id, timer=effect.timer_id, due_at=effect.due_at
    )


def _timer_cancelled(unit: Unit, instance: ProcessInstance, effect: fx.TimerCancelled) -> None:
    key = (instance.id, effect.timer_id)
    unit.rows.timers = [row for row in unit.rows.timers if (row["instance_id"], row["timer_id"]) != key]
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
    unit.rows.messages = [
        row for row in unit.rows.messages if (row["instance_id"], row["subscription_id"]) != key
    ]
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
    unit.rows.signals = [
        row for row in unit.rows.signals if (row["instance_id"], row["subscription_id"]) != key
    ]
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
    unit.record(
        instance,
        "IncidentRaised",
        element_id=effect.element_id,
        activity_id=effect.activity_id,
        kind=effect.kind,
        message=effect.message,
        params=effect.params,
    )


def _incident_resolved(unit: Unit, instance: ProcessInstance, effect: fx.IncidentResolved) -> None:
    key = (instance.id, effect.activity_id)
    unit.rows.incidents = [
        row for row in unit.rows.incidents if (row["instance_id"], row["activity_id"]) != key
    ]
    unit.rows.resolved_incidents.append(key)
    unit.record(instance, "IncidentResolved", element_id=effect.element_id, activity_id=effect.activity_id)


_PROJECTORS: dict[type, Callable[[Any, ProcessInstance, Any], None]] = {
    fx.ProcessStarted: _nothing,
    fx.ElementActivated: _activated,
    fx.ElementCompleted: _completed,
    fx.ElementTerminated: _terminated,
    fx.VariablesChanged: _variables,
    fx.DecisionEvaluated: _decision,
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
