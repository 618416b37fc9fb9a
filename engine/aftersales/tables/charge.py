"""Money the customer owes: a paid repair, a price difference, damage they caused."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant, Money


class Charge(Base):
    """An amount asked of the customer; settled as paid or unpaid, once."""

    __tablename__ = "charge"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("state IN ('open', 'paid', 'unpaid')", name="state"),
        CheckConstraint("(settled_at IS NULL) = (state = 'open')", name="settled_at"),
        Index("ix_charge_case_id", "case_id"),
        Index("ix_charge_customer_id", "customer_id"),
        Index("ix_charge_state_created_at", "state", "created_at"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    amount: Mapped[Money]
    purpose: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="open")
    created_at: Mapped[Instant]
    created_by: Mapped[str]
    settled_at: Mapped[Instant | None]
    settled_by: Mapped[str | None]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
