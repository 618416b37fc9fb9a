"""Two versions of a procedure compared, element by element, as far as somebody who stands there would notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from engine.bpmn import Element, EventDefinition, Process
from engine.runtime.assignment import FOUR_EYES, names
from engine.runtime.definitions import Definition
from engine.runtime.moving import branches
from engine.runtime.moving.branches import Branch
from engine.runtime.moving.reasons import Reason

#: Events that an instance waits for; errors, escalations and the like are looked up when they are thrown.
_WATCHED = frozenset(["timer", "message", "signal", "conditional"])


class Comparison:
    """An old and a new version, with the steps that take the place of others. Holds no case data."""

    def __init__(self, old: Definition, new: Definition, mapping: Mapping[str, str]) -> None:
        self.old, self.new, self.mapping = old, new, dict(mapping)
        self._basic: dict[str, tuple[Reason, ...]] = {}
        self._steps: dict[str, tuple[Reason, ...]] = {}

    def target(self, element_id: str) -> Element | None:
        """The element of the new version that takes an element's place; None where there is none."""
        return self.new.process.elements.get(self._now(element_id))

    def standing(self, element_id: str) -> tuple[Reason, ...]:
        """What keeps a token where it is that has only come to this element: its place in the diagram."""
        if element_id not in self._basic:
            self._basic[element_id] = tuple(self._placed(element_id))
        return self._basic[element_id]

    def waiting(self, element_id: str) -> tuple[Reason, ...]:
        """What keeps a token where it is for which this element has begun its work, or the process as a whole."""
        if element_id not in self._steps:
            found = self.standing(element_id)
            if not found:
                found = tuple(self._begun(element_id))
            self._steps[element_id] = found
        return self._steps[element_id]

    @cached_property
    def forgotten(self) -> frozenset[str]:
        """Elements that four-eyes rules of the old version name and the new version does not have."""
        named = {
            name
            for element in self.old.process.elements.values()
            for name in names(element.properties.get(FOUR_EYES))
        }
        return frozenset(named - self.new.process.elements.keys())

    # Places ---------------------------------------------------------------------------------------
    def _now(self, element_id: str) -> str:
        return self.mapping.get(element_id, element_id)

    def _placed(self, element_id: str) -> Iterator[Reason]:
        if element_id == self.old.process.id:
            return
        old, new = self.old.process.elements[element_id], self.target(element_id)
        if new is None:
            yield Reason(code="gone", step=element_id)
            return
        if _kind(new) != _kind(old):
            yield Reason(code="other_kind", step=element_id)
        if [self._now(each) for each in _path(self.old.process, old)] != _path(self.new.process, new):
            yield Reason(code="other_scope", step=element_id)
        gateway = self._other_branches(old, new)
        if gateway:
            yield Reason(code="branches", step=element_id, params={"gateway": gateway})

    def _other_branches(self, old: Element, new: Element) -> str | None:
        """A fork or join around it that is otherwise in the new version; by its old id where it has one."""
        before = {each.under(self.mapping) for each in self._around_old.get(old.id, ())}
        now = self._around_new.get(new.id, frozenset())
        back = {now: was for was, now in self.mapping.items()}
        return next((back.get(each.fork, each.fork) for each in _sorted(before ^ now)), None)

    @cached_property
    def _around_old(self) -> Mapping[str, frozenset[Branch]]:
        return branches.around(self.old.process)

    @cached_property
    def _around_new(self) -> Mapping[str, frozenset[Branch]]:
        return branches.around(self.new.process)

    # Work that has begun --------------------------------------------------------------------------
    def _begun(self, element_id: str) -> Iterator[Reason]:
        old_events = dict(_events_of(self.old.process, element_id))
        new_events = dict(_events_of(self.new.process, self._now(element_id)))
        for event_id, old_event in old_events.items():
            new_event = new_events.pop(self._now(event_id), None)
            if new_event is None:
                yield Reason(code="event_gone", step=element_id, params={"event": event_id})
            elif _awaited(old_event) != _awaited(new_event):
                yield Reason(code="event_other", step=element_id, params={"event": event_id})
        for event_id in new_events:
            yield Reason(code="event_new", step=element_id, params={"event": event_id})
        if element_id == self.old.process.id:
            return
        old, new = self.old.process.elements[element_id], self.target(element_id)
        assert new is not None  # nothing is compared of what is gone
        yield from self._work(old, new)

    def _work(self, old: Element, new: Element) -> Iterator[Reason]:
        if _repeated(old) != _repeated(new):
            yield Reason(code="other_loop", step=old.id)
        if (old.inputs, old.data_inputs) != (new.inputs, new.data_inputs):
            yield Reason(code="other_inputs", step=old.id)
        if old.task_type != new.task_type:
            yield Reason(code="other_service", step=old.id)
        if (old.called_process, _task(old)) != (new.called_process, _task(new)):
            yield Reason(code="other_call", step=old.id)
        if old.form_id != new.form_id and any((each.form_id or "").startswith("=") for each in (old, new)):
            yield Reason(code="other_form", step=old.id)


def _kind(element: Element) -> tuple[object, ...]:
    """What a token there is to the engine."""
    return (
        element.type,
        element.loop is not None,
        element.triggered_by_event,
        element.interrupting,
        element.start_quantity,
        len(element.incoming) > 1 if element.type.endswith("Gateway") else None,
    )


def _path(process: Process, element: Element) -> list[str]:
    """The sub-processes around an element, innermost first."""
    path = []
    while element.parent in process.elements:
        element = process.elements[element.parent]
        path.append(element.id)
    return path


def _events_of(process: Process, element_id: str) -> Iterator[tuple[str, Element]]:
    """Everything a token at an element waits for by way of events: its own, those on its border, those that start an
    event sub-process inside, those behind an event-based gateway."""
    element = process.elements.get(element_id)
    if element is not None and element.type in ("intermediateCatchEvent", "receiveTask"):
        yield element.id, element
    if element is not None and element.type == "eventBasedGateway":
        for flow in element.outgoing:
            target = process.elements[process.flows[flow].target]
            yield target.id, target
    for other in process.elements.values():
        if other.attached_to == element_id and _watched(other):
            yield other.id, other
    for id_ in process.children.get(element_id, ()):
        if process.elements[id_].triggered_by_event:
            for start in process.children[id_]:
                if process.elements[start].type == "startEvent" and _watched(process.elements[start]):
                    yield start, process.elements[start]


def _watched(element: Element) -> bool:
    return any(event.kind in _WATCHED for event in element.events)


def _awaited(element: Element) -> tuple[object, ...]:
    """What an event waits for. A timer that runs keeps its time, so that only its kind counts."""
    return (
        element.interrupting,
        element.parallel_multiple,
        [
            (event.kind, event.timer[0] if event.timer else None, _text(event), event.condition)
            for event in element.events
        ],
    )


def _text(event: EventDefinition) -> tuple[str | None, str | None]:
    return (event.name, event.correlation_key) if event.kind in _WATCHED else (None, None)


def _repeated(element: Element) -> tuple[object, ...]:
    loop = element.loop
    if loop is not None and loop.event is not None:
        loop = replace(loop, event=replace(loop.event, id=""))
    return (loop, element.active_elements, element.ordering)


def _task(element: Element) -> tuple[object, ...] | None:
    called = element.called_task
    return (called.type, called.form_id, called.task_type, called.inputs) if called is not None else None


def _sorted(found: set[Branch]) -> list[Branch]:
    return sorted(found, key=lambda branch: (branch.fork, sorted(branch.ways)))
