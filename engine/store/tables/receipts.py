"""Receipts: what was taken out of the history on purpose, so that its absence is no finding."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class Receipt(Base):
    """Histories that were removed, or events whose personal data was erased. Never changed; also kept as a file."""

    __tablename__ = "receipt"
    __table_args__ = (
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("kind IN ('removal', 'erasure')", name="kind"),
        CheckConstraint("octet_length(hash) = 32", name="hash_length"),
        Index("ix_receipt_cases", "cases", postgresql_using="gin"),
    )

    #: 1, 2, 3 ... without gaps.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    at: Mapped[datetime]
    #: Key of the person, or "system".
    by: Mapped[str]
    #: The histories and cases it is about: the trigger of the history lets nothing else go.
    streams: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    cases: Mapped[list[str]] = mapped_column(ARRAY(Text))
    #: What it says as JSON, kept as text: the hash is over exactly these bytes, and the file holds them too.
    document: Mapped[str]
    #: SHA-256 of the document.
    hash: Mapped[bytes] = mapped_column(LargeBinary)
