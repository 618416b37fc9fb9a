"""Compensations: money paid beyond a refund. A case's compensations never exceed what was approved for it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant, Money


class Compensation(Base):
    """One payment of compensation. Append-only; a trigger adds it to its case, where the cap is."""

    __tablename__ = "compensation"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_compensation_case_id", "case_id"),
        Index("ix_compensation_paid_at_id", "paid_at", "id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("aftersales_case.id"))
    amount: Mapped[Money]
    purpose: Mapped[str]
    method: Mapped[str]
    paid_at: Mapped[Instant]
    paid_by: Mapped[str]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
