"""Messages to customers (an outbox) and notices to staff."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant, Json


class CustomerMessage(Base):
    """A message to a customer in their language, waiting to be sent or sent."""

    __tablename__ = "customer_message"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'sent', 'failed')", name="state"),
        CheckConstraint("(sent_at IS NOT NULL) = (state = 'sent')", name="sent_at"),
        Index("ix_customer_message_case_id_created_at", "case_id", "created_at"),
        Index("ix_customer_message_customer_id_created_at", "customer_id", "created_at"),
        Index("ix_customer_message_queued", "id", postgresql_where=text("state = 'queued'")),
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
    #: Why the last attempt to send it failed.
    problem: Mapped[str] = mapped_column(server_default="")
    idempotency_key: Mapped[str] = mapped_column(unique=True)


class StaffNotice(Base):
    """A notice in the inbox of a role or of one person, in every language of the product."""

    __tablename__ = "staff_notice"
    __table_args__ = (
        CheckConstraint("(role IS NULL) <> (person IS NULL)", name="role_or_person"),
        Index("ix_staff_notice_role_id", "role", "id"),
        Index("ix_staff_notice_person_id", "person", "id"),
        Index("ix_staff_notice_case_id", "case_id"),
    )

    id: Mapped[Id]
    role: Mapped[str | None]
    person: Mapped[str | None]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    #: `{"en": ..., "zh": ...}`
    texts: Mapped[Json]
    created_at: Mapped[Instant]
    idempotency_key: Mapped[str] = mapped_column(unique=True)


class StaffNoticeRead(Base):
    """That a person has read a notice."""

    __tablename__ = "staff_notice_read"

    notice_id: Mapped[int] = mapped_column(ForeignKey("staff_notice.id"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    read_at: Mapped[Instant]
