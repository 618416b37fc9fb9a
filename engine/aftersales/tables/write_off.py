"""Write-off forms: the file behind a large compensation."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant, Money


class WriteOff(Base):
    """A filed write-off with its photos."""

    __tablename__ = "write_off"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_write_off_case_id", "case_id"),
        Index("ix_write_off_filed_at", "filed_at"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    amount: Mapped[Money]
    remark: Mapped[str] = mapped_column(server_default="")
    #: Attachment ids.
    photos: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    filed_at: Mapped[Instant]
    filed_by: Mapped[str]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
