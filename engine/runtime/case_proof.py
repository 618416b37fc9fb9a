"""Proving one case: its histories against the last seal, and against the receipts of what was erased."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.runtime import receipts, seals
from engine.runtime.context import Context
from engine.runtime.seal_files import BadList, Folder
from engine.runtime.verifying import Break, Sealed, chains


@dataclass(frozen=True, kw_only=True)
class CaseProof:
    """What was found of a case."""

    #: The last seal whose list is kept, and its day, ISO 8601; None where there is none.
    seal: int | None
    day: str
    events: int
    #: Events that this seal covers.
    sealed: int
    #: Events erased by a receipt, by its number.
    erased: Mapping[int, int]
    breaks: Sequence[Break]


def prove(ctx: Context, streams: Sequence[int], kept: Folder | None = None) -> CaseProof:
    """Recompute the histories of a case. `kept`: another copy of the seals than the installation's own."""
    kept = kept or seals.folder(ctx.engine)
    sealed = _sealed(kept, frozenset(streams))
    written = receipts.latest(ctx.session)
    found = _prove(ctx, streams, kept, sealed)
    if found.breaks and receipts.latest(ctx.session) != written:
        # What was erased just now, while it was read, is no finding.
        found = _prove(ctx, streams, kept, sealed)
    return found


def _prove(ctx: Context, streams: Sequence[int], kept: Folder, sealed: Sealed | None) -> CaseProof:
    counted = receipts.valid(ctx.session, kept)
    events, erased, breaks = 0, Counter[int](), list[Break]()
    for stream in streams:
        own = sealed and Sealed(
            number=sealed.number,
            day=sealed.day,
            heads={stream: sealed.heads[stream]} if stream in sealed.heads else {},
        )
        for chain in chains(ctx.session, stream - 1, stream, own, counted):
            events += chain.events
            erased.update(chain.erased)
            breaks += chain.breaks
    return CaseProof(
        seal=sealed.number if sealed else None,
        day=sealed.day if sealed else "",
        events=events,
        sealed=sum(head.seq for head in sealed.heads.values()) if sealed else 0,
        erased=erased,
        breaks=breaks,
    )


def _sealed(kept: Folder, streams: frozenset[int]) -> Sealed | None:
    """What the last seal that can be trusted says of these histories: its list gives the root that it states."""
    documents = kept.documents()
    for number in kept.listed():
        said = seals.read_leniently(documents[number])
        if said is None or seals.root(kept, number) != said.root:
            continue
        try:
            heads = {head.stream: head for head in kept.heads(number) or () if head.stream in streams}
        except BadList:
            continue
        return Sealed(number=number, day=kept.day(number), heads=heads)
    return None
