"""How each person likes their lists: columns, and filters saved under a name."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant, Json


class ListPreference(Base):
    """Columns of one list for one person: `{"columns": [keys in order], "frozen": n}`."""

    __tablename__ = "list_preference"

    person: Mapped[str] = mapped_column(primary_key=True)
    #: Key of the list: `ledger`, `inbox`, `finance` ...
    list: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Json]
    changed_at: Mapped[Instant]


class SavedFilter(Base):
    """A filter of a list somebody saved, for themselves, for a role or for everybody."""

    __tablename__ = "saved_filter"
    __table_args__ = (
        UniqueConstraint("person", "list", "name"),
        CheckConstraint("role IS NULL OR shared", name="role_shared"),
        Index("ix_saved_filter_shared", "list", postgresql_where=text("shared")),
    )

    id: Mapped[Id]
    person: Mapped[str]
    list: Mapped[str]
    name: Mapped[str]
    #: The list's query string.
    query: Mapped[str]
    shared: Mapped[bool] = mapped_column(server_default=text("false"))
    #: The role it is shared with; None for everybody.
    role: Mapped[str | None]
    created_at: Mapped[Instant]
