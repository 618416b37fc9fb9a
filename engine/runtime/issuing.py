"""Writing a receipt: first it is there, then what it names may go."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import insert, text

from engine.runtime import history, receipts, seals
from engine.runtime.context import Context
from engine.runtime.receipts import Document, Kind
from engine.store.tables import Receipt


def reserve(ctx: Context) -> int:
    """The number of the next receipt; until this command ends nobody else writes one."""
    ctx.session.execute(text("LOCK TABLE receipt IN EXCLUSIVE MODE"))
    last = receipts.latest(ctx.session)
    kept = seals.folder(ctx.engine)
    kept.settle_receipts(last)
    # A number is never used twice, even where a backup was restored that knows less than the folder.
    return max(last, *kept.receipts(), 0) + 1


def write(
    ctx: Context,
    number: int,
    kind: Kind,
    *,
    reason: str,
    cases: Sequence[str],
    histories: Sequence[Sequence[Any]] = (),
    events: Sequence[Sequence[Any]] = (),
    told: dict[str, Any],
) -> Document:
    """Write a receipt under a reserved number. In this command, what it names can then be removed or erased."""
    last, kept = seals.latest(ctx.session), seals.folder(ctx.engine)
    document = Document(
        format=receipts.FORMAT,
        number=number,
        kind=kind,
        at=seals.moment(ctx.now),
        by=ctx.actor.key,
        reason=reason,
        seal=last.number if last else 0,
        histories=[list(each) for each in histories],
        events=[list(each) for each in events],
        told=told,
    )
    content = receipts.written(document)
    kept.write_receipt(number, content)
    ctx.session.execute(
        insert(Receipt),
        [
            {
                "number": number,
                "kind": kind,
                "at": ctx.now,
                "by": ctx.actor.key,
                "streams": sorted({each[0] for each in (*histories, *events)}),
                "cases": list(cases),
                "document": content.decode(),
                "hash": receipts.digest(content),
            }
        ],
    )
    history.record_organisation(
        ctx,
        receipts.EVENT,
        receipt=number,
        kind=kind,
        cases=list(cases),
        reason=reason,
        hash=receipts.digest(content).hex(),
    )
    ctx.session.execute(
        text("SELECT set_config('aftercare.receipt', :number, true)"), {"number": str(number)}
    )
    ctx.after_commit.append(partial(kept.settle_receipts, number))
    return document
