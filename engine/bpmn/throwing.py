"""Signals, errors and escalations: who catches what a token throws."""

from typing import TYPE_CHECKING, Any

from engine.bpmn import effects, watches
from engine.bpmn.expressions import value
from engine.bpmn.model import EventDefinition
from engine.bpmn.token import Token
from engine.bpmn.trouble import Trouble

if TYPE_CHECKING:
    from engine.bpmn.specs.base import ElementSpec
    from engine.bpmn.workflow import Instance


def throw(token: Token, definition: EventDefinition) -> None:
    """Throw a signal, an escalation or an error. ``token`` may be cancelled by whoever catches it."""
    workflow, element = token.workflow, token.task_spec.element
    if definition.kind == "signal":
        name = value(workflow.environment, definition.name or "", token.visible)
        variables = token.local if element.inputs else {}
        workflow.emit(effects.SignalThrown(token.id, element.id, name, variables))
        deliver_signal(workflow, name, variables)
    elif definition.kind == "escalation":
        code = value(workflow.environment, definition.code or "", token.visible)
        if not escalate(token, code):
            workflow.emit(effects.EscalationEscaped(token.id, element.id, code))
    elif definition.kind == "error":
        code = value(workflow.environment, definition.code or "", token.visible)
        require_catcher(token, code, "", {})


def deliver_signal(workflow: "Instance", name: str, variables: dict[str, Any]) -> None:
    """Every watch for the signal, in the order they were opened."""
    for watch in list(workflow.tasks.values()):
        if (
            watch.watch
            and watch.alive
            and watch.internal_data.get("name") == name
            and watches.definition_of(watch).kind == "signal"
        ):
            watch.task_spec.fired(watch, variables)


def escalate(token: Token, code: str) -> bool:
    found = catcher(token, "escalation", code)
    if found is None:
        return False
    place, spec = found
    spec.catch(place, {})
    return True


def throw_error(token: Token, code: str, variables: dict[str, Any]) -> bool:
    """Whether something catches the error; what it caught is cancelled then."""
    found = catcher(token, "error", code)
    if found is None:
        return False
    place, spec = found
    spec.catch(place, variables)
    return True


def require_catcher(token: Token, code: str, message: str, variables: dict[str, Any]) -> None:
    """Throw an error; an incident when nothing in this instance catches it."""
    if throw_error(token, code, variables):
        return
    token.workflow.emit(effects.ErrorEscaped(token.id, token.task_spec.element.id, code, message, variables))
    raise Trouble("error", message or f"nothing catches the error {code!r}", error_code=code)


def catcher(token: Token, kind: str, code: str) -> "tuple[Token, ElementSpec] | None":
    """The nearest boundary event or event sub-process around ``token``, one for this very code before a general one."""
    place: Token | None = token
    below: Token | None = None
    while place is not None:
        if place.alive:
            spec = place.task_spec
            inside = [] if below is None else [s for s in spec.event_subprocesses if s is not below.task_spec]
            for candidates in (inside, spec.boundary):
                found = _match(candidates, kind, code)
                if found is not None:
                    return place, found
            below = place
        place = place.parent
    return None


def _match(candidates: Any, kind: str, code: str) -> "ElementSpec | None":
    general = None
    for candidate in candidates:
        event = getattr(candidate, "start", None) or candidate
        for definition in event.element.events:
            if definition.kind != kind:
                continue
            if definition.code == code:
                return candidate
            if definition.code is None:
                general = general or candidate
    return general
