"""Timers that wait."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class Timer(Base):
    """A timer event waiting for its time; the row goes when it fires or is no longer waited for (history keeps both)."""

    __tablename__ = "timer"
    __table_args__ = (
        UniqueConstraint("instance_id", "timer_id"),
        Index("ix_timer_due", "due_at", "id", postgresql_where=text("queued_at IS NULL")),
    )

    id: Mapped[Id]
    instance_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.id"))
    root_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.id"), index=True)
    #: The timer's id within the instance's state.
    timer_id: Mapped[int]
    element_id: Mapped[str]
    due_at: Mapped[datetime]
    #: When its time had come and it was put on the queue; None while it only waits. What waits is never on the queue,
    #: where every look for work would pass it.
    queued_at: Mapped[datetime | None]
