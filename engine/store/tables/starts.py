"""Starts that nobody makes by hand: what a procedure's start events wait for, and starts whose time will come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class StartSubscription(Base):
    """A message or signal that starts the current version of a procedure."""

    __tablename__ = "start_subscription"
    __table_args__ = (
        CheckConstraint("kind IN ('message', 'signal')", name="kind"),
        Index("ix_start_subscription_name", "kind", "name"),
    )

    id: Mapped[Id]
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"))
    process_key: Mapped[str] = mapped_column(index=True)
    #: The start event, or the receive task that begins a process.
    element_id: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]


class PendingStart(Base):
    """An instance that is to be started: by a timer at its time, by a signal at once. The row goes when it is started."""

    __tablename__ = "pending_start"
    __table_args__ = (Index("ix_pending_start_due", "due_at", "id"),)

    id: Mapped[Id]
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"))
    process_key: Mapped[str] = mapped_column(index=True)
    element_id: Mapped[str]
    #: The timer as drawn ("cycle", "R3/PT1H"), as text; None for a signal, which starts once and on any version.
    timer_kind: Mapped[str | None]
    timer_text: Mapped[str | None]
    #: Starts left, this one included; None means without end.
    repetitions: Mapped[int | None]
    due_at: Mapped[datetime]
    variables: Mapped[dict[str, Any]]
