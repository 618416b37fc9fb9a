"""Receipts: what was taken out of the history on purpose. Which of them count, and what is wrong with those that do not.

A receipt is a row, a file beside the seals, and an event of the organisation's history that holds its digest. Only where
file and event agree does it account for anything: whoever can write to the database alone can write no receipt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.runtime import history
from engine.runtime.history import Head
from engine.runtime.seal_files import Folder
from engine.store.tables import HistoryEvent, Receipt

FORMAT = 1
#: Event of the organisation's stream that tells of a receipt.
EVENT = "ReceiptWritten"

Kind = Literal["removal", "erasure"]

ROW_CHANGED = "the row in the database is not what was written"
ROW_MISSING = "it is gone from the database"
FILE_OTHER = "its file and the database do not say the same"
FILE_MISSING = "its file is missing"
UNTOLD = "the history of the organisation tells of it otherwise"
SENTENCES = (ROW_CHANGED, ROW_MISSING, FILE_OTHER, FILE_MISSING, UNTOLD)


@dataclass(frozen=True, kw_only=True)
class Document:
    """What a receipt says."""

    format: int
    number: int
    kind: Kind
    #: ISO 8601, UTC.
    at: str
    #: Key of the person, or "system", and why.
    by: str
    reason: str
    #: The last seal when it was written; 0 for none.
    seal: int
    #: Removed: [history, case, events, hash of the last one].
    histories: list[list[Any]]
    #: Erased: [history, event, its hash as it was recorded, the hash of what is left of it].
    events: list[list[Any]]
    #: What else is to be known: archives with their digests, how many values went.
    told: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ReceiptBreak:
    """Something wrong with a receipt."""

    number: int
    sentence: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """What is wrong, in English."""
        return self.sentence.format(**self.params)


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """What a receipt says of one event."""

    receipt: int
    #: The event's own hash, which the chain goes on with.
    hash: bytes
    #: The hash of the event as it reads without what was erased.
    left: bytes


def read(document: bytes | str) -> Document:
    """A receipt's document. Raises `ValueError` for what is none."""
    try:
        return Document(**orjson.loads(document))
    except TypeError as error:
        raise ValueError(str(error)) from error


def written(document: Document) -> bytes:
    """The document as it is kept, always the same bytes."""
    return orjson.dumps(asdict(document), option=orjson.OPT_INDENT_2)


def digest(document: bytes | str) -> bytes:
    """What the organisation's history says of a receipt."""
    return hashlib.sha256(document.encode() if isinstance(document, str) else document).digest()


class Receipts:
    """What the receipts that count say of histories and events."""

    def __init__(self, documents: Iterable[Document] = (), *, since: int | None = None) -> None:
        """`since`: of removals only those after that seal; before it a history is on no list any more."""
        self._removed: dict[int, tuple[int, int, str]] = {}
        self._erased: dict[tuple[int, int], Erasure] = {}
        for each in documents:
            if since is None or each.seal >= since:
                for stream, _, events, hash_ in each.histories:
                    self._removed[stream] = (each.number, events, hash_)
            for stream, seq, hash_, left in each.events:
                self._erased[stream, seq] = Erasure(
                    receipt=each.number, hash=bytes.fromhex(hash_), left=bytes.fromhex(left)
                )

    def removal(self, head: Head) -> int | None:
        """The receipt with which the history that ended so was removed."""
        number, events, hash_ = self._removed.get(head.stream, (None, 0, ""))
        # One that went on after that seal is removed as the next seal covers it.
        return number if events > head.seq or (events, hash_) == (head.seq, head.hash.hex()) else None

    def erasure(self, stream: int, seq: int) -> Erasure | None:
        """What was last erased of an event."""
        return self._erased.get((stream, seq))


#: Nothing was ever removed or erased.
NONE = Receipts()


def valid(session: Session, kept: Folder, *, since: int | None = None) -> Receipts:
    """The receipts that count: their files are what the organisation's history tells of."""
    documents, told = [], _told(session)
    for number, file in sorted(_files(kept, told).items()):
        if told.get(number) == digest(file).hex():
            documents.append(read(file))
    return Receipts(documents, since=since)


def check(session: Session, kept: Folder) -> Iterator[ReceiptBreak]:
    """Everything wrong with the receipts, by number."""
    stored = {row.number: row for row in session.scalars(select(Receipt).execution_options(yield_per=500))}
    told = _told(session)
    files = _files(kept, told)
    for number in sorted(stored.keys() | files.keys() | told.keys()):
        row, file = stored.get(number), files.get(number)
        if row is None:
            yield ReceiptBreak(number=number, sentence=ROW_MISSING)
        elif not _is_itself(row):
            yield ReceiptBreak(number=number, sentence=ROW_CHANGED)
        if file is None:
            yield ReceiptBreak(number=number, sentence=FILE_MISSING)
        elif row is not None and file != row.document.encode():
            yield ReceiptBreak(number=number, sentence=FILE_OTHER)
        document = file if file is not None else row.document if row else None
        if document is None or told.get(number) != digest(document).hex():
            yield ReceiptBreak(number=number, sentence=UNTOLD)


def latest(session: Session) -> int:
    """Number of the last receipt; 0 where there is none."""
    return session.scalar(select(func.max(Receipt.number))) or 0


def _files(kept: Folder, told: Mapping[int, str]) -> dict[int, bytes]:
    """The receipts' files. One that the history tells of is committed, under its name already or not yet."""
    pending = kept.pending_receipts()
    committed = {number: file for number, file in pending.items() if told.get(number) == digest(file).hex()}
    return {**committed, **kept.receipts()}


def _is_itself(row: Receipt) -> bool:
    try:
        said = read(row.document)
    except ValueError:
        return False
    streams = sorted({stream for stream, *_ in (*said.histories, *said.events)})
    return (
        digest(row.document) == row.hash
        and (said.number, said.kind, said.by) == (row.number, row.kind, row.by)
        and sorted(row.streams) == streams
    )


def _told(session: Session) -> dict[int, str]:
    """What the organisation's history says of each receipt: number -> hash of its document."""
    payloads = session.scalars(
        select(HistoryEvent.payload).where(
            HistoryEvent.stream == history.ORGANISATION, HistoryEvent.type == EVENT
        )
    )
    told = (orjson.loads(payload) for payload in payloads)
    return {each["receipt"]: each["hash"] for each in told}
