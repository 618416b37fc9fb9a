"""Process definitions: immutable versions of a procedure, and the drafts they come from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class Resource(Base):
    """The content of one file (diagram, decision table, form, translations), stored once by digest."""

    __tablename__ = "resource"

    #: SHA-256 of the content, hex.
    digest: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ProcessDefinition(Base):
    """One immutable version of a procedure: diagram, decision tables, forms and words deployed as one."""

    __tablename__ = "process_definition"
    __table_args__ = (
        UniqueConstraint("process_key", "version"),
        CheckConstraint("version > 0", name="version_positive"),
        # One current version a procedure: what a new case starts on.
        Index(
            "uq_process_definition_current", "process_key", unique=True, postgresql_where=text("is_current")
        ),
    )

    id: Mapped[Id]
    process_key: Mapped[str]
    version: Mapped[int]
    #: Name of the process in the source language, as drawn.
    name: Mapped[str]
    #: Digest over all resources: deploying the same content again makes no new version.
    digest: Mapped[str]
    is_current: Mapped[bool]
    note: Mapped[str] = mapped_column(server_default="")
    deployed_at: Mapped[datetime]
    #: Key of the person, or "system".
    deployed_by: Mapped[str]


class DefinitionResource(Base):
    """Which resource plays which part in a version."""

    __tablename__ = "definition_resource"
    __table_args__ = (CheckConstraint("kind IN ('bpmn', 'dmn', 'form', 'words')", name="kind"),)

    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    #: File name within its kind: "refund_review.dmn".
    name: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("resource.digest"))


class Draft(Base):
    """A process owner's working copy of a procedure, not yet a version."""

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'deployed', 'discarded')", name="state"),
        Index("uq_draft_open", "process_key", unique=True, postgresql_where=text("state = 'open'")),
    )

    id: Mapped[Id]
    process_key: Mapped[str]
    #: The version it was begun from; None for a new procedure.
    based_on: Mapped[int | None] = mapped_column(ForeignKey("process_definition.id"))
    state: Mapped[str]
    #: Counts every save: a save names the revision it was made from, so nobody overwrites another unknowingly.
    revision: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]
    #: Everybody who ever saved into it: none of them approves it.
    authors: Mapped[list[str]] = mapped_column(server_default="{}")


class DraftResource(Base):
    """One file of a draft."""

    __tablename__ = "draft_resource"
    __table_args__ = (CheckConstraint("kind IN ('bpmn', 'dmn', 'form', 'words')", name="kind"),)

    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    #: The draft's revision at which this file was last saved; 1 as it was copied or begun.
    revision: Mapped[int] = mapped_column(server_default="1")
    #: When and by whom this file was last saved; None as it was copied from the live version.
    updated_at: Mapped[datetime | None]
    updated_by: Mapped[str | None]


class DraftVisit(Base):
    """Who has an editor of a procedure open, so that two people on one draft see each other."""

    __tablename__ = "draft_visit"

    process_key: Mapped[str] = mapped_column(primary_key=True)
    person_key: Mapped[str] = mapped_column(primary_key=True)
    #: Name of the file in the editor.
    file: Mapped[str]
    seen_at: Mapped[datetime]
