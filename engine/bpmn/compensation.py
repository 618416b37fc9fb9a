"""Undoing: the handlers of completed activities, last first, one after the other."""

from typing import Any

from engine.bpmn import branches
from engine.bpmn.token import Token
from engine.bpmn.variables import changes

#: [element id, handler] of an activity, or [element id, list of such pairs] of a sub-process.
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
    handler = pending.pop(0)
    token.workflow.spawn(token.task_spec._wf_spec.task_specs[handler], token, token.data)
    return True


def _handlers(done: Done) -> list[str]:
    handlers: list[str] = []
    for _, entry in reversed(done):
        handlers += _handlers(entry) if isinstance(entry, list) else [entry]
    return handlers
