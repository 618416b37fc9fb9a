"""Signals: heard by every instance that listens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.bpmn import effects as fx
from engine.runtime import starts
from engine.runtime.queue import Deferred
from engine.runtime.recording import record
from engine.store.tables import ProcessInstance, SignalSubscription

if TYPE_CHECKING:
    from engine.runtime.context import Context
    from engine.runtime.unit import Unit


def thrown(unit: Unit, instance: ProcessInstance, effect: fx.SignalThrown) -> None:
    """An instance threw a signal; it heard it itself already, the others hear it by a job each."""
    record(unit, instance, effect)
    broadcast(unit.ctx, effect.name, effect.variables, besides=instance.id)


def broadcast(ctx: Context, name: str, variables: Mapping[str, Any], *, besides: int | None = None) -> int:
    """Tell every instance that listens for the signal, and start what it begins, each in a command of its own.

    Returns how many."""
    query = select(SignalSubscription.id).where(SignalSubscription.name == name)
    if besides is not None:
        query = query.where(SignalSubscription.instance_id != besides)
    ids = list(ctx.session.execute(query).scalars())
    work = [Deferred(kind="signal", id=id_, variables=dict(variables)) for id_ in ids]
    ctx.engine.queue.defer(ctx.session, work)
    return len(ids) + starts.by_signal(ctx, name, variables)


def deliver(ctx: Context, subscription_row_id: int, variables: Mapping[str, Any]) -> None:
    """Let one instance hear a signal, if it still listens."""
    from engine.runtime.unit import Unit

    root_id = ctx.session.execute(
        select(SignalSubscription.root_id).where(SignalSubscription.id == subscription_row_id)
    ).scalar()
    if root_id is None:
        return
    with Unit.of(ctx) as unit:
        unit.lock(root_id)
        subscription = ctx.session.get(SignalSubscription, subscription_row_id)
        if subscription is None:
            return
        instance = unit.instance(subscription.instance_id)
        unit.record(
            instance,
            "SignalReceived",
            element_id=subscription.element_id,
            activity_id=subscription.subscription_id,
            name=subscription.name,
            variables=variables,
        )
        unit.execution(instance).deliver_signal(subscription.subscription_id, variables)
