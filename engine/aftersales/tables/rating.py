"""Satisfaction ratings and the plan of revisits after a case."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant


class Rating(Base):
    """What a customer thought of the service, the delivery or a revisit: 1 (bad) to 5 (good)."""

    __tablename__ = "rating"
    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        CheckConstraint("about ~ '^[a-z][a-z0-9_]*$'", name="about"),
        Index("ix_rating_case_id", "case_id"),
        Index("ix_rating_about_at", "about", "at"),
        Index("ix_rating_at", "at"),
        Index("ix_rating_customer_id", "customer_id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    about: Mapped[str]
    rating: Mapped[int]
    remark: Mapped[str] = mapped_column(server_default="")
    person: Mapped[str]
    at: Mapped[Instant]
    idempotency_key: Mapped[str] = mapped_column(unique=True)


class Revisit(Base):
    """One planned call after a case."""

    __tablename__ = "revisit"
    __table_args__ = (
        UniqueConstraint("case_id", "interval"),
        Index("ix_revisit_open_due", "due_at", postgresql_where=text("done_at IS NULL")),
        Index("ix_revisit_customer_id", "customer_id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("aftersales_case.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    #: ISO 8601 duration after the repair.
    interval: Mapped[str]
    due_at: Mapped[Instant]
    done_at: Mapped[Instant | None]
