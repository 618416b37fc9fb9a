"""Checking by replay: every instance rebuilt from its inputs is, at every event, what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from engine.runtime import replay
from engine.runtime.context import Context
from engine.runtime.history import UnreadablePayload
from engine.runtime.replay import Diverged
from engine.store.tables import ProcessInstance


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What became of one instance's replay."""

    instance_id: int
    case: str | None
    #: Inputs that were replayed; at each of them the instance stood as the history tells.
    moments: int
    #: Where the replay parted from the history, or the rebuilt state from the kept one; "" for nowhere.
    trouble: str = ""


def check(ctx: Context, *, number: str = "") -> Iterator[Replayed]:
    """Every instance of a case, or of all cases, oldest first. What still runs has to stand as its kept state does."""
    query = select(ProcessInstance.id, ProcessInstance.business_key, ProcessInstance.blob).order_by(
        ProcessInstance.id
    )
    if number:
        query = query.where(ProcessInstance.business_key == number)
    for id_, case, blob in ctx.session.execute(query.execution_options(yield_per=200)):
        moments, trouble, last = 0, "", None
        try:
            for moment in replay.verified(ctx.session, ctx.engine, id_):
                moments, last = moments + 1, moment
            if blob is not None and (last is None or last.execution.dump() != blob):
                trouble = "the state that is kept is not the one that replaying gives"
        except (Diverged, UnreadablePayload) as error:
            trouble = str(error)
        yield Replayed(instance_id=id_, case=case, moments=moments, trouble=trouble)
