"""What a repair leaves on record: visits, and receipts for goods taken in."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant, Json


class RepairVisit(Base):
    """A technician's visit: when, what was done, with which parts, in how many hours."""

    __tablename__ = "repair_visit"
    __table_args__ = (
        CheckConstraint("hours >= 0", name="hours"),
        Index("ix_repair_visit_case_id", "case_id"),
        Index("ix_repair_visit_technician_arrived_at", "technician", "arrived_at"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("aftersales_case.id"))
    technician: Mapped[str]
    appointed_at: Mapped[Instant | None]
    arrived_at: Mapped[Instant]
    work: Mapped[str] = mapped_column(server_default="")
    #: `{"parts": [{"sku", "quantity", "serials"}]}`
    parts: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    hours: Mapped[Decimal] = mapped_column(Numeric(6, 2), server_default=text("0"))
    result: Mapped[str] = mapped_column(server_default="")
    idempotency_key: Mapped[str] = mapped_column(unique=True)


class GoodsReceipt(Base):
    """The receipt a customer gets when goods are taken in; it is collected again when they come back."""

    __tablename__ = "goods_receipt"
    __table_args__ = (Index("ix_goods_receipt_case_id", "case_id"),)

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("aftersales_case.id"))
    goods: Mapped[str]
    condition: Mapped[str] = mapped_column(server_default="")
    issued_at: Mapped[Instant]
    issued_by: Mapped[str]
    #: Collected and signed; None while the goods are with us.
    returned_at: Mapped[Instant | None]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
