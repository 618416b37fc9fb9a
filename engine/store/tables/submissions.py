"""Submissions: drafts that wait for an administrator."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class Submission(Base):
    """A draft given to an administrator to approve, and what became of it."""

    __tablename__ = "submission"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'withdrawn', 'returned', 'approved')", name="state"),
        CheckConstraint("(decided_at IS NULL) = (state = 'waiting')", name="decided"),
        # A draft waits once; while it does nobody changes it.
        Index("uq_submission_waiting", "draft_id", unique=True, postgresql_where=text("state = 'waiting'")),
        Index("ix_submission_process_key", "process_key", "id"),
    )

    id: Mapped[Id]
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    process_key: Mapped[str]
    #: The revision of the draft that was submitted.
    revision: Mapped[int]
    #: What changes and why, in the owner's words.
    note: Mapped[str]
    state: Mapped[str]
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    #: What the administrator said.
    remark: Mapped[str] = mapped_column(server_default="")
    #: The version it became.
    definition_id: Mapped[int | None] = mapped_column(ForeignKey("process_definition.id"))
