"""Undoing: the handlers of completed activities, last first, one after the other."""

from typing import Any

from engine.bpmn import branches
from engine.bpmn.token import Token
from engine.bpmn.variables import changes

#: [element id, handler] of an activity, [element id, list of such entries] of a sub-process, or, of one with an event
#: sub-process for its compensation, [element id, that, list of such entries]: it may undo what was done inside.
Done = list[list[Any]]


def begin(token: Token) -> bool:
    """Start undoing what the scope of ``token`` has done; False when there is nothing to undo."""
    scope = token.workflow.scope_of(token)
    done: Done = scope.internal_data.get("done", [])
    wanted = next((d.activity for d in token.task_spec.element.events if d.activity), None)
    chosen = [entry for entry in done if wanted in (None, entry[0])]
    scope.internal_data["done"] = [entry for entry in done if entry not in chosen]
    token.internal_data["pending"] = _handlers(chosen)
    return _next(token)


def ended(container: Token, handler: Token) -> None:
    workflow = container.workflow
    branches.assign(container, changes(container.data, handler.data), handler.task_spec.element.id)
    workflow.detach(handler)
    if not _next(container):
        container.task_spec.emptied(container)


def _next(token: Token) -> bool:
    pending = token.internal_data["pending"]
    if not pending:
        return False
    handler, *inside = pending.pop(0)
    internal = {"done": inside[0]} if inside else None
    token.workflow.spawn(token.task_spec._wf_spec.task_specs[handler], token, token.data, internal=internal)
    return True


def _handlers(done: Done) -> Done:
    handlers: Done = []
    for _, *entry in reversed(done):
        handlers += _handlers(entry[0]) if isinstance(entry[0], list) else [entry]
    return handlers
