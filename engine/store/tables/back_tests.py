"""Back-tests: what a draft or version would have made of finished cases."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class BackTest(Base):
    """One run over the last finished cases of a procedure."""

    __tablename__ = "back_test"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
        CheckConstraint("(ended_at IS NOT NULL) = (state IN ('done', 'failed'))", name="ended"),
        CheckConstraint("last > 0 AND done >= 0", name="counts"),
        Index("ix_back_test_process_key", "process_key", "id"),
    )

    id: Mapped[Id]
    process_key: Mapped[str]
    #: The version that was tried; None: the open draft.
    definition_id: Mapped[int | None] = mapped_column(ForeignKey("process_definition.id"))
    #: Digest over the files as they were when it was asked for: a draft may be saved again afterwards.
    digest: Mapped[str]
    #: How many cases were asked for, there were, and are done.
    last: Mapped[int]
    total: Mapped[int | None]
    done: Mapped[int] = mapped_column(server_default="0")
    state: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    #: Why it failed, in English; empty otherwise.
    error: Mapped[str] = mapped_column(server_default="")


class BackTestCase(Base):
    """What became of one case."""

    __tablename__ = "back_test_case"

    back_test_id: Mapped[int] = mapped_column(
        ForeignKey("back_test.id", ondelete="CASCADE"), primary_key=True
    )
    instance_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("process_instance.id", ondelete="CASCADE"), primary_key=True
    )
    business_key: Mapped[str]
    #: False: the case does not go through its own version as it went, so nothing can be said.
    comparable: Mapped[bool]
    another_path: Mapped[bool]
    somebody_else: Mapped[bool]
    another_amount: Mapped[bool]
    longer: Mapped[bool]
    paid: Mapped[Decimal]
    #: None: not known, since it needs an answer before.
    would_pay: Mapped[Decimal | None]
    #: Seconds from start to end; None: not known.
    lasted: Mapped[int] = mapped_column(BigInteger)
    would_last: Mapped[int | None] = mapped_column(BigInteger)
    #: Element that needs an answer nobody gave, and why.
    stop_element: Mapped[str | None]
    stop_why: Mapped[str | None]
    #: What differs: steps, who is asked, what exactly has no answer.
    detail: Mapped[dict[str, Any]]
