"""Services that fail because the scenario says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from engine.runtime.queue import Deferred
from engine.runtime.registry import ServiceTaskType
from engine.scenarios.files import Failure
from engine.scenarios.world import World
from engine.store.tables import Job


@contextmanager
def failing(world: World, item: Deferred, failures: list[Failure]) -> Iterator[None]:
    """While the block runs, the job's handler raises if a failure of its type is left; the failure is used up."""
    failure = _applying(world, item, failures)
    if failure is None:
        yield
        return
    registry = world.application.engine.registry
    real = registry.service_task(failure.type)
    assert real is not None  # the linter refuses unknown types

    def broken(*_: Any) -> Any:
        raise ConnectionError(failure.error)

    registry.add(ServiceTaskType(type=failure.type, handler=broken, remote=real.remote))
    try:
        yield
    finally:
        registry.add(real)
        failure.times -= 1


def _applying(world: World, item: Deferred, failures: list[Failure]) -> Failure | None:
    if item.kind != "job" or not failures:
        return None
    with world.session() as session:
        type_ = session.execute(select(Job.type).where(Job.id == item.id)).scalar()
    return next((failure for failure in failures if failure.type == type_ and failure.times > 0), None)
