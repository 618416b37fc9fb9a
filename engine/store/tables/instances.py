"""Process instances."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class ProcessInstance(Base):
    """One running or finished execution of a process definition."""

    __tablename__ = "process_instance"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'suspended', 'completed', 'cancelled')", name="state"),
        CheckConstraint("(ended_at IS NULL) = (state IN ('active', 'suspended'))", name="ended"),
        CheckConstraint("(parent_id IS NULL) = (parent_activity_id IS NULL)", name="parent"),
        Index("ix_process_instance_active", "process_key", "id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_process_instance_definition", "definition_id", "state"),
        # The last finished cases of a procedure: what a back-test takes.
        Index(
            "ix_process_instance_finished",
            "process_key",
            text("ended_at DESC"),
            text("id DESC"),
            postgresql_where=text("state = 'completed'"),
        ),
    )

    id: Mapped[Id]
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"))
    process_key: Mapped[str]
    #: The case number; the same for an instance and all it calls.
    business_key: Mapped[str] = mapped_column(index=True)
    #: The outermost instance: the row every command locks first, so that callers and callees never deadlock.
    root_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("process_instance.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("process_instance.id"), index=True)
    parent_activity_id: Mapped[int | None]
    state: Mapped[str]
    started_at: Mapped[datetime]
    started_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    #: The workflow's state, compressed, as `engine.bpmn` dumps it. BYTEA, because JSONB would reorder its keys.
    blob: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: Counts commands: the key, with the id, of the cache of live workflows.
    revision: Mapped[int]
    #: Variables at the outermost scope as last seen: a projection for lists and search, never read back by the engine.
    variables: Mapped[dict[str, Any]]
    #: Head of this instance's history stream.
    history_seq: Mapped[int]
    history_hash: Mapped[bytes] = mapped_column(LargeBinary)
