"""Notes: how one colleague hands a case to another."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant


class Note(Base):
    """A progress note on a case, with the people it mentions."""

    __tablename__ = "note"
    __table_args__ = (
        CheckConstraint("btrim(text) <> ''", name="text"),
        Index("ix_note_case_id_at", "case_id", "at"),
        Index("ix_note_mentions", "mentions", postgresql_using="gin"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("aftersales_case.id"))
    person: Mapped[str]
    at: Mapped[Instant]
    text: Mapped[str]
    #: Person keys named with `@key` in the text.
    mentions: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
