"""Calls made to customers: what the calling rules count."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant


class CallLog(Base):
    """One call to a customer and how it ended."""

    __tablename__ = "call_log"
    __table_args__ = (
        CheckConstraint("outcome IN ('reached', 'unreachable', 'do_not_call')", name="outcome"),
        Index("ix_call_log_customer_id_at", "customer_id", "at"),
        Index("ix_call_log_case_id_at", "case_id", "at"),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    person: Mapped[str]
    at: Mapped[Instant]
    outcome: Mapped[str]
    remark: Mapped[str] = mapped_column(server_default="")
    idempotency_key: Mapped[str] = mapped_column(unique=True)
