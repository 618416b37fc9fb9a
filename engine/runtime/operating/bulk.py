"""One thing done to many on the queue: each in a transaction of its own, with what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
import structlog
from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.orm import Session

from engine.runtime.context import SYSTEM, Context
from engine.runtime.edge import Commands
from engine.runtime.operating.actions import Target, action
from engine.runtime.queue import Deferred
from engine.runtime.refusals import NotFound, NothingChosen, ReasonMissing, Refusal
from engine.store.database import is_away
from engine.store.tables import BulkItem, BulkRun

log = structlog.get_logger()

#: Most that one run takes in; more is done in several.
MOST = 1000
#: Done in one piece of work: a second or two.
_AT_ONCE = 100
_FAILED = "It failed: {why}"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run is."""

    total: int
    done: int
    refused: int

    @property
    def waiting(self) -> int:
        """Those whose turn is still to come."""
        return self.total - self.done - self.refused


def begin(
    ctx: Context, key: str, targets: Sequence[Target], *, params: Mapping[str, str], reason: str
) -> BulkRun:
    """Queue what a preview showed, those that it refused noted as such. Raises `NothingChosen`, `ReasonMissing`."""
    if not reason.strip():
        raise ReasonMissing()
    if all(target.refusal for target in targets):
        raise NothingChosen()
    run = ctx.session.execute(
        insert(BulkRun)
        .values(action=key, params=params, reason=reason, started_at=ctx.now, started_by=ctx.actor.key)
        .returning(BulkRun)
    ).scalar_one()
    items = [
        {
            "run_id": run.id,
            "target_id": target.id,
            "business_key": target.business_key,
            "element_id": target.element_id,
            "definition_id": target.definition_id,
            "state": "refused" if target.refusal else "waiting",
            "why": _document(target.refusal) if target.refusal else {},
        }
        for target in targets[:MOST]
    ]
    ctx.session.execute(insert(BulkItem), items)
    ctx.engine.queue.defer(ctx.session, [Deferred(kind="bulk", id=run.id)])
    return run


def go_on(commands: Commands, run_id: int) -> None:
    """Do some of what waits in a run and queue the rest, so that no worker is kept from other work for long."""
    with commands.begin() as ctx:
        run = get(ctx.session, run_id)
    if all(_next(commands, run) for _ in range(_AT_ONCE)):
        with commands.begin() as ctx:
            ctx.engine.queue.defer(ctx.session, [Deferred(kind="bulk", id=run_id)])


def _next(commands: Commands, run: BulkRun) -> bool:
    """Do the next one of a run; False when none is left."""
    with commands.begin() as ctx:
        target_id = ctx.session.execute(
            select(BulkItem.target_id)
            .where(BulkItem.run_id == run.id, BulkItem.state == "waiting")
            .order_by(BulkItem.target_id)
            .limit(1)
        ).scalar()
    if target_id is None:
        return False
    try:
        with commands.begin(replace(SYSTEM, key=run.started_by)) as ctx:
            if _set(ctx, run.id, target_id, state="done"):
                action(run.action).do(ctx, target_id, run.params, run.reason)
    except Refusal as refusal:
        _refused(commands, run.id, target_id, _document(refusal))
    except Exception as error:  # one that fails keeps no other from being done
        if is_away(error):
            raise  # no failure of its own: the queue tries again
        log.warning("bulk_item_failed", run_id=run.id, target_id=target_id, exc_info=True)
        why = str(error) or type(error).__name__
        _refused(commands, run.id, target_id, {"sentence": _FAILED, "params": {"why": why}})
    return True


def _set(ctx: Context, run_id: int, target_id: int, **values: Any) -> bool:
    """Note what becomes of one that waits; False when another worker has done it."""
    noted = ctx.session.execute(
        update(BulkItem)
        .where(_item(run_id, target_id), BulkItem.state == "waiting")
        .values(**values)
        .returning(BulkItem.run_id)
    )
    return bool(noted.all())


def _refused(commands: Commands, run_id: int, target_id: int, why: Mapping[str, Any]) -> None:
    with commands.begin() as ctx:
        _set(ctx, run_id, target_id, state="refused", why=why)


def _item(run_id: int, target_id: int) -> ColumnElement[bool]:
    return (BulkItem.run_id == run_id) & (BulkItem.target_id == target_id)


def _document(refusal: Refusal) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(
        orjson.dumps({"sentence": refusal.sentence, "params": refusal.params}, default=str)
    )
    return document


class Kept(Refusal):
    """A refusal as a run keeps it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.sentence = document["sentence"]  # type: ignore[misc]
        super().__init__(**document["params"])


def get(session: Session, run_id: int) -> BulkRun:
    """A run. Raises `NotFound`."""
    run = session.get(BulkRun, run_id)
    if run is None:
        raise NotFound(what="run", id=run_id)
    return run


def items(session: Session, run_id: int, *, limit: int) -> list[BulkItem]:
    """What became of each: refused ones first, then as they were chosen."""
    return list(
        session.scalars(
            select(BulkItem)
            .where(BulkItem.run_id == run_id)
            .order_by((BulkItem.state == "refused").desc(), BulkItem.target_id)
            .limit(limit)
        )
    )


def progress(session: Session, run_id: int) -> Progress:
    """How far a run is."""
    counts = dict(
        session.execute(
            select(BulkItem.state, func.count()).where(BulkItem.run_id == run_id).group_by(BulkItem.state)
        ).all()
    )
    return Progress(total=sum(counts.values()), done=counts.get("done", 0), refused=counts.get("refused", 0))


def latest(session: Session, *, limit: int = 20) -> list[BulkRun]:
    """The newest runs."""
    return list(session.scalars(select(BulkRun).order_by(BulkRun.id.desc()).limit(limit)))
