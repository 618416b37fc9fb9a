"""Runs: many instances moved on the queue, each in a transaction of its own, with what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.orm import Session

from engine.runtime.context import SYSTEM, Context
from engine.runtime.edge import Commands
from engine.runtime.moving import apply, undo
from engine.runtime.moving.comparison import Comparison
from engine.runtime.moving.mapping import compare
from engine.runtime.moving.plan import Planned
from engine.runtime.moving.reasons import Reason
from engine.runtime.queue import Deferred
from engine.runtime.refusals import CannotBeMoved, NotFound, NothingToMove
from engine.store.database import is_away
from engine.store.tables import Move, MovedInstance, MoveItem, ProcessInstance

log = structlog.get_logger()

THERE, BACK = "there", "back"
#: Instances moved in one piece of work: a second or two.
_AT_ONCE = 100


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run is."""

    total: int
    moved: int
    refused: int

    @property
    def waiting(self) -> int:
        """Instances whose turn is still to come."""
        return self.total - self.moved - self.refused


def begin(ctx: Context, comparison: Comparison, planned: Sequence[Planned], *, reason: str) -> Move:
    """Put the instances of a dry run on the queue, those that it refused noted as such. Raises `NothingToMove`."""
    items = [
        {
            "instance_id": each.instance_id,
            "business_key": each.business_key,
            "revision": each.revision,
            "state": "refused" if each.reasons else "waiting",
            "reasons": [reason.document() for reason in each.reasons],
        }
        for each in planned
    ]
    return _begin(
        ctx,
        items,
        kind=THERE,
        process_key=comparison.old.key,
        from_id=comparison.old.id,
        to_id=comparison.new.id,
        mapping=comparison.mapping,
        reason=reason,
    )


def begin_back(ctx: Context, move_id: int, *, reason: str) -> Move:
    """Move back what a run moved and did not go on since. Raises `NotFound`, `NothingToMove`."""
    run = get(ctx.session, move_id)
    undo.sweep(ctx)
    items = [
        {
            "instance_id": row.instance_id,
            "business_key": row.business_key,
            "revision": row.revision,
            "state": "waiting" if row.kept else "refused",
            "reasons": [] if row.kept else [Reason(code="nothing_kept").document()],
        }
        for row in ctx.session.execute(
            select(
                MoveItem.instance_id,
                MoveItem.business_key,
                ProcessInstance.revision,
                (
                    MovedInstance.instance_id.is_not(None)
                    & (MovedInstance.definition_id == run.from_id)
                    & (ProcessInstance.definition_id == run.to_id)
                ).label("kept"),
            )
            .join(ProcessInstance, ProcessInstance.id == MoveItem.instance_id)
            .outerjoin(MovedInstance, MovedInstance.instance_id == MoveItem.instance_id)
            .where(MoveItem.move_id == move_id, MoveItem.state == "moved")
            .order_by(MoveItem.instance_id)
        )
    ]
    return _begin(
        ctx,
        items,
        kind=BACK,
        process_key=run.process_key,
        from_id=run.to_id,
        to_id=run.from_id,
        mapping={},
        reason=reason,
    )


def _begin(ctx: Context, items: list[dict[str, Any]], **values: Any) -> Move:
    if not any(item["state"] == "waiting" for item in items):
        raise NothingToMove()
    run = ctx.session.execute(
        insert(Move).values(started_at=ctx.now, started_by=ctx.actor.key, **values).returning(Move)
    ).scalar_one()
    ctx.session.execute(insert(MoveItem), [{"move_id": run.id, **item} for item in items])
    ctx.engine.queue.defer(ctx.session, [Deferred(kind="move", id=run.id)])
    return run


def work(commands: Commands, move_id: int, *, told: Callable[[str], None] = lambda _: None) -> None:
    """Move what still waits in a run, one instance after the other. Called any number of times.

    `told` hears what is being done.
    """
    while some(commands, move_id):
        with commands.begin() as ctx:
            far = progress(ctx.session, move_id)
        told(f"{far.total - far.waiting} of {far.total} done")


def go_on(commands: Commands, move_id: int) -> None:
    """Move some of what waits in a run and queue the rest, so that no worker is kept from other work for long."""
    if some(commands, move_id):
        with commands.begin() as ctx:
            ctx.engine.queue.defer(ctx.session, [Deferred(kind="move", id=move_id)])


def some(commands: Commands, move_id: int) -> bool:
    """Move a few instances of a run, in their order; whether there may be more."""
    with commands.begin() as ctx:
        run = get(ctx.session, move_id)
        comparison = compare(ctx, run.from_id, run.to_id, run.mapping)
        undo.sweep(ctx)
    return all(_next(commands, run, comparison) for _ in range(_AT_ONCE))


def _next(commands: Commands, run: Move, comparison: Comparison) -> bool:
    """Do the next instance of a run; False when none is left."""
    with commands.begin() as ctx:
        item = ctx.session.execute(
            select(MoveItem.instance_id, MoveItem.revision)
            .where(MoveItem.move_id == run.id, MoveItem.state == "waiting")
            .order_by(MoveItem.instance_id)
            .limit(1)
        ).one_or_none()
    if item is None:
        return False
    instance_id = item.instance_id
    try:
        with commands.begin(replace(SYSTEM, key=run.started_by)) as ctx:
            if not _claimed(ctx, run.id, instance_id):
                return True
            if run.kind == BACK:
                undo.move_back(ctx, instance_id, reason=run.reason)
            else:
                apply.move(ctx, instance_id, comparison, reason=run.reason, revision=item.revision)
    except CannotBeMoved as refusal:
        _refused(commands, run.id, instance_id, refusal.params["reasons"])
    except Exception as error:  # one instance that fails keeps no other from being moved
        if is_away(error):
            raise  # no failure of the instance's: the queue tries again
        log.warning("move_failed", move_id=run.id, instance_id=instance_id, exc_info=True)
        failed = Reason(code="failed", params={"why": str(error) or type(error).__name__})
        _refused(commands, run.id, instance_id, [failed])
    return True


def _claimed(ctx: Context, move_id: int, instance_id: int) -> bool:
    """Note an instance as moved, in the transaction that moves it; False when another worker has done it."""
    return bool(
        ctx.session.execute(
            update(MoveItem)
            .where(_item(move_id, instance_id), MoveItem.state == "waiting")
            .values(state="moved")
            .returning(MoveItem.move_id)
        ).all()
    )


def _refused(commands: Commands, move_id: int, instance_id: int, reasons: Sequence[Reason]) -> None:
    with commands.begin() as ctx:
        ctx.session.execute(
            update(MoveItem)
            .where(_item(move_id, instance_id), MoveItem.state == "waiting")
            .values(state="refused", reasons=[reason.document() for reason in reasons])
        )


def _item(move_id: int, instance_id: int) -> ColumnElement[bool]:
    return (MoveItem.move_id == move_id) & (MoveItem.instance_id == instance_id)


def get(session: Session, move_id: int) -> Move:
    """A run. Raises `NotFound`."""
    run = session.get(Move, move_id)
    if run is None:
        raise NotFound(what="move", id=move_id)
    return run


def items(session: Session, move_id: int, *, limit: int | None = None) -> list[MoveItem]:
    """What became of each instance of a run: refused ones first, then as they were chosen."""
    return list(
        session.scalars(
            select(MoveItem)
            .where(MoveItem.move_id == move_id)
            .order_by((MoveItem.state == "refused").desc(), MoveItem.instance_id)
            .limit(limit)
        )
    )


def progress(session: Session, move_id: int) -> Progress:
    """How far a run is."""
    counts = dict(
        session.execute(
            select(MoveItem.state, func.count()).where(MoveItem.move_id == move_id).group_by(MoveItem.state)
        ).all()
    )
    return Progress(
        total=sum(counts.values()), moved=counts.get("moved", 0), refused=counts.get("refused", 0)
    )


def runs(session: Session, process_key: str, *, limit: int = 20) -> list[Move]:
    """The runs of a procedure, newest first."""
    query = select(Move).where(Move.process_key == process_key).order_by(Move.id.desc()).limit(limit)
    return list(session.scalars(query))
