"""Serial numbers: each piece of serialised goods, traceable to the order and to its replacement."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant


class SerialNumber(Base):
    """One piece. A replacement is found by following `replaced_by_id`."""

    __tablename__ = "serial_number"
    __table_args__ = (
        CheckConstraint("state IN ('in_stock', 'sold', 'returned', 'replaced')", name="state"),
        CheckConstraint("replaced_by_id IS NULL OR state = 'replaced'", name="replaced_by"),
        CheckConstraint("replaced_by_id <> id", name="not_its_own_replacement"),
        Index("ix_serial_number_product_id_state", "product_id", "state"),
        Index("ix_serial_number_order_line_id", "order_line_id"),
        Index("ix_serial_number_customer_id", "customer_id"),
        Index("ix_serial_number_replaced_by_id", "replaced_by_id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_line.id"))
    #: Whose it is, for pieces sold without an order we know; otherwise the order says.
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    #: Warranty runs from here.
    delivered_at: Mapped[Instant | None]
    state: Mapped[str] = mapped_column(server_default="sold")
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("serial_number.id"))
