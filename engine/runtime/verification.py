"""Verification runs: the whole history walked span by span against the last seal, as one long piece of work can be told."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.runtime import receipts, seal_checks, seals
from engine.runtime.context import Context
from engine.runtime.edge import Commands
from engine.runtime.history import Head
from engine.runtime.queue import Deferred
from engine.runtime.receipts import Receipts
from engine.runtime.seal_files import BadList, Folder
from engine.runtime.verifying import BEFORE_ALL, REWRITTEN, Break, Sealed, chains, next_span
from engine.store.tables import ProcessInstance, Verification

#: Heads of a seal that are held at once.
_HELD = 2000
#: Places that are told one by one; with more than these the number says enough.
MOST = 50
#: Seconds between two notes of how far a run is.
_NOTED = 0.5


@dataclass(frozen=True, kw_only=True)
class Step:
    """One span of histories, checked."""

    #: The last stream of it; None: all are done.
    reached: int | None
    streams: int
    events: int
    breaks: Sequence[Break]
    #: Histories of the seal that were removed with a receipt; events erased by one, by its number.
    removed: int
    erased: Mapping[int, int]


class Walk:
    """Goes through all histories from a stream on, beside the list of the last seal. Holds one span at a time."""

    def __init__(self, kept: Folder, *, after: int = BEFORE_ALL, seal: int | None = None) -> None:
        """`seal`: compare with this one rather than with the last whose list is kept."""
        listed = kept.listed()
        #: Number of the seal it is compared with; None: there is none.
        self.seal = seal if seal in listed else (listed[0] if listed else None)
        self.after: int | None = after
        self._kept = kept
        self._receipts, self._written = Receipts(), -1
        self._heads: Iterator[Head] = iter(())
        self._day = ""
        if self.seal is not None:
            self._heads = kept.heads(self.seal, after=after) or iter(())
            self._day = kept.day(self.seal)
        self._next = self._head()

    def _head(self) -> Head | None:
        """The next of the list. One that cannot be read ends here; checking the seals says so."""
        try:
            return next(self._heads, None)
        except BadList:
            return None

    def step(self, session: Session) -> Step:
        """Check the next span."""
        assert self.after is not None
        upto, heads = next_span(session, self.after), {}
        while self._next is not None and (upto is None or self._next.stream <= upto):
            heads[self._next.stream] = self._next
            if len(heads) == _HELD:
                upto = self._next.stream
            self._next = self._head()
        sealed = Sealed(number=self.seal, day=self._day, heads=heads) if self.seal is not None else None
        found = self._checked(session, upto, sealed)
        # What was removed or erased just now, while this span was read, is no finding.
        while found.breaks and receipts.latest(session) != self._written:
            found = self._checked(session, upto, sealed)
        self.after = upto
        return found

    def _checked(self, session: Session, upto: int | None, sealed: Sealed | None) -> Step:
        assert self.after is not None
        if (written := receipts.latest(session)) != self._written:
            self._written, self._receipts = (
                written,
                receipts.valid(session, self._kept, since=self.seal),
            )
        streams, events, removed, breaks = 0, 0, 0, []
        erased: Counter[int] = Counter()
        for chain in chains(session, self.after, upto, sealed, self._receipts):
            removed += chain.removed is not None
            streams, events = streams + (chain.removed is None), events + chain.events
            erased.update(chain.erased)
            breaks += chain.breaks
        return Step(
            reached=upto, streams=streams, events=events, breaks=breaks, removed=removed, erased=erased
        )


def narrowed(session: Session, kept: Folder, seal: int | None, breaks: Iterable[Break]) -> list[Break]:
    """The same breaks; of what was written anew, only the events since the last earlier seal that still agrees."""
    found = list(breaks)
    open_ = {each.stream: at for at, each in enumerate(found) if each.sentence == REWRITTEN}
    for number in kept.listed():
        if not open_:
            break
        if seal is None or number >= seal:
            continue
        try:
            heads = [head for head in kept.heads(number) or () if head.stream in open_]
        except BadList:
            continue
        stored = seals.hashes(session, [(head.stream, head.seq) for head in heads])
        for head in heads:
            if stored.get((head.stream, head.seq)) == head.hash:
                at = open_.pop(head.stream)
                found[at] = replace(found[at], params={**found[at].params, "first": head.seq + 1})
    return found


def ask(ctx: Context) -> Verification:
    """Note that somebody wants the whole history checked."""
    total = ctx.session.execute(select(func.count()).select_from(ProcessInstance)).scalar_one()
    asked = Verification(
        asked_at=ctx.now,
        asked_by=ctx.actor.key,
        total=total + 1,
        streams=0,
        events=0,
        broken=0,
        breaks=[],
        removed=0,
        erased={},
        seal=Walk(seals.folder(ctx.engine)).seal,
    )
    ctx.session.add(asked)
    ctx.session.flush()
    return asked


def leave_to_workers(ctx: Context, verification_id: int) -> None:
    """Let a worker go on with it."""
    ctx.engine.queue.defer(ctx.session, [Deferred(kind="verification", id=verification_id)])


def run(commands: Commands, verification_id: int) -> None:
    """Do, or go on with, a verification until it ends."""
    with commands.begin() as ctx:
        walk = _taken_up(ctx, verification_id)
    while walk is not None and walk.after is not None:
        with commands.begin() as ctx:
            if not go_on(ctx, walk, verification_id, seconds=_NOTED):
                return


def _taken_up(ctx: Context, verification_id: int) -> Walk | None:
    found = ctx.session.get(Verification, verification_id)
    if found is None or found.ended_at is not None:
        return None
    after = BEFORE_ALL if found.reached is None else found.reached
    return Walk(seals.folder(ctx.engine), after=after, seal=found.seal)


def begin(ctx: Context, verification_id: int, *, seconds: float) -> None:
    """Do what can be done at once; what is left is for the workers."""
    walk = _taken_up(ctx, verification_id)
    if walk is not None and go_on(ctx, walk, verification_id, seconds=seconds):
        leave_to_workers(ctx, verification_id)


def go_on(ctx: Context, walk: Walk, verification_id: int, *, seconds: float) -> bool:
    """Check for so many seconds and note what was found; whether something is left, and nobody else is at it."""
    found = ctx.session.execute(
        select(Verification)
        .where(Verification.id == verification_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    reached = BEFORE_ALL if found.reached is None else found.reached
    if found.ended_at is not None or reached != walk.after:
        return False
    until, breaks = time.monotonic() + seconds, [_break(each) for each in found.breaks]
    while walk.after is not None and time.monotonic() < until:
        step = walk.step(ctx.session)
        found.streams, found.events = found.streams + step.streams, found.events + step.events
        found.broken += len(step.breaks)
        found.removed += step.removed
        found.erased = dict(
            Counter(found.erased) + Counter({str(receipt): n for receipt, n in step.erased.items()})
        )
        breaks += step.breaks[: MOST - len(breaks)]
    found.reached = walk.after
    told: list[dict[str, Any]] = [_told(each) for each in breaks]
    if walk.after is None:
        kept = seals.folder(ctx.engine)
        told = [_told(each) for each in narrowed(ctx.session, kept, walk.seal, breaks)]
        for what, checked in (("seal", seal_checks), ("receipt", receipts)):
            wrong = list(checked.check(ctx.session, kept))
            found.broken += len(wrong)
            told += [
                {what: each.number, "sentence": each.sentence, "params": dict(each.params)} for each in wrong
            ]
        found.ended_at = ctx.engine.clock.now()
    found.breaks = told
    ctx.session.flush()
    return walk.after is not None


def _told(each: Break) -> dict[str, Any]:
    return {
        "stream": each.stream,
        "seq": each.seq,
        "case": each.case,
        "sentence": each.sentence,
        "params": dict(each.params),
    }


def _break(told: dict[str, Any]) -> Break:
    return Break(**told)
