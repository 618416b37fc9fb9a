"""Where an instance stands, read from its state: what has to be known to take it to another version of its diagram."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from engine.bpmn.token import Token
from engine.bpmn.workflow import Instance


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One thing that stands somewhere: a token, a fork whose branches are open, or a watch for an event."""

    id: int
    kind: Literal["token", "fork", "watch"]
    #: The element it stands at; for a watch the event it waits for; the process itself for what surrounds them all.
    element_id: str
    #: The element that a watch waits on behalf of, else the same as ``element_id``.
    host_id: str
    #: "" (arrived), "enter", "execute", "wait" or "finish".
    phase: str
    #: Whether an incident holds it.
    stuck: bool
    #: The flow by which it came to a join where it waits for others; None when it does not wait for others.
    arrived_by: str | None
    #: Elements its state names besides: what compensation has to undo and how, what is still to begin.
    remembers: frozenset[str]


def places(instance: Instance) -> list[Place]:
    """All of them, oldest first."""
    return [_place(token) for token in sorted(instance.tasks.values(), key=lambda token: token.id)]


def _place(token: Token) -> Place:
    internal = token.internal_data
    host = token.parent if token.watch and token.parent is not None else token
    return Place(
        id=token.id,
        kind="watch" if token.watch else "token" if token.alive else "fork",
        element_id=_element(token),
        host_id=_element(host),
        phase=token.phase,
        stuck="incident" in internal,
        arrived_by=internal.get("flow"),
        remembers=frozenset(
            name
            for key in ("done", "pending", "later", "late", "happened")
            for name in _names(internal.get(key, ()))
        ),
    )


def _element(token: Token) -> str:
    """The element of the diagram; a repetition and a global task that is called stand at the element around them."""
    return token.task_spec.name.partition(":")[0]


def _names(given: Any) -> Iterator[str]:
    if isinstance(given, str):
        yield given.partition(":")[0]
    else:
        for each in given:
            yield from _names(each)
