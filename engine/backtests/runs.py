"""Runs: a back-test asked for, done on the queue a few cases at a time, kept with every case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from engine import bpmn, dmn, forms
from engine.backtests.figures import row
from engine.backtests.outcome import Outcome, outcome
from engine.backtests.past import read_all
from engine.runtime import definitions, deployments, drafts
from engine.runtime.bundles import Bundle
from engine.runtime.context import Context, Engine
from engine.runtime.definitions import Definition
from engine.runtime.edge import Commands
from engine.runtime.queue import Deferred
from engine.runtime.refusals import NotFound, Refusal
from engine.store.tables import BackTest, BackTestCase, ProcessDefinition, ProcessInstance

log = structlog.get_logger(__name__)

#: Cases in one transaction: as often the progress is told.
_AT_ONCE = 20
#: As many cases as anybody waits for.
MOST = 2000


class DraftUnfit(Refusal):
    """A draft with errors cannot run, so it cannot be tried either."""

    code = "draft_unfit"
    sentence = "The draft has problems. Mend them first."


class DraftChanged(Refusal):
    """The draft that was to be tried is no longer the one there is."""

    code = "draft_changed"
    sentence = "The draft was saved or given up meanwhile. Run the back-test again."


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """The version or draft that is tried."""

    definition: Definition
    digest: str


def candidate(ctx: Context, process_key: str, definition_id: int | None) -> Candidate:
    """A version, or with None the open draft. Raises `NotFound`, `DraftChanged`, `DraftUnfit`."""
    if definition_id is not None:
        version = ctx.session.get(ProcessDefinition, definition_id)
        if version is None or version.process_key != process_key:
            raise NotFound(what="version", id=definition_id)
        return Candidate(
            definition=ctx.engine.definitions.get(ctx.session, definition_id), digest=version.digest
        )
    draft = drafts.find(ctx, process_key)
    if draft is None:
        raise DraftChanged()
    bundle: Bundle = drafts.bundle(ctx, draft)
    if any(problem.severity == "error" for problem in deployments.check(ctx, bundle)):
        raise DraftUnfit()
    try:
        built = definitions.build(0, process_key, 0, bundle.files)
    except (bpmn.InvalidDiagram, dmn.InvalidDecision, forms.InvalidForm) as error:
        raise DraftUnfit() from error
    return Candidate(definition=built, digest=bundle.digest)


def ask(ctx: Context, process_key: str, definition_id: int | None, *, last: int) -> BackTest:
    """Queue a back-test over the last finished cases. Raises as `candidate` does."""
    asked = BackTest(
        process_key=process_key,
        definition_id=definition_id,
        digest=candidate(ctx, process_key, definition_id).digest,
        last=min(max(last, 1), MOST),
        state="queued",
        done=0,
        error="",
        asked_at=ctx.now,
        asked_by=ctx.actor.key,
    )
    ctx.session.add(asked)
    ctx.session.flush()
    ctx.engine.queue.defer(ctx.session, [Deferred(kind="back_test", id=asked.id)])
    return asked


def run(commands: Commands, back_test_id: int) -> None:
    """Do a back-test. Begun anew after an interruption it goes on with the cases that are not done."""
    with commands.begin() as ctx:
        found = ctx.session.get(BackTest, back_test_id)
        if found is None or found.state in ("done", "failed"):
            return
        try:
            tried = candidate(ctx, found.process_key, found.definition_id)
            if tried.digest != found.digest:
                raise DraftChanged()
        except Refusal as refusal:
            _end(ctx, found, "failed", str(refusal))
            return
        ids = finished(ctx.session, found.process_key, last=found.last, before=found.asked_at)
        done = set(
            ctx.session.scalars(
                select(BackTestCase.instance_id).where(BackTestCase.back_test_id == back_test_id)
            )
        )
        found.state, found.total = "running", len(ids)
        ctx.session.flush()
    left = [id_ for id_ in ids if id_ not in done]
    for at in range(0, len(left), _AT_ONCE):
        with commands.begin() as ctx:
            outcomes = list(through(ctx.session, ctx.engine, tried.definition, left[at : at + _AT_ONCE]))
            rows = [{"back_test_id": back_test_id, **row(each)} for each in outcomes]
            ctx.session.execute(insert(BackTestCase), rows)
            found = ctx.session.get_one(BackTest, back_test_id)
            found.done = len(ids) - len(left) + at + len(rows)
            ctx.session.flush()
    with commands.begin() as ctx:
        _end(ctx, ctx.session.get_one(BackTest, back_test_id), "done")
    log.info("back_test_done", back_test_id=back_test_id, cases=len(ids))


def _end(ctx: Context, found: BackTest, state: str, error: str = "") -> None:
    found.state, found.ended_at, found.error = state, ctx.now, error
    ctx.session.flush()


def finished(session: Session, process_key: str, *, last: int, before: datetime) -> Sequence[int]:
    """Instances of a procedure that came to their end by then, the last first."""
    return session.scalars(
        select(ProcessInstance.id)
        .where(
            ProcessInstance.process_key == process_key,
            ProcessInstance.state == "completed",
            ProcessInstance.ended_at <= before,
        )
        .order_by(ProcessInstance.ended_at.desc(), ProcessInstance.id.desc())
        .limit(last)
    ).all()


def through(
    session: Session, engine: Engine, definition: Definition, instance_ids: Sequence[int]
) -> Iterator[Outcome]:
    """What becomes of each case in `definition`. Reads only."""
    for at in range(0, len(instance_ids), _AT_ONCE):
        for past in read_all(session, engine, instance_ids[at : at + _AT_ONCE]):
            yield outcome(past, definition, engine)


def count_finished(session: Session, process_key: str) -> int:
    """How many cases of a procedure there are to try, up to the most that are taken."""
    some = (
        select(ProcessInstance.id)
        .where(ProcessInstance.process_key == process_key, ProcessInstance.state == "completed")
        .limit(MOST)
        .subquery()
    )
    return session.execute(select(func.count()).select_from(some)).scalar_one()
