"""Signals: heard by every instance that listens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, literal, select

from engine.bpmn import effects as fx
from engine.runtime import starts
from engine.runtime.queue import Deferred
from engine.runtime.recording import record
from engine.store.tables import PendingSignal, ProcessInstance, SignalSubscription

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
    given = literal(dict(variables), PendingSignal.variables.type)
    query = select(SignalSubscription.id, given).where(SignalSubscription.name == name)
    if besides is not None:
        query = query.where(SignalSubscription.instance_id != besides)
    pending = insert(PendingSignal).from_select(["subscription", "variables"], query)
    ids = list(ctx.session.execute(pending.returning(PendingSignal.id)).scalars())
    ctx.engine.queue.defer(ctx.session, [Deferred(kind="signal", id=id_) for id_ in ids])
    return len(ids) + starts.by_signal(ctx, name, variables)


def deliver(ctx: Context, pending_id: int) -> None:
    """Let one instance hear a signal, once, if it still listens."""
    from engine.runtime.unit import Unit

    root_id = ctx.session.execute(
        select(SignalSubscription.root_id)
        .join(PendingSignal, PendingSignal.subscription == SignalSubscription.id)
        .where(PendingSignal.id == pending_id)
    ).scalar()
    if root_id is None:
        ctx.session.execute(delete(PendingSignal).where(PendingSignal.id == pending_id))
        return
    with Unit.of(ctx) as unit:
        if unit.lock(root_id).state == "suspended":
            return  # it waits; whoever resumes the case queues it again
        pending = ctx.session.execute(
            delete(PendingSignal)
            .where(PendingSignal.id == pending_id)
            .returning(PendingSignal.subscription, PendingSignal.variables)
        ).one_or_none()
        subscription = ctx.session.get(SignalSubscription, pending.subscription) if pending else None
        if subscription is None:
            return
        variables = pending.variables
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
