"""Seals over the whole history, and the runs that check it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class Seal(Base):
    """One Merkle root over the heads of all histories, chained to the seal before. Never changed; also kept as a file."""

    __tablename__ = "seal"
    __table_args__ = (
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("octet_length(hash) = 32", name="hash_length"),
    )

    #: 1, 2, 3 ... without gaps.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    #: What was sealed as JSON, kept as text: the hash is over exactly these bytes, and the file holds them too.
    document: Mapped[str]
    #: SHA-256 of the document.
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Verification(Base):
    """One check of the whole history that somebody asked for: how far it is, what it found."""

    __tablename__ = "verification"
    __table_args__ = (CheckConstraint("events >= 0 AND streams >= 0 AND broken >= 0", name="counts"),)

    id: Mapped[Id]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    #: Histories there were when it was asked for, and those checked so far.
    total: Mapped[int] = mapped_column(BigInteger)
    streams: Mapped[int] = mapped_column(BigInteger, server_default="0")
    events: Mapped[int] = mapped_column(BigInteger, server_default="0")
    #: Histories up to this one are checked; None: none yet.
    reached: Mapped[int | None] = mapped_column(BigInteger)
    #: Number of the seal it was checked against; None where there is none.
    seal: Mapped[int | None]
    #: Places found; the first of them in words: [{stream, seal, seq, case, sentence, params}].
    broken: Mapped[int] = mapped_column(BigInteger, server_default="0")
    breaks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    #: Histories of the seal that were removed with a receipt; events erased by one, by its number.
    removed: Mapped[int] = mapped_column(BigInteger, server_default="0")
    erased: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}")
