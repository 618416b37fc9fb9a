"""Products (goods and parts) and the public price list quotes are computed from."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Money


class Product(Base):
    """Something that is sold or used as a part, known by its SKU."""

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("list_price >= 0", name="list_price"),
        CheckConstraint("minimum_stock >= 0", name="minimum_stock"),
        CheckConstraint("kind ~ '^[a-z][a-z0-9_]*$'", name="kind"),
        Index("ix_product_kind", "kind"),
        Index("ix_product_model", "model"),
    )

    id: Mapped[Id]
    sku: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    #: Chinese name; empty means the name serves for both languages.
    name_zh: Mapped[str] = mapped_column(server_default="")
    #: Key decision tables read, such as `furniture`, `appliance` or `part`.
    kind: Mapped[str]
    model: Mapped[str] = mapped_column(server_default="")
    list_price: Mapped[Money]
    #: Below this number of free pieces a replenishment is due; 0 means never.
    minimum_stock: Mapped[int] = mapped_column(server_default=text("0"))
    #: Each piece carries its own serial number.
    serialised: Mapped[bool] = mapped_column(server_default=text("false"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))


class PriceListItem(Base):
    """One line of the public price list: a part's market price, an hour of labour, or a journey."""

    __tablename__ = "price_list_item"
    __table_args__ = (
        CheckConstraint("kind IN ('part', 'labour', 'travel')", name="kind"),
        CheckConstraint("(kind = 'part') = (product_id IS NOT NULL)", name="part_has_product"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        Index(
            "uq_price_list_item_kind_product_area_from",
            "kind",
            "product_id",
            "area",
            "valid_from",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    #: For travel: the area (province) the price is for; empty is everywhere else.
    area: Mapped[str] = mapped_column(server_default="")
    #: Per piece, per hour of labour, or per journey.
    price: Mapped[Money]
    valid_from: Mapped[date]
    #: Last day the price holds; None means until further notice.
    valid_to: Mapped[date | None]
