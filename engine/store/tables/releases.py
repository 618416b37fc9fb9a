"""Releases: versions that become current at a moment to come, and procedures that are retired."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class PlannedStart(Base):
    """A deployed version that becomes current when its time has come. Gone once it did, or was called off."""

    __tablename__ = "planned_start"
    __table_args__ = (Index("ix_planned_start_process_key", "process_key"),)

    id: Mapped[Id]
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"), unique=True)
    process_key: Mapped[str]
    at: Mapped[datetime]
    planned_at: Mapped[datetime]
    planned_by: Mapped[str]


class RetiredProcedure(Base):
    """A procedure no new case starts on. Running cases, and the calls they make, go on."""

    __tablename__ = "retired_procedure"

    process_key: Mapped[str] = mapped_column(primary_key=True)
    #: The version that was current last: what running cases of other procedures still call.
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"))
    reason: Mapped[str]
    retired_at: Mapped[datetime]
    retired_by: Mapped[str]
