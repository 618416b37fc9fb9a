"""Checking the seals themselves: table, files, the history's own word of them, and the chain from each to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.runtime import history, seals
from engine.runtime.history import GENESIS
from engine.runtime.seal_files import Folder
from engine.store.tables import HistoryEvent, Seal

ROW_CHANGED = "the row in the database is not what was sealed"
ROW_MISSING = "it is gone from the database"
NOT_CHAINED = "it does not follow from the seal before it"
FILE_OTHER = "its file and the database do not say the same"
FILE_MISSING = "its file is missing"
UNTOLD = "the history of the organisation tells of it otherwise"
LIST_OTHER = "its list of histories is not the one it was made over"
LIST_MISSING = "its list of histories is missing, so single cases cannot be compared with it"
HAD_CHANGED = "when it was made, {n} history(ies) were no longer as sealed before: {cases}"
SENTENCES = (
    ROW_CHANGED,
    ROW_MISSING,
    NOT_CHAINED,
    FILE_OTHER,
    FILE_MISSING,
    UNTOLD,
    LIST_OTHER,
    LIST_MISSING,
    HAD_CHANGED,
)
#: Cases that a sentence names.
_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class SealBreak:
    """Something wrong with a seal."""

    number: int
    #: One of the sentences above, and what fills it.
    sentence: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """What is wrong, in English."""
        return self.sentence.format(**self.params)


def check(session: Session, kept: Folder) -> Iterator[SealBreak]:
    """Everything wrong with the seals, by number; the last one's list is counted again."""
    stored = {row.number: row for row in session.scalars(select(Seal).order_by(Seal.number))}
    files, told = kept.documents(), _told(session)
    previous: bytes | None = GENESIS
    for number in sorted(stored.keys() | files.keys() | told.keys()):
        row, file = stored.get(number), files.get(number)
        if row is None:
            yield SealBreak(number=number, sentence=ROW_MISSING)
        elif not _is_itself(row):
            yield SealBreak(number=number, sentence=ROW_CHANGED)
        if file is None:
            yield SealBreak(number=number, sentence=FILE_MISSING)
        elif row is not None and file != row.document.encode():
            yield SealBreak(number=number, sentence=FILE_OTHER)
        document = file if file is not None else row.document.encode() if row else None
        sealing = seals.read_leniently(document) if document is not None else None
        if document is not None and told.get(number) != seals.digest(document).hex():
            yield SealBreak(number=number, sentence=UNTOLD)
        if sealing is not None and previous is not None and sealing.previous != previous.hex():
            yield SealBreak(number=number, sentence=NOT_CHAINED)
        if sealing is not None and sealing.changed:
            cases = ", ".join(str(case or history.ORGANISATION) for _, case, _ in sealing.changed[:_NAMED])
            yield SealBreak(
                number=number, sentence=HAD_CHANGED, params={"n": len(sealing.changed), "cases": cases}
            )
        previous = seals.digest(document) if document is not None else None
    if files:
        yield from _list(kept, max(files), files[max(files)])


def _list(kept: Folder, number: int, document: bytes) -> Iterator[SealBreak]:
    root, sealing = seals.root(kept, number), seals.read_leniently(document)
    if root is None:
        yield SealBreak(number=number, sentence=LIST_MISSING)
    elif sealing is not None and sealing.root != root:
        yield SealBreak(number=number, sentence=LIST_OTHER)


def _is_itself(row: Seal) -> bool:
    sealing = seals.read_leniently(row.document)
    return (
        sealing is not None
        and seals.digest(row.document) == row.hash
        and sealing.number == row.number
        and seals.moment(row.at) == sealing.at
    )


def _told(session: Session) -> dict[int, str]:
    """What the organisation's history says of each seal: number -> hash of its document."""
    payloads = session.scalars(
        select(HistoryEvent.payload).where(
            HistoryEvent.stream == history.ORGANISATION, HistoryEvent.type == seals.EVENT
        )
    )
    told = (orjson.loads(payload) for payload in payloads)
    return {each["seal"]: each["hash"] for each in told}
