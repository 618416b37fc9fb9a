"""Which branches are open around an element: what a token there counts on to meet later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.bpmn import Element, Process

#: Gateways that choose one way, or leave the choice to an event: no branches run beside each other after them.
_ONE_WAY = ("exclusiveGateway", "eventBasedGateway")
_JOINS = ("parallelGateway", "inclusiveGateway", "complexGateway")


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A token here is in these branches of a fork, which meet again at these joins."""

    fork: str
    #: All flows that leave the fork.
    flows: frozenset[str]
    #: Those of them by which a token comes here before the branches have met.
    ways: frozenset[str]
    #: Where the branches meet first, each with how many flows lead into it.
    joins: frozenset[tuple[str, int]]

    def under(self, names: Mapping[str, str]) -> Branch:
        """The same with elements by other ids."""
        return Branch(
            fork=names.get(self.fork, self.fork),
            flows=self.flows,
            ways=self.ways,
            joins=frozenset((names.get(join, join), n) for join, n in self.joins),
        )


def around(process: Process) -> Mapping[str, frozenset[Branch]]:
    """The open branches around each element of a process; elements around which none are open are left out."""
    following = _following(process)
    found: dict[str, set[Branch]] = {}
    for fork in process.elements.values():
        if len(fork.outgoing) < 2 or fork.type in _ONE_WAY:
            continue
        reached = {flow: _reached(following, process.flows[flow].target) for flow in fork.outgoing}
        meeting = _meeting(process, reached.values())
        # Up to where the branches meet, that place included: whoever waits there is not through yet.
        bodies = {
            flow: _reached(following, process.flows[flow].target, not_beyond=meeting)
            for flow in fork.outgoing
        }
        first = frozenset(
            (join, len(process.elements[join].incoming)) for join in meeting & set().union(*bodies.values())
        )
        for place in set().union(*bodies.values()):
            ways = frozenset(flow for flow, body in bodies.items() if place in body)
            branch = Branch(fork=fork.id, flows=frozenset(fork.outgoing), ways=ways, joins=first)
            found.setdefault(place, set()).add(branch)
    return {place: frozenset(branches) for place, branches in found.items()}


def _following(process: Process) -> Mapping[str, list[str]]:
    """Where a token can come to from each element in one step: by a flow, a boundary event or a link."""
    following: dict[str, list[str]] = {}
    for flow in process.flows.values():
        following.setdefault(flow.source, []).append(flow.target)
    for element in process.elements.values():
        if element.attached_to:
            following.setdefault(element.attached_to, []).append(element.id)
        for name in _links(element, "intermediateThrowEvent"):
            following.setdefault(element.id, []).extend(
                other.id
                for other in process.of_type("intermediateCatchEvent")
                if other.parent == element.parent and name in _links(other, "intermediateCatchEvent")
            )
    return following


def _links(element: Element, type_: str) -> list[str | None]:
    return [event.name for event in element.events if event.kind == "link" and element.type == type_]


def _meeting(process: Process, reached: Iterable[set[str]]) -> set[str]:
    """Joins that can be reached by more than one of the ways."""
    seen: set[str] = set()
    twice: set[str] = set()
    for places in reached:
        twice |= seen & places
        seen |= places
    return {
        place
        for place in twice
        if process.elements[place].type in _JOINS and len(process.elements[place].incoming) > 1
    }


def _reached(following: Mapping[str, list[str]], start: str, not_beyond: Iterable[str] = ()) -> set[str]:
    ends, seen, stack = frozenset(not_beyond), set[str](), [start]
    while stack:
        place = stack.pop()
        if place not in seen:
            seen.add(place)
            if place not in ends:
                stack.extend(following.get(place, ()))
    return seen
