"""Carriers, the parcels that travel with them, and the pickups booked for buyers' returns."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant


class Carrier(Base):
    """A parcel service the company works with. The one with the lowest position is the default."""

    __tablename__ = "carrier"
    __table_args__ = (Index("ix_carrier_position", "position"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str] = mapped_column(server_default="")
    position: Mapped[int] = mapped_column(server_default=text("0"))
    #: Fetches parcels from the buyer's door.
    picks_up: Mapped[bool] = mapped_column(server_default=text("false"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))


class Parcel(Base):
    """A parcel to a customer (`out`) or back from one (`in`)."""

    __tablename__ = "parcel"
    __table_args__ = (
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
        CheckConstraint("carrier_id IS NOT NULL OR carrier_name <> ''", name="has_carrier"),
        CheckConstraint("intercepted_at IS NULL OR delivered_at IS NULL", name="intercepted_or_delivered"),
        Index("ix_parcel_tracking", "tracking"),
        Index("ix_parcel_order_id", "order_id"),
        Index("ix_parcel_case_id", "case_id"),
        Index("ix_parcel_carrier_id_shipped_at", "carrier_id", "shipped_at"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    direction: Mapped[str]
    carrier_id: Mapped[int | None] = mapped_column(ForeignKey("carrier.id"))
    #: As the buyer named it, when it is none of ours.
    carrier_name: Mapped[str] = mapped_column(server_default="")
    tracking: Mapped[str]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("customer_order.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    address: Mapped[str] = mapped_column(server_default="")
    shipped_at: Mapped[Instant]
    delivered_at: Mapped[Instant | None]
    intercepted_at: Mapped[Instant | None]
    idempotency_key: Mapped[str] = mapped_column(unique=True)


class ParcelLine(Base):
    """Goods in a parcel."""

    __tablename__ = "parcel_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        UniqueConstraint("parcel_id", "product_id"),
        Index("ix_parcel_line_product_id", "product_id"),
    )

    id: Mapped[Id]
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    quantity: Mapped[int]
    serials: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))


class Pickup(Base):
    """A carrier's appointment to fetch goods from the buyer."""

    __tablename__ = "pickup"
    __table_args__ = (
        Index("ix_pickup_case_id", "case_id"),
        Index("ix_pickup_carrier_id_at", "carrier_id", "at"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    carrier_id: Mapped[int] = mapped_column(ForeignKey("carrier.id"))
    address: Mapped[str]
    #: When the carrier comes.
    at: Mapped[Instant]
    booked_at: Mapped[Instant]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
