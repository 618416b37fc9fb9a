"""Who follows a case."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Instant


class CaseFollower(Base):
    """That a person follows a case, or once chose not to any more."""

    __tablename__ = "case_follower"
    __table_args__ = (
        Index("ix_case_follower_person", "person", "case_id", postgresql_where=text("following")),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("aftersales_case.id"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    #: False once they chose to stop: what they do on the case later does not make them follow it again.
    following: Mapped[bool] = mapped_column(server_default=text("true"))
    since: Mapped[Instant]
