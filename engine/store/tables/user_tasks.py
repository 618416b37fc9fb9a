"""User tasks: what people have to do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id

_OPEN = text("state = 'created'")


class UserTask(Base):
    """One activation of a user task element, waiting for a person or done."""

    __tablename__ = "user_task"
    __table_args__ = (
        UniqueConstraint("instance_id", "activity_id"),
        CheckConstraint("state IN ('created', 'completed', 'cancelled')", name="state"),
        CheckConstraint("(ended_at IS NULL) = (state = 'created')", name="ended"),
        CheckConstraint("state <> 'completed' OR completed_by IS NOT NULL", name="completed_by"),
        CheckConstraint("priority BETWEEN 0 AND 100", name="priority"),
        Index("ix_user_task_mine", "assignee", "priority", "id", postgresql_where=_OPEN),
        Index("ix_user_task_groups", "candidate_groups", postgresql_using="gin", postgresql_where=_OPEN),
        Index("ix_user_task_users", "candidate_users", postgresql_using="gin", postgresql_where=_OPEN),
        Index("ix_user_task_turn", "turn", "id", postgresql_where=_OPEN),
        Index("ix_user_task_due", "due_at", "id", postgresql_where=_OPEN),
        # Rows lie in the order they came up in: this index of times costs next to nothing.
        Index("ix_user_task_created", "created_at", postgresql_using="brin"),
        Index("ix_user_task_case", "business_key", "id"),
        # Who did what in a case, and when first: of the independent, of the first answer, of people's cases.
        Index(
            "ix_user_task_doers",
            "business_key",
            "completed_by",
            "ended_at",
            postgresql_where=text("state = 'completed'"),
        ),
        # Cases by the role that had a hand in them.
        Index("ix_user_task_lane", "lane", "business_key"),
        Index(
            "ix_user_task_done",
            "completed_by",
            "ended_at",
            "id",
            postgresql_where=text("state = 'completed'"),
            # What people did in a month is counted without looking at the rows themselves.
            postgresql_include=["due_at", "process_key", "definition_id", "business_key", "follows_at"],
        ),
    )

    id: Mapped[Id]
    instance_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.id"))
    root_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.id"), index=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"))
    process_key: Mapped[str]
    business_key: Mapped[str]
    activity_id: Mapped[int]
    element_id: Mapped[str]
    #: The element's name in the source language; the version's words translate it.
    name: Mapped[str]
    #: The lane's role, or None where the diagram has no lanes.
    lane: Mapped[str | None]
    form_id: Mapped[str | None]
    state: Mapped[str]
    assignee: Mapped[str | None]
    candidate_groups: Mapped[list[str]]
    candidate_users: Mapped[list[str]]
    #: Elements whose doers may not act here (four-eyes), and cases whose workers may not.
    four_eyes: Mapped[list[str]]
    not_involved_in: Mapped[list[str]]
    #: The element's properties, evaluated.
    properties: Mapped[dict[str, Any]]
    priority: Mapped[int]
    due_at: Mapped[datetime | None]
    #: Whose turn it is: the more urgent priority first, then the nearer deadline. One number, so that lists read in order.
    turn: Mapped[float]
    follow_up_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    completed_by: Mapped[str | None]
    #: When the same person completed a step of the same case before; None for their first. Kept by a trigger.
    follows_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    #: What somebody typed and did not yet submit: a list of [field, text] as the form sends it.
    draft: Mapped[list[Any] | None] = mapped_column(JSONB)
    draft_by: Mapped[str | None]
    draft_at: Mapped[datetime | None]
