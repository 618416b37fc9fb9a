"""Tokens become one: what each branch wrote since they parted is put together, three ways."""

from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn import effects
from engine.bpmn.branches import conflict, settle, written_since
from engine.bpmn.token import Token, Writes
from engine.bpmn.variables import Irreconcilable, merge, same


def join(survivor: Token, tokens: list[Token]) -> None:
    """Let ``survivor`` go on for all ``tokens``. Raises ``Trouble`` naming both writers before anything is changed."""
    workflow = survivor.workflow
    others = [token for token in tokens if token is not survivor]
    fork = _parted(tokens)
    ways = [(token, written_since(token, fork)) for token in tokens]
    values, writes = _together(ways)
    changed = {
        name: given for name, given in values.items() if not same(survivor.data.get(name, _ABSENT), given)
    }
    if changed:
        survivor.data = {**survivor.data, **changed}
        workflow.emit(effects.VariablesChanged(survivor.id, survivor.task_spec.element.id, changed))
    _move(survivor, fork)
    survivor.writes = writes
    survivor.side = all(token.side for token in tokens)
    for token in others:
        token._set_state(TaskState.COMPLETED)
        workflow.detach(token)
    settle(workflow.scope_of(survivor))


_ABSENT = object()


def _parted(tokens: list[Token]) -> Token:
    """The fork that all of them come from, or their scope."""
    ways = [_ancestors(token) for token in tokens]
    return next(place for place in ways[0] if all(place in way for way in ways))


def _ancestors(token: Token) -> list[Token]:
    way = []
    place = token.parent
    while place is not None:
        way.append(place)
        if place.alive:
            break
        place = place.parent
    return way


def _together(ways: list[tuple[Token, Writes]]) -> tuple[dict[str, Any], Writes]:
    values: dict[str, Any] = {}
    writes: Writes = {}
    for token, written in ways:
        for name, (writer, base) in written.items():
            given = token.data[name]
            if name in values:
                try:
                    given = merge(writes[name][1], values[name], given)
                except Irreconcilable:
                    raise conflict(name, writes[name][0], writer) from None
            values[name] = given
            writes.setdefault(name, (writer, base))
    return values, writes


def _move(token: Token, fork: Token) -> None:
    before = token.parent
    if before is fork:
        return
    before._children.remove(token.id)
    fork._children.append(token.id)
    token.parent = fork
    token.workflow._collapse(before)


def reachable(sources: dict[str, list[str]], end: str, without: str) -> frozenset[str]:
    """Every element from which a token can come to ``end`` without passing ``without``, itself included."""
    seen: set[str] = set()
    stack = [] if end == without else [end]
    while stack:
        place = stack.pop()
        if place not in seen:
            seen.add(place)
            stack.extend(source for source in sources.get(place, ()) if source != without)
    return frozenset(seen)
