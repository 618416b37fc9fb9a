"""Retention: cases that are held, and runs that archive and remove what was kept long enough."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant


class LegalHold(Base):
    """A case that stays whatever its age, and whose customer's data is not erased: a dispute, an authority's request."""

    __tablename__ = "legal_hold"
    __table_args__ = (CheckConstraint("btrim(reason) <> ''", name="reason"),)

    case_id: Mapped[int] = mapped_column(
        ForeignKey("aftersales_case.id"), primary_key=True, autoincrement=False
    )
    reason: Mapped[str]
    at: Mapped[Instant]
    #: Person key.
    by: Mapped[str]


class RetentionRun(Base):
    """One run over the cases that are due: how far it is, what it left where it was."""

    __tablename__ = "retention_run"
    __table_args__ = (CheckConstraint("most > 0 AND total >= 0 AND done >= 0", name="counts"),)

    id: Mapped[Id]
    asked_at: Mapped[Instant]
    #: Person key, or `system` for the daily run.
    asked_by: Mapped[str]
    reason: Mapped[str]
    #: Cases it may take at most, those that were due when it began, and those removed so far.
    most: Mapped[int]
    total: Mapped[int]
    done: Mapped[int]
    #: Due cases that stayed, and why: [{"case", "sentence"}].
    left: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    ended_at: Mapped[Instant | None]
