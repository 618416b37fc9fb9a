"""Messages that arrive, and who waits for them; signals too."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class Message(Base):
    """A published message, kept until somebody takes it or it expires."""

    __tablename__ = "message"
    __table_args__ = (
        # The same message sent twice is one message.
        Index(
            "uq_message_unique_id",
            "name",
            "correlation_key",
            "message_id",
            unique=True,
            postgresql_where=text("message_id IS NOT NULL"),
        ),
        Index(
            "ix_message_buffered",
            "name",
            "correlation_key",
            "id",
            postgresql_where=text("correlated_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    name: Mapped[str]
    correlation_key: Mapped[str]
    #: The sender's own id, for deduplication; None where it gave none.
    message_id: Mapped[str | None]
    variables: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    published_by: Mapped[str]
    expires_at: Mapped[datetime]
    correlated_at: Mapped[datetime | None]


class MessageSubscription(Base):
    """An instance waiting for a message."""

    __tablename__ = "message_subscription"
    __table_args__ = (
        UniqueConstraint("instance_id", "subscription_id"),
        Index("ix_message_subscription_key", "name", "correlation_key", "id"),
    )

    id: Mapped[Id]
    instance_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.id"))
    root_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.id"), index=True)
    subscription_id: Mapped[int]
    element_id: Mapped[str]
    name: Mapped[str]
    correlation_key: Mapped[str]


class SignalSubscription(Base):
    """An instance that reacts to a signal."""

    __tablename__ = "signal_subscription"
    __table_args__ = (
        UniqueConstraint("instance_id", "subscription_id"),
        Index("ix_signal_subscription_name", "name"),
    )

    id: Mapped[Id]
    instance_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.id"))
    root_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.id"), index=True)
    subscription_id: Mapped[int]
    element_id: Mapped[str]
    name: Mapped[str]


class PendingSignal(Base):
    """A signal that an instance is to hear. The row goes when it has: heard once, however often it is delivered."""

    __tablename__ = "pending_signal"

    id: Mapped[Id]
    #: Row of `signal_subscription`, which may be gone by then: who no longer listens hears nothing. No foreign key: whoever
    #: throws a signal waits for nobody who listens.
    subscription: Mapped[int] = mapped_column(BigInteger)
    variables: Mapped[dict[str, Any]]
