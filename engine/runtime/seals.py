"""Seals: one Merkle root a day over the heads of all histories, chained to the seal before, kept in a table and as files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
import structlog
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from engine.runtime import history, receipts
from engine.runtime.context import Context, Engine
from engine.runtime.edge import Commands
from engine.runtime.history import GENESIS, Head
from engine.runtime.merkle import Tree
from engine.runtime.receipts import Receipts
from engine.runtime.seal_files import BadList, Folder, line
from engine.store.tables import Seal

log = structlog.get_logger(__name__)

FORMAT = 1
#: Under the installation's `var_dir`, where the settings name no other place.
FOLDER = "seals"
#: Event of the organisation's stream that tells of a seal.
EVENT = "HistorySealed"
#: Histories compared with the seal before in one statement.
_AT_ONCE = 500
#: Histories no longer as they were sealed the time before, that a seal names.
_MOST_NAMED = 100


@dataclass(frozen=True, kw_only=True)
class Sealing:
    """The document of a seal."""

    format: int
    number: int
    #: ISO 8601, UTC.
    at: str
    #: The day in the business's calendar.
    day: str
    #: Root of the Merkle tree (RFC 6962, SHA-256) over the lines of the list of heads, hexadecimal.
    root: str
    streams: int
    events: int
    #: SHA-256 of the document of the seal before; zeros for the first.
    previous: str
    #: Number of the seal whose list this one was compared with; None where there was none to compare with.
    compared_with: int | None
    #: Histories that were no longer as sealed then: [stream, case, sealed events].
    changed: list[list[Any]]


def read(document: bytes | str) -> Sealing:
    """A seal's document. Raises `ValueError` for what is none."""
    try:
        return Sealing(**orjson.loads(document))
    except TypeError as error:
        raise ValueError(str(error)) from error


def read_leniently(document: bytes | str) -> Sealing | None:
    """A seal's document, or None for what is none: somebody may have changed it."""
    try:
        return read(document)
    except ValueError:
        return None


def written(sealing: Sealing) -> bytes:
    """The document of a seal, always the same bytes."""
    return orjson.dumps(asdict(sealing), option=orjson.OPT_INDENT_2)


def digest(document: bytes | str) -> bytes:
    """What the next seal says of this one."""
    return hashlib.sha256(document.encode() if isinstance(document, str) else document).digest()


def folder(engine: Engine) -> Folder:
    """Where this installation keeps its seals."""
    return Folder(engine.settings.seals_dir or engine.var_dir / FOLDER)


def root(kept: Folder, number: int, tree: Tree | None = None) -> str | None:
    """The root over a kept list, hexadecimal; "" for a list that cannot be read, None where none is kept."""
    heads, tree = kept.heads(number), tree or Tree()
    if heads is None:
        return None
    try:
        for head in heads:
            tree.add(head.stream, line(head))
    except BadList:
        return ""
    return tree.root().hex()


def latest(session: Session) -> Seal | None:
    """The last seal of the table."""
    return session.scalars(select(Seal).order_by(Seal.number.desc()).limit(1)).first()


def recent(session: Session, limit: int) -> list[Seal]:
    """The last seals, newest first."""
    return list(session.scalars(select(Seal).order_by(Seal.number.desc()).limit(limit)))


def make(ctx: Context) -> Sealing:
    """Seal the history as it stands. What is already sealed is compared first, so that no later seal covers a change up."""
    _one_at_a_time(ctx.session)
    return _make(ctx)


def make_due(commands: Commands) -> Sealing | None:
    """Seal once a day of the business's calendar; None when today's is there."""
    with commands.begin() as ctx:
        _one_at_a_time(ctx.session)
        last = latest(ctx.session)
        if last is not None and _day(ctx, last.at) >= _day(ctx, ctx.now):
            return None
        made = _make(ctx)
    log.info("history_sealed", number=made.number, root=made.root, streams=made.streams)
    return made


def _one_at_a_time(session: Session) -> None:
    session.execute(text("LOCK TABLE seal IN EXCLUSIVE MODE"))


def _make(ctx: Context) -> Sealing:
    session, kept, last = ctx.session, folder(ctx.engine), latest(ctx.session)
    kept.settle(_name(last.number, _day(ctx, last.at)) if last else None)
    # Nothing is removed while the heads are read: what this seal misses it names for ever.
    session.execute(text("LOCK TABLE receipt IN SHARE MODE"))
    kept.settle_receipts(receipts.latest(session))
    # A number is never used twice, even where a backup was restored that knows less than the folder.
    number = max(last.number if last else 0, *kept.documents(), 0) + 1
    before = kept.heads(last.number) if last and root(kept, last.number) == read(last.document).root else None
    removed = receipts.valid(session, kept, since=last.number if last else None)
    comparing = _Comparing(session, before if before is not None else (), removed)
    name, tree, streams, events = _name(number, _day(ctx, ctx.now)), Tree(), 0, 0
    with kept.write_heads(name) as listed:
        for head in comparing.passing(_heads(session)):
            leaf = line(head)
            listed.add(leaf)
            tree.add(head.stream, leaf)
            streams, events = streams + 1, events + head.seq
    sealing = Sealing(
        format=FORMAT,
        number=number,
        at=moment(ctx.now),
        day=_day(ctx, ctx.now),
        root=tree.root().hex(),
        streams=streams,
        events=events,
        previous=(digest(last.document) if last else GENESIS).hex(),
        compared_with=last.number if last and before is not None else None,
        changed=[[each.stream, each.case, each.seq] for each in comparing.changed],
    )
    if sealing.changed:
        log.error("history_was_changed", seal=number, streams=[stream for stream, *_ in sealing.changed])
    document = written(sealing)
    kept.write_document(name, document)
    session.execute(
        insert(Seal),
        [{"number": number, "at": ctx.now, "document": document.decode(), "hash": digest(document)}],
    )
    history.record_organisation(ctx, EVENT, seal=number, root=sealing.root, hash=digest(document).hex())
    ctx.after_commit.append(partial(kept.publish, name))
    ctx.after_commit.append(partial(kept.forget_lists, ctx.engine.settings.seal_lists_kept))
    return sealing


def moment(at: datetime) -> str:
    """A moment as a seal says it."""
    said: str = orjson.loads(orjson.dumps(at.astimezone(UTC), option=orjson.OPT_UTC_Z))
    return said


def _name(number: int, day: str) -> str:
    return f"{number:06}-{day}"


def _day(ctx: Context, at: datetime) -> str:
    return at.astimezone(ctx.engine.calendar.tzinfo).date().isoformat()


_HEADS = text(
    "SELECT 0 AS stream, seq, hash, NULL AS business_key FROM organisation_stream WHERE seq > 0"
    " UNION ALL SELECT id, history_seq, history_hash, business_key FROM process_instance WHERE history_seq > 0"
    " ORDER BY stream"
)


def _heads(session: Session) -> Iterator[Head]:
    """Where every history ends, by stream, at one moment."""
    for row in session.execute(_HEADS, execution_options={"yield_per": 2000}):
        yield Head(stream=row.stream, seq=row.seq, hash=row.hash, case=row.business_key)


class _Comparing:
    """Compares heads that pass by with those of the seal before: a history only ever grows."""

    def __init__(self, session: Session, before: Iterable[Head], removed: Receipts) -> None:
        self._session, self._before, self._removed = session, iter(before), removed
        #: As sealed before, of histories that are otherwise now; the first of them.
        self.changed: list[Head] = []
        self._grown: list[Head] = []

    def passing(self, heads: Iterable[Head]) -> Iterator[Head]:
        """The same heads, one by one."""
        old = next(self._before, None)
        for head in heads:
            while old is not None and old.stream < head.stream:
                self._miss(old)
                old = next(self._before, None)
            if old is not None and old.stream == head.stream:
                if old.seq > head.seq or old.case != head.case:
                    self._change(old)
                elif old != head:
                    self._grow(old)
                old = next(self._before, None)
            yield head
        while old is not None:
            self._miss(old)
            old = next(self._before, None)
        self._look()

    def _miss(self, old: Head) -> None:
        if self._removed.removal(old) is None:
            self._change(old)

    def _change(self, old: Head) -> None:
        if len(self.changed) < _MOST_NAMED:
            self.changed.append(old)

    def _grow(self, old: Head) -> None:
        self._grown.append(old)
        if len(self._grown) == _AT_ONCE:
            self._look()

    def _look(self) -> None:
        """Whether the events where those histories ended are still the same."""
        grown, self._grown = self._grown, []
        stored = hashes(self._session, [(old.stream, old.seq) for old in grown])
        for old in grown:
            if stored.get((old.stream, old.seq)) != old.hash:
                self._change(old)


def hashes(session: Session, events: list[tuple[int, int]]) -> Mapping[tuple[int, int], bytes]:
    """The stored hashes of some events, by (stream, number)."""
    rows = session.execute(
        text(
            "SELECT stream, seq, hash FROM history_event JOIN unnest(CAST(:streams AS bigint[]), CAST(:seqs AS int[]))"
            " AS wanted (stream, seq) USING (stream, seq)"
        ),
        {"streams": [stream for stream, _ in events], "seqs": [seq for _, seq in events]},
    )
    return {(row.stream, row.seq): bytes(row.hash) for row in rows}
