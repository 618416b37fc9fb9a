"""What the history says of each effect of an execution: one event, or none where a row or another event says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.bpmn import effects as fx

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.runtime.unit import Unit
    from engine.store.tables import ProcessInstance


@dataclass(frozen=True)
class Told:
    """How an effect is told."""

    #: Type of the history event.
    type: str
    #: Name in the event's payload -> attribute of the effect.
    payload: Mapping[str, str] = field(default_factory=dict)


TOLD: Mapping[type[fx.Effect], Told] = {
    fx.ElementActivated: Told("ElementActivated"),
    fx.ElementCompleted: Told("ElementCompleted", {"taken": "taken"}),
    fx.ElementTerminated: Told("ElementTerminated"),
    fx.VariablesChanged: Told("VariablesChanged", {"values": "values"}),
    fx.DecisionEvaluated: Told(
        "DecisionEvaluated", {"decision": "decision_id", "value": "value", "trace": "trace"}
    ),
    fx.UserTaskCreated: Told("UserTaskCreated", {"due_at": "due_at"}),
    fx.UserTaskCancelled: Told("UserTaskCancelled"),
    fx.JobCancelled: Told("ServiceTaskCancelled"),
    fx.TimerStarted: Told("TimerStarted", {"timer": "timer_id", "due_at": "due_at"}),
    fx.SignalThrown: Told("SignalThrown", {"name": "name", "variables": "variables"}),
    fx.IncidentRaised: Told("IncidentRaised", {"kind": "kind", "message": "message", "params": "params"}),
    fx.IncidentResolved: Told("IncidentResolved"),
    fx.ErrorEscaped: Told("ErrorThrown", {"code": "code", "message": "message"}),
    fx.EscalationEscaped: Told("EscalationThrown", {"code": "code"}),
    fx.ProcessCompleted: Told("ProcessInstanceCompleted", {"variables": "variables"}),
    fx.ProcessTerminated: Told("ProcessInstanceCancelled"),
}


#: What the frame around a repeated activity is called; its completion is no completion of the activity itself.
_FRAMES = ("multiInstanceBody", "loopBody")


def record(unit: Unit, instance: ProcessInstance, effect: fx.Effect, **more: Any) -> None:
    """Append the event of an effect to its instance's history; `more` joins its payload."""
    type_, element_id, activity_id, payload = event_of(effect)
    unit.record(instance, type_, element_id=element_id, activity_id=activity_id, **payload, **more)


def event_of(effect: fx.Effect) -> tuple[str, str | None, int | None, dict[str, Any]]:
    """(type, element id, activity id, payload) of the event that tells this effect."""
    told = TOLD[type(effect)]
    payload = {name: getattr(effect, attribute) for name, attribute in told.payload.items()}
    if isinstance(effect, fx.ElementCompleted) and effect.element_type in _FRAMES:
        payload["frame"] = effect.element_type
    return told.type, getattr(effect, "element_id", None), getattr(effect, "activity_id", None), payload


def arrivals_left_out(effects: Sequence[fx.Effect]) -> Iterator[fx.Effect]:
    """The effects of one advance, but of an element passed through at once only the completion: it says all there is."""
    at_once = {effect.activity_id for effect in effects if isinstance(effect, fx.ElementCompleted)}
    for effect in effects:
        if not (isinstance(effect, fx.ElementActivated) and effect.activity_id in at_once):
            yield effect
