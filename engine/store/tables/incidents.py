"""Incidents: places where an instance cannot go on until an operator mends something."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class Incident(Base):
    """Something an operator must mend: an expression that fails, a service that does not answer."""

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name="resolved"),
        Index(
            "uq_incident_open",
            "instance_id",
            "activity_id",
            unique=True,
            postgresql_where=text("resolved_at IS NULL"),
        ),
        Index("ix_incident_open", "process_key", "id", postgresql_where=text("resolved_at IS NULL")),
    )

    id: Mapped[Id]
    instance_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.id"))
    root_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.id"), index=True)
    process_key: Mapped[str]
    business_key: Mapped[str]
    activity_id: Mapped[int]
    element_id: Mapped[str]
    #: "expression", "job", "decision", "mapping", "conflict" ...
    kind: Mapped[str]
    message: Mapped[str]
    params: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
