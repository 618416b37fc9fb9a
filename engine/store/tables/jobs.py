"""Jobs: service tasks waiting for their handler."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class Job(Base):
    """One activation of a service task. The queue carries its id; this row carries what it is about."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("instance_id", "activity_id"),
        CheckConstraint(
            "state IN ('created', 'held', 'waiting', 'failed', 'completed', 'cancelled')", name="state"
        ),
        CheckConstraint(
            "(ended_at IS NULL) = (state IN ('created', 'held', 'waiting', 'failed'))", name="ended"
        ),
        CheckConstraint("retries_left >= 0", name="retries"),
        Index("ix_job_open", "type", "id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[Id]
    instance_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.id"))
    root_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.id"), index=True)
    process_key: Mapped[str]
    business_key: Mapped[str]
    activity_id: Mapped[int]
    element_id: Mapped[str]
    #: The service-task type: "refund.pay".
    type: Mapped[str]
    #: created: for a worker; held: its type is paused or its case suspended; waiting: the handler awaits something;
    #: failed: an incident is open.
    state: Mapped[str]
    retries_left: Mapped[int]
    attempts: Mapped[int]
    inputs: Mapped[dict[str, Any]]
    headers: Mapped[dict[str, Any]]
    #: Never changes between retries: what makes an outside system do it once.
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    #: Not before then: backoff between retries.
    run_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None]
