"""Messages to customers: an outbox."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant


class CustomerMessage(Base):
    """A message to a customer in their language, waiting to be sent or sent."""

    __tablename__ = "customer_message"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'sent', 'failed')", name="state"),
        CheckConstraint("(sent_at IS NOT NULL) = (state = 'sent')", name="sent_at"),
        Index("ix_customer_message_case_id_created_at", "case_id", "created_at"),
        Index("ix_customer_message_customer_id_created_at", "customer_id", "created_at"),
        Index("ix_customer_message_queued", "id", postgresql_where=text("state = 'queued'")),
        Index("ix_customer_message_failed", "id", postgresql_where=text("state = 'failed'")),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    #: `sms`, `wechat`, `email` ...
    channel: Mapped[str]
    #: Phone number or address it goes to, as known when it was written.
    recipient: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str]
    text: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="queued")
    created_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]
    #: How often sending it was tried since somebody asked for it.
    attempts: Mapped[int] = mapped_column(server_default="0")
    #: Why the last attempt to send it failed.
    problem: Mapped[str] = mapped_column(server_default="")
    idempotency_key: Mapped[str] = mapped_column(unique=True)
