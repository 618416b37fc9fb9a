"""The one append-only record of everything that happens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id

#: Events that tell values of variables: what was registered, filled in, corrected; what a process ended with.
VALUED = "'ProcessInstanceStarted', 'UserTaskCompleted', 'VariablesCorrected', 'ProcessInstanceCompleted'"
#: Those values, written as a search has to write them for the index to serve it.
VALUES = "COALESCE(payload::jsonb -> 'variables', payload::jsonb -> 'values')"


class HistoryEvent(Base):
    """One thing that happened, chained by hash to what happened before it in the same stream.

    A stream is a process instance; stream 0 is the organisation's own (deployments, drafts, people, imports).
    """

    __tablename__ = "history_event"
    __table_args__ = (
        UniqueConstraint("stream", "seq"),
        CheckConstraint("seq > 0", name="seq_positive"),
        CheckConstraint("octet_length(hash) = 32", name="hash_length"),
        Index("ix_history_event_business_key", "business_key", "id"),
        # Cases by who acted in them and by the elements they passed, both read from the index alone.
        Index("ix_history_event_actor", "actor", "business_key"),
        Index(
            "ix_history_event_passed",
            "element_id",
            "business_key",
            postgresql_where=text("type = 'ElementCompleted'"),
        ),
        # What was ever filled in, set or left at the end, as paths with their values.
        Index(
            "ix_history_event_values",
            literal_column(VALUES).label("told"),
            postgresql_using="gin",
            postgresql_ops={"told": "jsonb_path_ops"},
            postgresql_where=text(f"type IN ({VALUED})"),
        ),
        # What the organisation did meanwhile, for a case's timeline.
        Index("ix_history_event_organisation", "type", "at", postgresql_where=text("stream = 0")),
    )

    id: Mapped[Id]
    #: Process instance id; 0 is the organisation's stream.
    stream: Mapped[int] = mapped_column(BigInteger)
    #: 1, 2, 3 ... within the stream, without gaps.
    seq: Mapped[int]
    at: Mapped[datetime]
    #: "UserTaskCompleted", "TimerFired" ...
    type: Mapped[str]
    #: Key of the person who acted, or "system".
    actor: Mapped[str]
    element_id: Mapped[str | None]
    activity_id: Mapped[int | None]
    #: The case number.
    business_key: Mapped[str | None]
    #: Canonical JSON, kept as text: the hash is over exactly these bytes.
    payload: Mapped[str]
    #: SHA-256 over the previous hash and this event.
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class OrganisationStream(Base):
    """Head of stream 0; one row, locked while an event is appended to it."""

    __tablename__ = "organisation_stream"
    __table_args__ = (CheckConstraint("id = 0", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
