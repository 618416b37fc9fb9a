"""An instance in an administrator's hands: its case locked, its state restored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from engine.bpmn import Execution, UnstorableValue
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, ReasonMissing, ValueNotKept
from engine.runtime.unit import Unit
from engine.store.tables import ProcessInstance


@contextmanager
def opened(
    ctx: Context, instance_id: int, *, reason: str
) -> Iterator[tuple[Unit, ProcessInstance, Execution]]:
    """A running instance to be changed, for a reason that the history keeps.

    Raises `CaseSuspended`, `InstanceNotActive`, `NotFound`, `ReasonMissing`, and `ValueNotKept` for a value that cannot be
    kept.
    """
    if not reason.strip():
        raise ReasonMissing()
    root_id = ctx.session.scalar(select(ProcessInstance.root_id).where(ProcessInstance.id == instance_id))
    if root_id is None:
        raise NotFound(what="process instance", id=instance_id)
    with Unit.of(ctx) as unit:
        unit.lock(root_id)
        instance = unit.instance(instance_id)
        try:
            yield unit, instance, unit.execution(instance)
        except UnstorableValue as error:
            raise ValueNotKept(why=str(error)) from error
