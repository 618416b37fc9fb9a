"""Verifying: recomputing every chain of the history and comparing it with its head and with what was sealed of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from engine.runtime.history import GENESIS, Head, link
from engine.runtime.receipts import NONE, Receipts
from engine.store.tables import ProcessInstance

#: Before the first stream there can be.
BEFORE_ALL = -(2**63)
#: Instances whose histories are read in one statement: some tens of thousands of events.
_SPAN = 500


@dataclass(frozen=True, kw_only=True)
class Break:
    """A place where a stored history is not what was recorded."""

    stream: int
    #: The event, or the last one there is.
    seq: int
    #: Number of the case as it was sealed or is stored; None for the organisation.
    case: str | None
    #: One of the sentences below, and what fills it.
    sentence: str
    params: Mapping[str, Any]

    @property
    def reason(self) -> str:
        """What is wrong, in English."""
        return self.sentence.format(**self.params)


CHANGED = "the event differs from what was recorded"
MISSING = "{n} event(s) missing"
ORDER = "the event stands before one that was recorded earlier"
OTHER_CASE = "the event was recorded for case {case}, and the case is now called {now}"
ORPHAN = "events of an instance that does not exist"
LOST = "the whole history is missing; recorded were {n} event(s)"
ENDS = "the history ends here; recorded were {n} event(s)"
OTHER_HEAD = "the last event is not the one the case says it ended with"
REWRITTEN = (
    "seal {number} of {day} was made over other contents: of events {first} to {last} one was written anew"
)
SEALED_MORE = "the history ends here; seal {number} of {day} was made over {n} event(s)"
REMOVED = "the case and its whole history are gone; seal {number} of {day} was made over {n} event(s)"
ERASED_OTHERWISE = "the event was erased by receipt {receipt}, and differs from what that left of it"
NOT_ERASED = "the event was erased by receipt {receipt}, and what was erased is there again"
#: What can be found, for whoever translates it.
SENTENCES = (
    CHANGED,
    MISSING,
    ORDER,
    OTHER_CASE,
    ORPHAN,
    LOST,
    ENDS,
    OTHER_HEAD,
    REWRITTEN,
    SEALED_MORE,
    REMOVED,
    ERASED_OTHERWISE,
    NOT_ERASED,
)


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What a seal says of some streams."""

    number: int
    #: The day it was made, ISO 8601.
    day: str
    heads: Mapping[int, Head]


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A stream that was checked."""

    stream: int
    case: str | None
    events: int
    breaks: Sequence[Break]
    #: The receipt with which it was removed; None: it is there, or missing without one.
    removed: int | None = None
    #: How many of its events each receipt erased, by its number.
    erased: Mapping[int, int] = field(default_factory=dict)


def verify(session: Session, stream: int | None = None, *, receipts: Receipts = NONE) -> Iterator[Break]:
    """Recompute every chain (or one) and yield each place where the stored history is not what was recorded."""
    if stream is not None:
        for chain in chains(session, stream - 1, stream, receipts=receipts):
            yield from chain.breaks
        return
    reached: int | None = BEFORE_ALL
    while reached is not None:
        after, reached = reached, next_span(session, reached)
        for chain in chains(session, after, reached, receipts=receipts):
            yield from chain.breaks


def next_span(session: Session, after: int, size: int = _SPAN) -> int | None:
    """The last of the next `size` instances; None where no instance follows, though events of none still may."""
    some = (
        select(ProcessInstance.id)
        .where(ProcessInstance.id > after)
        .order_by(ProcessInstance.id)
        .limit(size)
        .subquery()
    )
    return session.execute(select(func.max(some.c.id))).scalar()


def chains(
    session: Session,
    after: int,
    upto: int | None,
    sealed: Sealed | None = None,
    receipts: Receipts = NONE,
) -> Iterator[Chain]:
    """Check the streams after one number up to another (None: all that follow), against what was sealed of them and what
    receipts say was removed and erased.

    One statement, so that what is appended meanwhile is seen whole or not at all; rows stream by.
    """
    expected = dict(sealed.heads) if sealed else {}
    found = session.execute(_STORED, {"after": after, "upto": upto}, execution_options={"yield_per": 1000})
    for stream, rows in groupby(found, key=attrgetter("stream")):
        checking = _Checking(stream, sealed, expected.pop(stream, None), receipts)
        for row in rows:
            checking.event(row)
        yield checking.end()
    for lost in expected.values():
        checking = _Checking(lost.stream, sealed, lost, receipts)
        yield checking.end()


#: Every event beside the head that its instance (or the organisation) keeps; what has no counterpart is there too.
_STORED = text(
    """
    SELECT coalesce(e.stream, h.id) AS stream, e.id, e.seq, e.at, e.type, e.actor, e.element_id, e.activity_id,
           e.business_key, e.payload, e.hash, h.id AS head, h.seq AS head_seq, h.hash AS head_hash, h.business_key AS "case"
    FROM (
        SELECT id, history_seq AS seq, history_hash AS hash, business_key FROM process_instance
        WHERE id > :after AND (CAST(:upto AS bigint) IS NULL OR id <= :upto)
        UNION ALL
        SELECT id, seq, hash, NULL FROM organisation_stream
        WHERE id > :after AND (CAST(:upto AS bigint) IS NULL OR id <= :upto)
    ) h
    FULL JOIN (
        SELECT * FROM history_event
        WHERE stream > :after AND (CAST(:upto AS bigint) IS NULL OR stream <= :upto)
    ) e ON e.stream = h.id
    ORDER BY 1, e.seq
    """
)


class _Checking:
    """One stream while its events come by."""

    def __init__(self, stream: int, sealed: Sealed | None, expected: Head | None, receipts: Receipts) -> None:
        self._stream, self._sealed, self._expected, self._receipts = stream, sealed, expected, receipts
        self._case = expected.case if expected else None
        self._last: Any = None
        self._seq, self._hash, self._id, self._events = 0, GENESIS, 0, 0
        self._breaks: list[Break] = []
        self._removed: int | None = None
        self._erased: dict[int, int] = {}

    def event(self, row: Any) -> None:
        """The next event; or, with no number, the head of an instance that has none."""
        stream, id_, seq, at, type_, actor, element_id, activity_id, key, payload, hash_, head, *_, case = row
        if self._last is None:
            self._case = self._case or case or key
            if head is None:
                self._broken(seq, ORPHAN)
        self._last = row
        if seq is None:
            return
        self._events += 1
        if seq != self._seq + 1:
            self._broken(self._seq + 1, MISSING, n=seq - self._seq - 1)
        if id_ <= self._id:
            self._broken(seq, ORDER)
        expected = link(
            self._hash,
            stream=stream,
            seq=seq,
            at=at,
            type=type_,
            actor=actor,
            element_id=element_id,
            activity_id=activity_id,
            business_key=key,
            payload=payload,
        )
        if self._is_as_recorded(seq, expected, hash_) and case is not None and key != case:
            self._broken(seq, OTHER_CASE, case=key, now=case)
        sealed = self._expected
        if sealed is not None and sealed.seq == seq and sealed.hash != hash_:
            self._broken(seq, REWRITTEN, first=1, last=seq)
        self._seq, self._hash, self._id = seq, hash_, id_

    def _is_as_recorded(self, seq: int, found: bytes, recorded: bytes) -> bool:
        """Whether the event is what was recorded, or what a receipt left of it."""
        erasure = self._receipts.erasure(self._stream, seq)
        if erasure is None:
            if found != recorded:
                self._broken(seq, CHANGED)
            return found == recorded
        left = (recorded, found) == (erasure.hash, erasure.left)
        if left:
            self._erased[erasure.receipt] = self._erased.get(erasure.receipt, 0) + 1
        else:
            back = found == recorded == erasure.hash
            self._broken(seq, NOT_ERASED if back else ERASED_OTHERWISE, receipt=erasure.receipt)
        return left

    def end(self) -> Chain:
        """What was found of it."""
        head, sealed = self._last, self._expected
        if head is None:
            self._removed = self._receipts.removal(sealed) if sealed else None
            if self._removed is None:
                self._broken(0, REMOVED, n=sealed.seq if sealed else 0)
        elif head.head is not None and (head.head_seq, head.head_hash) != (self._seq, self._hash):
            if not self._events:
                self._broken(0, LOST, n=head.head_seq)
            elif head.head_seq != self._seq:
                self._broken(self._seq, ENDS, n=head.head_seq)
            else:
                self._broken(self._seq, OTHER_HEAD)
        if head is not None and sealed is not None and sealed.seq > self._seq:
            self._broken(self._seq, SEALED_MORE, n=sealed.seq)
        return Chain(
            stream=self._stream,
            case=self._case,
            events=self._events,
            breaks=tuple(self._breaks),
            removed=self._removed,
            erased=self._erased,
        )

    def _broken(self, seq: int, sentence: str, **params: Any) -> None:
        if self._sealed is not None:
            params |= {"number": self._sealed.number, "day": self._sealed.day}
        self._breaks.append(
            Break(stream=self._stream, seq=seq, case=self._case, sentence=sentence, params=params)
        )
