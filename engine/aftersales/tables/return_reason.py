"""After-sales reasons, maintained by operations: added, edited, hidden and ordered without a deployment."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from engine.store.base import Base, Id


class ReturnReason(Base):
    """A reason a buyer may pick. Rules read its `kind`, people its label."""

    __tablename__ = "return_reason"
    __table_args__ = (
        CheckConstraint("key ~ '^[a-z][a-z0-9_]*$'", name="key"),
        CheckConstraint("kind ~ '^[a-z][a-z0-9_]*$'", name="kind"),
        Index("ix_return_reason_hidden_position", "hidden", "position"),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    label_zh: Mapped[str] = mapped_column(server_default="")
    #: What decision tables look at: `no_reason`, `quality`, `wrong_item` ...
    kind: Mapped[str]
    #: Process keys the reason is offered in; empty means in all.
    applies_to: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    position: Mapped[int] = mapped_column(server_default=text("0"))
    #: Hidden reasons stay on old cases but are no longer offered.
    hidden: Mapped[bool] = mapped_column(server_default=text("false"))
    requires_photo: Mapped[bool] = mapped_column(server_default=text("false"))
