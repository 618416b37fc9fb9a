"""Services that fail or answer otherwise because the scenario says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from engine.runtime.jobs import BpmnError
from engine.runtime.queue import Deferred
from engine.runtime.registry import ServiceTaskType
from engine.scenarios.files import Answer, Failure
from engine.scenarios.world import World
from engine.store.tables import Job


class Services:
    """What the next jobs of some types do instead of their work, in the order the scenario said it."""

    def __init__(self) -> None:
        self._planned: list[Failure | Answer] = []

    def plan(self, behaviour: Failure | Answer) -> None:
        """The next jobs of its type behave so."""
        self._planned.append(behaviour)

    @contextmanager
    def behaving(self, world: World, item: Deferred) -> Iterator[None]:
        """While the block runs, the job's handler behaves as planned; that is used up then."""
        behaviour = self._applying(world, item)
        if behaviour is None:
            yield
            return
        registry = world.application.engine.registry
        real = registry.service_task(behaviour.type)
        assert real is not None  # the linter refuses unknown types

        def instead(*_: Any) -> Any:
            if isinstance(behaviour, Answer):
                return dict(behaviour.with_)
            if behaviour.bpmn_error is not None:
                raise BpmnError(behaviour.bpmn_error, "as the scenario says")
            raise ConnectionError(behaviour.error)

        registry.add(ServiceTaskType(type=behaviour.type, handler=instead, remote=real.remote))
        try:
            yield
        finally:
            registry.add(real)
            self._use_up(behaviour)

    def _applying(self, world: World, item: Deferred) -> Failure | Answer | None:
        if item.kind != "job" or not self._planned:
            return None
        with world.session() as session:
            type_ = session.execute(select(Job.type).where(Job.id == item.id)).scalar()
        return next((behaviour for behaviour in self._planned if behaviour.type == type_), None)

    def _use_up(self, behaviour: Failure | Answer) -> None:
        if isinstance(behaviour, Failure):
            behaviour.times -= 1
        if isinstance(behaviour, Answer) or behaviour.times == 0:
            self._planned.remove(behaviour)
