"""The refund ledger: append-only, and bounded by what was paid.

The bounds are CHECKs on the order and its lines, kept current by the triggers in `ddl`: no path around Python
can pay a line beyond what was paid for it.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant, Json, Money


class Refund(Base):
    """Money paid back on an order: `total` = `goods` + `shipping` - `deducted`."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("goods >= 0 AND shipping >= 0 AND deducted >= 0 AND extra >= 0", name="amounts"),
        CheckConstraint("total = goods + shipping - deducted AND total >= 0", name="total"),
        UniqueConstraint("id", "order_id"),
        Index("ix_refund_order_id", "order_id"),
        Index("ix_refund_case_id", "case_id"),
        Index("ix_refund_payment_id", "payment_id"),
        Index("ix_refund_paid_at_id", "paid_at", "id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    #: Sum of the refund's lines (the database checks it at commit).
    goods: Mapped[Money]
    shipping: Mapped[Money] = mapped_column(server_default=text("0"))
    deducted: Mapped[Money] = mapped_column(server_default=text("0"))
    #: `{"deductions": [{"reason", "amount"}]}`, as decided.
    details: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    #: Coupons and points given back as such; not part of `total`.
    extra: Mapped[Money] = mapped_column(server_default=text("0"))
    total: Mapped[Money]
    #: Reason key.
    reason: Mapped[str] = mapped_column(server_default="")
    #: The payment it goes back to.
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"))
    method: Mapped[str]
    paid_at: Mapped[Instant]
    paid_by: Mapped[str]
    #: The job's key: the same one never pays twice.
    idempotency_key: Mapped[str] = mapped_column(unique=True)


class RefundLine(Base):
    """The part of a refund that belongs to one order line, before deductions."""

    __tablename__ = "refund_line"
    __table_args__ = (
        # Both keys carry the order, so a refund can only hold lines of its own order.
        ForeignKeyConstraint(["refund_id", "order_id"], ["refund.id", "refund.order_id"]),
        ForeignKeyConstraint(["order_line_id", "order_id"], ["order_line.id", "order_line.order_id"]),
        CheckConstraint("quantity >= 0 AND amount >= 0 AND quantity + amount > 0", name="amounts"),
        Index("ix_refund_line_order_line_id", "order_line_id"),
    )

    refund_id: Mapped[int] = mapped_column(primary_key=True)
    order_line_id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int]
    #: 0 for a price reduction on goods the buyer keeps.
    quantity: Mapped[int]
    amount: Mapped[Money]
