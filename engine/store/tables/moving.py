"""Moving instances to another version: runs over many, how each of them went, and what moves one back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class Move(Base):
    """One run: these instances to that version, or back from it."""

    __tablename__ = "move"
    __table_args__ = (
        CheckConstraint("kind IN ('there', 'back')", name="kind"),
        Index("ix_move_process", "process_key", "id"),
    )

    id: Mapped[Id]
    process_key: Mapped[str]
    #: there: to the version `to_id`; back: what the run from `from_id` to `to_id` moved, where it still can.
    kind: Mapped[str]
    from_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"))
    #: Element id -> id of the element that takes its place.
    mapping: Mapped[dict[str, Any]]
    reason: Mapped[str]
    started_at: Mapped[datetime]
    started_by: Mapped[str]


class MoveItem(Base):
    """One instance of a run."""

    __tablename__ = "move_item"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'moved', 'refused')", name="state"),
        Index("ix_move_item_waiting", "move_id", "instance_id", postgresql_where=text("state = 'waiting'")),
    )

    move_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("move.id"), primary_key=True)
    instance_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.id"), primary_key=True)
    business_key: Mapped[str]
    #: Revision of the instance when it was chosen: one that went on since is refused.
    revision: Mapped[int]
    state: Mapped[str]
    #: Why it was refused, as `engine.runtime.moving.reasons` writes them.
    reasons: Mapped[list[Any]] = mapped_column(JSONB)


class MovedInstance(Base):
    """An instance as it was before it was moved. Of use until it goes on; then it is swept away."""

    __tablename__ = "moved_instance"

    instance_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.id"), primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"))
    moved_at: Mapped[datetime]
    blob: Mapped[bytes] = mapped_column(LargeBinary)
    #: Table name -> its rows that the move changed, with the columns it changed as they were.
    rows: Mapped[dict[str, Any]]
    #: The instance as the move left it: while both are still so, nobody has touched it.
    revision: Mapped[int]
    history_seq: Mapped[int]
