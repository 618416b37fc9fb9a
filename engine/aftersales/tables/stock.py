"""Warehouses, what lies in them, what is held for a case, and the journal of what came and went."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant


class Warehouse(Base):
    """A place goods lie in. Exactly one is the default for handlers that name none."""

    __tablename__ = "warehouse"
    __table_args__ = (
        Index("uq_warehouse_default", "is_default", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str] = mapped_column(server_default="")
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
    #: Movement types whose goods come here instead of the default, such as `old_part`.
    receives: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))


class StockLevel(Base):
    """Pieces of one product in one warehouse. `on_hand` is kept by the stock journal's trigger."""

    __tablename__ = "stock_level"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="on_hand"),
        CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="reserved_within_on_hand"),
        Index("ix_stock_level_product_id", "product_id"),
    )

    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(server_default=text("0"))
    #: Held by reservations; free = on_hand - reserved.
    reserved: Mapped[int] = mapped_column(server_default=text("0"))


class StockReservation(Base):
    """Pieces held for a case until they are issued or let go."""

    __tablename__ = "stock_reservation"
    __table_args__ = (
        CheckConstraint("state IN ('held', 'released', 'issued')", name="state"),
        CheckConstraint("(ended_at IS NULL) = (state = 'held')", name="ended_at"),
        Index("ix_stock_reservation_case_id", "case_id"),
        Index("ix_stock_reservation_held", "warehouse_id", postgresql_where=text("state = 'held'")),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    state: Mapped[str] = mapped_column(server_default="held")
    created_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    idempotency_key: Mapped[str] = mapped_column(unique=True)


class StockReservationLine(Base):
    """One product of a reservation."""

    __tablename__ = "stock_reservation_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_stock_reservation_line_product_id", "product_id"),
    )

    reservation_id: Mapped[int] = mapped_column(ForeignKey("stock_reservation.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    quantity: Mapped[int]


class StockMovement(Base):
    """One entry of the stock journal. Append-only: a mistake is corrected by a movement the other way.

    Inserting it moves `stock_level.on_hand` (trigger), so stock always equals the sum of its movements.
    """

    __tablename__ = "stock_movement"
    __table_args__ = (
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("type ~ '^[a-z][a-z0-9_]*$'", name="type"),
        UniqueConstraint("idempotency_key", "product_id"),
        Index("ix_stock_movement_at_id", "at", "id"),
        Index("ix_stock_movement_warehouse_id_at", "warehouse_id", "at"),
        Index("ix_stock_movement_product_id_at", "product_id", "at"),
        Index("ix_stock_movement_type_at", "type", "at"),
        Index("ix_stock_movement_case_id", "case_id"),
        Index("ix_stock_movement_reservation_id", "reservation_id"),
        Index("ix_stock_movement_person_at", "person", "at"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    direction: Mapped[str]
    #: In: `return`, `exchange`, `purchase`, `old_part`, `showroom`, `opening`.
    #: Out: `after_sales`, `parts`, `exchange`.
    type: Mapped[str]
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    quantity: Mapped[int]
    serials: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    at: Mapped[Instant]
    #: Key of the person who moved the goods, or `system`.
    person: Mapped[str]
    #: Who signed the slip, where the procedure asks for a signature.
    signed_by: Mapped[str | None]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("stock_reservation.id"))
    idempotency_key: Mapped[str]
