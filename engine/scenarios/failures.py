"""Services that fail or answer otherwise because the scenario says so, and those that would leave the house: they do not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from engine.runtime.jobs import BpmnError
from engine.runtime.queue import Deferred
from engine.runtime.registry import ServiceTaskType
from engine.scenarios import differences
from engine.scenarios.differences import mismatch
from engine.scenarios.files import Answer, Failure
from engine.scenarios.world import World
from engine.store.tables import Job


class Services:
    """What the next jobs of some types do instead of their work, in the order the scenario said it.

    A remote service, which talks to another system, is never called: without an answer said beforehand it fails."""

    def __init__(self) -> None:
        self.planned: list[Failure | Answer] = []

    def plan(self, behaviour: Failure | Answer) -> None:
        """The next jobs of its type behave so."""
        self.planned.append(behaviour)

    @contextmanager
    def behaving(self, world: World, item: Deferred) -> Iterator[None]:
        """While the block runs, the job's handler behaves as planned; that is used up then."""
        type_, element = self._asked(world, item)
        registry = world.application.engine.registry
        real = registry.service_task(type_)
        behaviour = next((each for each in self.planned if _applies(each, type_, element)), None)
        if real is None or not (behaviour or real.remote):
            yield
            return

        def instead(*_: Any) -> Any:
            if behaviour is None:
                raise mismatch(differences.LEAVES_THE_HOUSE, type=type_)
            if isinstance(behaviour, Answer):
                return dict(behaviour.with_)
            if behaviour.bpmn_error is not None:
                raise BpmnError(behaviour.bpmn_error, "as the scenario says")
            raise ConnectionError(behaviour.error)

        registry.add(ServiceTaskType(type=type_, handler=instead, remote=real.remote))
        try:
            yield
        finally:
            registry.add(real)
            if behaviour is not None:
                self._use_up(behaviour)

    def _asked(self, world: World, item: Deferred) -> tuple[str, str]:
        """Type and element of the job; empty for other work."""
        if item.kind != "job":
            return "", ""
        with world.session() as session:
            found = session.execute(select(Job.type, Job.element_id).where(Job.id == item.id)).one_or_none()
        return (found.type, found.element_id) if found else ("", "")

    def _use_up(self, behaviour: Failure | Answer) -> None:
        if isinstance(behaviour, Failure):
            behaviour.times -= 1
        if isinstance(behaviour, Answer) or behaviour.times == 0:
            self.planned.remove(behaviour)


def _applies(behaviour: Failure | Answer, type_: str, element: str) -> bool:
    return behaviour.type == type_ and behaviour.element in (None, element)
