"""Customers: who bought, how to reach them, and whether they may be called."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant


class Customer(Base):
    """A buyer. Whether they are *trusted* is computed from their orders and refunds, never stored."""

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint("tier IN ('standard', 'high_value')", name="tier"),
        CheckConstraint("do_not_call = (do_not_call_since IS NOT NULL)", name="do_not_call_since"),
        Index(
            "ix_customer_name_lower",
            func.lower(text("name")).label("lower_name"),
            postgresql_ops={"lower_name": "text_pattern_ops"},
        ),
        Index("ix_customer_phone", "phone", postgresql_ops={"phone": "text_pattern_ops"}),
        Index("ix_customer_service_manager", "service_manager"),
        Index("ix_customer_province", "province"),
    )

    id: Mapped[Id]
    #: The number the shop's own systems know the customer by.
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(server_default="")
    email: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str] = mapped_column(server_default="")
    province: Mapped[str] = mapped_column(server_default="")
    city: Mapped[str] = mapped_column(server_default="")
    tier: Mapped[str] = mapped_column(server_default="standard")
    #: Language of messages to them: `en` or `zh`.
    language: Mapped[str] = mapped_column(server_default="zh")
    do_not_call: Mapped[bool] = mapped_column(server_default=text("false"))
    do_not_call_since: Mapped[Instant | None]
    #: Person key of the service manager of a high-value customer.
    service_manager: Mapped[str | None]
    #: The receipt with which their personal data was erased.
    receipt: Mapped[int | None] = mapped_column(ForeignKey("receipt.number"))
    created_at: Mapped[Instant] = mapped_column(server_default=func.now())
