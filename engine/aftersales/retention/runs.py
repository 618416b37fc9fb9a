"""Runs: due cases archived and removed, some at a time, each batch with its receipt, with what stayed and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine.aftersales import attachments, sealed_files
from engine.aftersales.retention import archives, due, removing
from engine.aftersales.retention.archives import Archive
from engine.aftersales.retention.due import Due
from engine.aftersales.retention.holds import ReasonNeeded
from engine.aftersales.sealed_files import Sealed
from engine.aftersales.tables import AftersalesCase, RetentionRun
from engine.runtime import issuing, receipts, seals, verifying
from engine.runtime.context import SYSTEM, Context
from engine.runtime.edge import Commands
from engine.runtime.queue import Deferred
from engine.runtime.receipts import Receipts
from engine.runtime.refusals import Refusal
from engine.store.tables import ProcessInstance

log = structlog.get_logger(__name__)

#: Cases of one batch: a few seconds, and one receipt.
AT_ONCE = 50
#: Why the daily run removes, and in which words its receipts say it.
DAILY = "Kept as long as the rules say"

NOT_SEALED = "no seal covers its histories to their end yet"
NOT_AS_RECORDED = "its history is not what was recorded: {reason}"
WENT_ON = "it went on, or somebody holds it, meanwhile"
NOT_PACKED = "its archive could not be written: {reason}"
#: Why due cases stay, for whoever translates it.
SENTENCES = (NOT_SEALED, NOT_AS_RECORDED, WENT_ON, NOT_PACKED)


class NothingDue(Refusal):
    """No case is due."""

    code = "nothing_due"
    sentence = "No case is due: nothing was kept longer than the rules say."


class RunGoingOn(Refusal):
    """Another run is not done yet."""

    code = "run_going_on"
    sentence = "Another run is going on. Wait until it is done."


@dataclass(frozen=True, kw_only=True)
class _Packed:
    """A case whose archive is written."""

    due: Due
    archive: Archive
    #: Its histories as they were archived: (id, events, hash).
    histories: Sequence[tuple[int, int, bytes]]


def ask(ctx: Context, *, reason: str) -> RetentionRun:
    """Note that what is due is to be archived and removed. Raises `ReasonNeeded`, `NothingDue`, `RunGoingOn`."""
    if not reason.strip():
        raise ReasonNeeded()
    if going_on(ctx.session) is not None:
        raise RunGoingOn()
    total, most = due.count(ctx), due.rules(ctx).most
    if not total:
        raise NothingDue()
    run = RetentionRun(
        asked_at=ctx.now,
        asked_by=ctx.actor.key,
        reason=reason.strip(),
        most=most,
        total=min(total, most),
        done=0,
        left=[],
    )
    ctx.session.add(run)
    ctx.session.flush()
    return run


def leave_to_workers(ctx: Context, run_id: int) -> None:
    """Let a worker do it."""
    ctx.engine.queue.defer(ctx.session, [Deferred(kind="retention", id=run_id)])


def going_on(session: Session) -> RetentionRun | None:
    """The run that is not done yet."""
    return session.scalars(select(RetentionRun).where(RetentionRun.ended_at.is_(None)).limit(1)).first()


def make_due(commands: Commands) -> RetentionRun | None:
    """The daily run; None where the rules want none, nothing is due, or one goes on."""
    with commands.begin() as ctx:
        if not due.rules(ctx).daily:
            return None
        try:
            run = ask(ctx, reason=DAILY)
        except (NothingDue, RunGoingOn):
            return None
        leave_to_workers(ctx, run.id)
        return run


def run(commands: Commands, run_id: int) -> None:
    """Do, or go on with, a run until it ends."""
    while step(commands, run_id):
        pass


def step(commands: Commands, run_id: int) -> bool:
    """One batch; whether something is left. First the archives are written, then the records go, all or none."""
    left: list[dict[str, Any]] = []
    with commands.begin() as ctx:
        asked = ctx.session.get(RetentionRun, run_id)
        if asked is None or asked.ended_at is not None:
            return False
        actor = SYSTEM if asked.asked_by == SYSTEM.key else replace(SYSTEM, key=asked.asked_by)
        room = min(AT_ONCE, asked.most - asked.done - len(asked.left))
        batch = due.cases(ctx, limit=room, but=[each["case"] for each in asked.left]) if room > 0 else []
        packed = _pack(ctx, batch, left)
    with commands.begin(actor) as ctx:
        found = ctx.session.execute(
            select(RetentionRun)
            .where(RetentionRun.id == run_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).scalar_one()
        done = _remove(ctx, packed, left, reason=found.reason) if packed else 0
        found.done += done
        found.left = [*found.left, *left]
        if not batch:
            found.ended_at = ctx.engine.clock.now()
        log.info("retention", run=run_id, removed=done, left=len(left))
    return bool(batch)


def _pack(ctx: Context, batch: Sequence[Due], left: list[dict[str, Any]]) -> list[_Packed]:
    """The archives of those that the last seal covers whole and that are still what was recorded."""
    histories: dict[str, list[tuple[int, int, bytes]]] = {each.number: [] for each in batch}
    for row in ctx.session.execute(
        select(
            ProcessInstance.business_key,
            ProcessInstance.id,
            ProcessInstance.history_seq,
            ProcessInstance.history_hash,
        )
        .where(ProcessInstance.business_key.in_(histories))
        .order_by(ProcessInstance.id)
    ):
        histories[row.business_key].append((row.id, row.history_seq, bytes(row.history_hash)))
    standing = sealed_files.sealed(ctx, [one[0] for each in histories.values() for one in each])
    counted = receipts.valid(ctx.session, seals.folder(ctx.engine))
    packed = []
    for each in batch:
        try:
            if why := _unfit(ctx, histories[each.number], standing, counted):
                left.append({"case": each.number, **why})
                continue
            own = {stream for stream, *_ in histories[each.number]}
            of_case = replace(
                standing, standings={s: said for s, said in standing.standings.items() if s in own}
            )
            archive = archives.pack(ctx, each, of_case)
        except DBAPIError:
            raise
        except Exception as error:  # whatever one case's file or page fails at, the others go on
            log.exception("archive_not_written", case=each.number)
            left.append({"case": each.number, "sentence": NOT_PACKED, "params": {"reason": str(error)}})
            continue
        packed.append(_Packed(due=each, archive=archive, histories=histories[each.number]))
    return packed


def _unfit(
    ctx: Context, histories: Sequence[tuple[int, int, bytes]], standing: Sealed, counted: Receipts
) -> dict[str, Any] | None:
    """Why a case may not be removed: a receipt would cover up what is wrong with it."""
    for stream, events, hash_ in histories:
        for found in verifying.verify(ctx.session, stream, receipts=counted):
            return {"sentence": NOT_AS_RECORDED, "params": {"reason": found.reason}}
        said = standing.standings.get(stream)
        if said is None or said.events != events or hash_.hex() not in said.leaf.decode():
            return {"sentence": NOT_SEALED, "params": {}}
    return None


def _remove(ctx: Context, packed: Sequence[_Packed], left: list[dict[str, Any]], *, reason: str) -> int:
    """Remove what was packed and is still due and as it was packed; how many cases that were."""
    numbers = [each.due.number for each in packed]
    ctx.session.execute(
        select(AftersalesCase.id)
        .where(AftersalesCase.number.in_(numbers))
        .order_by(AftersalesCase.id)
        .with_for_update()
    )
    now = {
        (row.id, row.history_seq, bytes(row.history_hash))
        for row in ctx.session.execute(
            select(ProcessInstance.id, ProcessInstance.history_seq, ProcessInstance.history_hash)
            .where(ProcessInstance.business_key.in_(numbers))
            .order_by(ProcessInstance.id)
            .with_for_update()
        )
    }
    still = {each.number for each in due.cases(ctx, limit=len(packed), only=numbers)}
    fit = [each for each in packed if each.due.number in still and now.issuperset(each.histories)]
    left += [
        {"case": each.due.number, "sentence": WENT_ON, "params": {}} for each in packed if each not in fit
    ]
    if not fit:
        return 0
    number = issuing.reserve(ctx)
    issuing.write(
        ctx,
        number,
        "removal",
        reason=reason,
        cases=[each.due.number for each in fit],
        histories=[
            (stream, each.due.number, events, hash_.hex())
            for each in fit
            for stream, events, hash_ in each.histories
        ],
        told={
            "cases": [
                {
                    "case": each.due.number,
                    "process": each.due.process_key,
                    "closed_at": seals.moment(each.due.closed_at),
                    "file": each.archive.file,
                    "sha256": each.archive.digest,
                    "bytes": each.archive.size,
                }
                for each in fit
            ]
        },
    )
    files = removing.remove(
        ctx,
        number,
        cases=[each.due.case_id for each in fit],
        numbers=[each.due.number for each in fit],
        instances=[stream for each in fit for stream, *_ in each.histories],
    )
    ctx.after_commit.append(partial(attachments.forget, ctx.engine, files))
    return len(fit)
