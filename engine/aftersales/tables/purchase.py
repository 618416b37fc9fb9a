"""Orders of missing goods and parts to the factory."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant


class Purchase(Base):
    """A purchase order with the date the factory promised."""

    __tablename__ = "purchase"
    __table_args__ = (
        CheckConstraint("state IN ('ordered', 'arrived', 'cancelled')", name="state"),
        CheckConstraint("(arrived_at IS NOT NULL) = (state = 'arrived')", name="arrived_at"),
        Index("ix_purchase_case_id", "case_id"),
        Index("ix_purchase_due", "promised_on", postgresql_where=text("state = 'ordered'")),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    state: Mapped[str] = mapped_column(server_default="ordered")
    ordered_at: Mapped[Instant]
    ordered_by: Mapped[str]
    promised_on: Mapped[date | None]
    arrived_at: Mapped[Instant | None]
    idempotency_key: Mapped[str] = mapped_column(unique=True)


class PurchaseLine(Base):
    """One product of a purchase order."""

    __tablename__ = "purchase_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_purchase_line_product_id", "product_id"),
    )

    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    quantity: Mapped[int]
