"""What administrators do to running work: services paused, versions suspended, one thing done to many."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class PausedService(Base):
    """A service-task type whose jobs wait: the system that does them is down."""

    __tablename__ = "paused_service"

    #: "refund.pay".
    type: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    paused_at: Mapped[datetime]
    paused_by: Mapped[str]


class SuspendedVersion(Base):
    """A version on which no case starts."""

    __tablename__ = "suspended_version"

    definition_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("process_definition.id"), primary_key=True, autoincrement=False
    )
    version: Mapped[int]
    reason: Mapped[str]
    suspended_at: Mapped[datetime]
    suspended_by: Mapped[str]


class BulkRun(Base):
    """One thing done to many: what, why and by whom."""

    __tablename__ = "bulk_run"

    id: Mapped[Id]
    #: Key of the action, as `engine.runtime.operating.actions` has it.
    action: Mapped[str]
    #: What the action is told besides: to whom steps are given.
    params: Mapped[dict[str, Any]]
    reason: Mapped[str]
    started_at: Mapped[datetime]
    started_by: Mapped[str]


class BulkItem(Base):
    """One incident, user task or case of a run."""

    __tablename__ = "bulk_item"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'done', 'refused')", name="state"),
        CheckConstraint("(state = 'refused') = (why <> '{}')", name="why"),
        Index("ix_bulk_item_waiting", "run_id", "target_id", postgresql_where=text("state = 'waiting'")),
    )

    run_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("bulk_run.id"), primary_key=True)
    #: Row id of what the action is done to.
    target_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    business_key: Mapped[str]
    #: What it is, in words of the diagram: the element.
    element_id: Mapped[str]
    definition_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_definition.id"))
    state: Mapped[str]
    #: The refusal: its sentence and what it speaks of; empty where there was none.
    why: Mapped[dict[str, Any]]
