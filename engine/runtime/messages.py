"""Messages: published once, kept until they expire, taken by whoever waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from engine.bpmn import effects as fx
from engine.bpmn import unstorable
from engine.runtime import starts
from engine.runtime.context import Context
from engine.runtime.queue import Deferred
from engine.runtime.refusals import ValueNotKept
from engine.store.tables import Message, MessageSubscription, ProcessInstance

if TYPE_CHECKING:
    from engine.runtime.unit import Unit

#: How long a message waits for somebody to take it, unless its sender says otherwise.
TIME_TO_LIVE = timedelta(hours=1)


def publish(
    ctx: Context,
    name: str,
    correlation_key: str,
    variables: Mapping[str, Any],
    *,
    message_id: str | None = None,
    time_to_live: timedelta = TIME_TO_LIVE,
) -> int | None:
    """Publish a message; return its id, or None where the same `message_id` was published before.

    It is correlated by a job of its own, so a publisher inside one case never waits for the lock of another.
    Raises `ValueNotKept`.
    """
    why = unstorable(variables, ctx.engine.settings.limits.variable_bytes)
    if why:
        raise ValueNotKept(why=why)
    _meet(ctx, name, correlation_key)
    row = {
        "name": name,
        "correlation_key": correlation_key,
        "message_id": message_id,
        "variables": dict(variables),
        "published_at": ctx.now,
        "published_by": ctx.actor.key,
        "expires_at": ctx.now + time_to_live,
    }
    id_ = ctx.session.execute(
        insert(Message).values(row).on_conflict_do_nothing().returning(Message.id)
    ).scalar_one_or_none()
    if id_ is not None:
        ctx.engine.queue.defer(ctx.session, [Deferred(kind="message", id=id_)])
    return id_


def correlate(ctx: Context, message_id: int) -> None:
    """Give a message to the oldest subscription it fits, or let it start a procedure that begins with it.

    Nothing happens when it expired or was taken meanwhile."""
    from engine.runtime.unit import Unit

    message = ctx.session.get(Message, message_id)
    if message is None:
        return
    root_id = ctx.session.execute(
        select(MessageSubscription.root_id)
        .where(
            MessageSubscription.name == message.name,
            MessageSubscription.correlation_key == message.correlation_key,
        )
        .order_by(MessageSubscription.id)
        .limit(1)
    ).scalar()
    if root_id is None:
        begun = starts.waiting_for(ctx, "message", message.name)
        if begun and _take(ctx, message.id):
            starts.by_message(ctx, begun, message)
        return  # else it stays buffered: whoever subscribes before it expires takes it
    with Unit.of(ctx) as unit:
        if unit.lock(root_id).state == "suspended":
            return  # it waits; whoever resumes the case queues it again
        subscription = ctx.session.execute(
            select(MessageSubscription)
            .where(
                MessageSubscription.root_id == root_id,
                MessageSubscription.name == message.name,
                MessageSubscription.correlation_key == message.correlation_key,
            )
            .order_by(MessageSubscription.id)
            .limit(1)
        ).scalar()
        if subscription is None:
            # It went while we waited for the lock: another subscription may fit.
            unit.deferred.append(Deferred(kind="message", id=message.id))
        elif _take(ctx, message.id):
            instance = unit.instance(subscription.instance_id)
            _deliver(unit, instance, subscription.subscription_id, subscription.element_id, message)


def take_buffered(unit: Unit, instance: ProcessInstance, effect: fx.MessageSubscribed) -> None:
    """A new subscription takes the oldest message that already waits for it."""
    _meet(unit.ctx, effect.name, effect.correlation_key)
    message = unit.ctx.session.execute(
        select(Message)
        .where(
            Message.name == effect.name,
            Message.correlation_key == effect.correlation_key,
            Message.correlated_at.is_(None),
            Message.expires_at > unit.ctx.now,
        )
        .order_by(Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).scalar_one_or_none()
    if message is not None and _take(unit.ctx, message.id):
        _deliver(unit, instance, effect.subscription_id, effect.element_id, message)


def _meet(ctx: Context, name: str, correlation_key: str) -> None:
    """Publishing and subscribing to one name and key wait for each other, or both could miss the other's row."""
    ctx.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, hashtextextended(:key, 0)))"),
        {"name": name, "key": correlation_key},
    )


def _take(ctx: Context, message_id: int) -> bool:
    """Mark the message taken; False when it was taken or has expired."""
    taken = ctx.session.execute(
        update(Message)
        .where(Message.id == message_id, Message.correlated_at.is_(None), Message.expires_at > ctx.now)
        .values(correlated_at=ctx.now)
        .returning(Message.id),
        execution_options={"synchronize_session": False},
    )
    return taken.scalar_one_or_none() is not None


def _deliver(
    unit: Unit, instance: ProcessInstance, subscription_id: int, element_id: str, message: Message
) -> None:
    unit.record(
        instance,
        "MessageCorrelated",
        element_id=element_id,
        activity_id=subscription_id,
        actor=message.published_by,
        name=message.name,
        variables=message.variables,
    )
    unit.execution(instance).deliver_message(subscription_id, message.variables)
