"""Attachments: photos and papers of a case. The bytes lie in a storage under their digest, once."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant


class Attachment(Base):
    """A file somebody added. Two attachments with the same content share one stored blob."""

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
        CheckConstraint("size > 0", name="size"),
        Index("ix_attachment_case_id", "case_id"),
        Index("ix_attachment_digest", "digest"),
        Index("ix_attachment_person_at", "person", "at"),
    )

    id: Mapped[Id]
    #: SHA-256 of the content, hexadecimal: its address in the storage.
    digest: Mapped[str]
    #: As uploaded, without any path.
    name: Mapped[str]
    #: Media type found in the bytes, not the one the browser claimed.
    type: Mapped[str]
    #: Bytes.
    size: Mapped[int]
    #: None until the form it was uploaded with opens a case.
    case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    person: Mapped[str]
    at: Mapped[Instant]
