"""Shops: the places and channels orders come from."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class Shop(Base):
    """A mall shop, a store, a website: rules differ by its sales channel."""

    __tablename__ = "shop"
    __table_args__ = (
        CheckConstraint("sales_channel IN ('mall', 'store', 'website', 'wechat')", name="sales_channel"),
        Index("ix_shop_sales_channel", "sales_channel"),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str] = mapped_column(server_default="")
    sales_channel: Mapped[str]
