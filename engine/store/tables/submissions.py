"""Submissions: drafts that wait for an administrator, and what scenarios made of a draft."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
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


class ScenarioRun(Base):
    """The scenarios of a procedure and of those that call it, played on one revision of a draft."""

    __tablename__ = "scenario_run"
    __table_args__ = (
        UniqueConstraint("draft_id", "revision"),
        CheckConstraint("state IN ('queued', 'running', 'done')", name="state"),
        CheckConstraint("done <= total", name="within"),
    )

    id: Mapped[Id]
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"))
    revision: Mapped[int]
    state: Mapped[str]
    #: How many scenarios there are, and how many have been played so far.
    total: Mapped[int] = mapped_column(server_default="0")
    done: Mapped[int] = mapped_column(server_default="0")
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: `[{process, name, failure}]` in the order played; failure is null for one that went as expected.
    results: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    #: Share of the procedure's sequence flows they passed (0..1); None until done.
    coverage: Mapped[float | None]
