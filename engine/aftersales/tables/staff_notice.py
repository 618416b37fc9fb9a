"""Notices to staff: what a procedure tells a role or a person, and that a note mentions somebody."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant, Json


class StaffNotice(Base):
    """A notice to a role or to one person, in every language of the product."""

    __tablename__ = "staff_notice"
    __table_args__ = (
        CheckConstraint("(role IS NULL) <> (person IS NULL)", name="role_or_person"),
        Index("ix_staff_notice_role_id", "role", "id"),
        Index("ix_staff_notice_person_id", "person", "id"),
        Index("ix_staff_notice_case_id", "case_id"),
        Index("ix_staff_notice_note_id", "note_id"),
    )

    id: Mapped[Id]
    role: Mapped[str | None]
    person: Mapped[str | None]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    #: The note that mentions the person; None for a notice of a procedure.
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    #: `{"en": ..., "zh": ...}`; empty where the note or the code says it.
    texts: Mapped[Json]
    #: What the product itself tells ("draft_returned"), the values in its sentence, and the page it leads to.
    code: Mapped[str | None]
    params: Mapped[Json] = mapped_column(server_default="{}")
    path: Mapped[str | None]
    created_at: Mapped[Instant]
    idempotency_key: Mapped[str] = mapped_column(unique=True)


class StaffNoticeRead(Base):
    """That a person has read a notice."""

    __tablename__ = "staff_notice_read"

    notice_id: Mapped[int] = mapped_column(ForeignKey("staff_notice.id"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    read_at: Mapped[Instant]
