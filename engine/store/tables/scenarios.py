"""Trying procedures out: how scenarios went, and what people play. Neither is about a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class ScenarioRun(Base):
    """All scenarios that concern one draft revision or version, run once: its own and those of procedures that call it."""

    __tablename__ = "scenario_run"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'overtaken')", name="state"),
        CheckConstraint("(draft_id IS NULL) <> (definition_id IS NULL)", name="of_one"),
        CheckConstraint("(ended_at IS NULL) = (state IN ('waiting', 'running'))", name="ended"),
        Index(
            "ix_scenario_run_draft",
            "draft_id",
            "revision",
            "id",
            postgresql_where=text("draft_id IS NOT NULL"),
        ),
        Index(
            "ix_scenario_run_definition",
            "definition_id",
            "id",
            postgresql_where=text("definition_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    process_key: Mapped[str]
    draft_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("draft.id"))
    #: Of the draft; 0 for a version.
    revision: Mapped[int]
    definition_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("process_definition.id"))
    #: "overtaken": the draft was saved again meanwhile.
    state: Mapped[str]
    requested_at: Mapped[datetime]
    requested_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    #: How many scenarios there are; None until they are read.
    total: Mapped[int | None]
    #: A document for each that was run, as `engine.scenarios.trials` writes it: process, file, name, seconds, failure.
    results: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    #: {"covered": [sequence flows of the procedure], "uncovered": [...]}
    coverage: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    #: Why nothing could be run: the draft has errors, or a scenario file cannot be read. None where it could.
    refused: Mapped[str | None]


class Play(Base):
    """Somebody trying a procedure out: only what they entered is kept, and done again for each look."""

    __tablename__ = "play"
    __table_args__ = (
        CheckConstraint("moves > 0", name="moves_positive"),
        Index("ix_play_person", "person", "process_key", "id"),
    )

    id: Mapped[Id]
    process_key: Mapped[str]
    #: The version that is played; None: the open draft, as it is at each look.
    definition_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("process_definition.id"))
    person: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    #: Counts every move, so that two windows on one play never overwrite each other.
    moves: Mapped[int]
    #: A scenario in the making (`engine.scenarios.files.Story`), as JSON.
    story: Mapped[dict[str, Any]]
    #: What the registration form begins with: {"by": person, "form": values}.
    prepared: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
