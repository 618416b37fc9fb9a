"""Watches: tasks that wait for a timer, a message, a signal or a condition on behalf of an activity."""

from typing import TYPE_CHECKING, Any

from engine.bpmn import effects, schedules
from engine.bpmn.expressions import value
from engine.bpmn.model import EventDefinition
from engine.bpmn.token import Token
from engine.bpmn.trouble import Trouble

if TYPE_CHECKING:
    from engine.bpmn.specs.base import ElementSpec
    from engine.bpmn.workflow import Instance

#: Errors, escalations, compensation and cancellation are looked up in the diagram when they are thrown.
WATCHED = frozenset(["timer", "message", "signal", "conditional"])

Prepared = tuple["ElementSpec", int, dict[str, Any]]


def prepare(workflow: "Instance", spec: "ElementSpec", variables: dict[str, Any]) -> list[Prepared]:
    """Evaluate what the events of ``spec`` wait for, before anything is changed. Raises ``Trouble``."""
    return [
        (spec, index, _evaluate(workflow, definition, variables))
        for index, definition in enumerate(spec.element.events)
        if definition.kind in WATCHED
    ]


def open_all(workflow: "Instance", owner: Token, prepared: list[Prepared]) -> None:
    for spec, index, internal in prepared:
        _announce(workflow.watch(spec, owner, index, dict(internal)))


def definition_of(watch: Token) -> EventDefinition:
    return watch.task_spec.element.events[watch.internal_data["event"]]


def due_of(watch: Token) -> schedules.Due:
    instant = schedules.instant(watch.internal_data["due"], watch.workflow.environment.zone)
    return schedules.Due(instant, watch.internal_data.get("repetitions"))


def rearm(watch: Token) -> bool:
    """Set a cycle timer to its next firing; False when this was the last."""
    environment = watch.workflow.environment
    try:
        following = schedules.following(
            watch.internal_data["text"], due_of(watch), environment.now, environment.zone
        )
    except Trouble:
        # It was readable when it was set: the calendar has no room for another firing.
        return False
    if following is None:
        return False
    watch.internal_data |= {"due": following.at.isoformat(), "repetitions": following.repetitions}
    _announce(watch)
    return True


def repeats(watch: Token) -> bool:
    """Whether it stays open after it has fired, for an event that does not interrupt."""
    definition = definition_of(watch)
    if definition.kind != "timer":
        return True
    left = watch.internal_data.get("repetitions")
    return definition.timer is not None and definition.timer[0] == "cycle" and (left is None or left > 1)


def together(owner: Token, watch: Token, variables: dict[str, Any]) -> dict[str, Any] | None:
    """What has come in once every event has happened that an element waits for; None while one is missing.

    An element whose first event is enough (not ``parallelMultiple``) never waits for the others.
    """
    element = watch.task_spec.element
    if not element.parallel_multiple:
        return variables
    happened = owner.internal_data.setdefault("happened", {}).setdefault(element.id, {})
    happened[str(watch.internal_data["event"])] = variables
    if len(happened) < len(element.events):
        return None
    del owner.internal_data["happened"][element.id]
    return {name: given for each in happened.values() for name, given in each.items()}


def close(watch: Token, *, fired: bool = False) -> None:
    """Take a watch away; whoever keeps its timer or subscription is told unless it is used up by firing."""
    workflow, kind, element = watch.workflow, definition_of(watch).kind, watch.task_spec.element.id
    if kind == "timer" and not fired:
        workflow.emit(effects.TimerCancelled(watch.id, element))
    elif kind == "message":
        workflow.emit(effects.MessageUnsubscribed(watch.id, element))
    elif kind == "signal":
        workflow.emit(effects.SignalUnsubscribed(watch.id, element))


def holds(watch: Token, variables: dict[str, Any]) -> bool:
    """Whether the condition has become true; staying true does not count again."""
    before = watch.internal_data.get("held", False)
    # Null is "not yet": the variable the condition asks for may still come.
    now = value(watch.workflow.environment, definition_of(watch).condition or "", variables) is True
    watch.internal_data["held"] = now
    return now and not before


def _evaluate(workflow: "Instance", definition: EventDefinition, variables: dict[str, Any]) -> dict[str, Any]:
    environment = workflow.environment
    if definition.kind == "timer":
        kind, text = definition.timer or ("", "")
        given = value(environment, text, variables)
        due = schedules.first(kind, given, environment.now, environment.zone)
        internal: dict[str, Any] = {"due": due.at.isoformat()}
        if kind == "cycle":
            internal |= {"text": given, "repetitions": due.repetitions}
        return internal
    if definition.kind == "message":
        name = value(environment, definition.name or "", variables)
        key = value(environment, definition.correlation_key or "", variables)
        if isinstance(key, bool) or not isinstance(key, str | int | float) or key == "":
            raise Trouble(
                "correlation_key",
                f"the correlation key {definition.correlation_key!r} gives {key!r}, not a text or a number",
                expression=definition.correlation_key,
            )
        return {"name": name, "key": str(key)}
    if definition.kind == "signal":
        return {"name": value(environment, definition.name or "", variables)}
    return {}


def _announce(watch: Token) -> None:
    workflow, internal, element = watch.workflow, watch.internal_data, watch.task_spec.element
    kind = definition_of(watch).kind
    if kind == "timer":
        due = due_of(watch)
        repetitions = due.repetitions if "text" in internal else 1
        workflow.emit(effects.TimerStarted(watch.id, element.id, due.at, repetitions))
    elif kind == "message":
        workflow.emit(
            effects.MessageSubscribed(
                watch.id, element.id, internal["name"], internal["key"], element.interrupting
            )
        )
    elif kind == "signal":
        workflow.emit(effects.SignalSubscribed(watch.id, element.id, internal["name"]))
    elif kind == "conditional":
        workflow.conditions[watch.id] = watch
