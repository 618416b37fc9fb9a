"""Submitted drafts as administrators and authors see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from engine.runtime import deployments, drafts, submissions
from engine.runtime.bundles import Bundle, Files
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.runtime.refusals import NotFound
from engine.store.tables import (
    Draft,
    PlannedStart,
    ProcessDefinition,
    ProcessInstance,
    RetiredProcedure,
    Submission,
)
from engine.store.tables import ScenarioRun as Run
from web.queries import step, studio
from web.queries.studio import Desk


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A submission in a line."""

    submission: Submission
    name: str
    by: str
    run: Run | None


@dataclass(frozen=True, kw_only=True)
class Review:
    """All that speaks for and against a submitted draft."""

    submission: Submission
    draft: Draft
    #: What is live now; None for a procedure that never was.
    live: ProcessDefinition | None
    #: Name of the procedure in the reader's language.
    name: str
    bundle: Bundle
    live_files: Files
    run: Run | None
    #: Keys of the authors, the submitter among them.
    authors: Sequence[str]
    #: Names of everybody mentioned, by key.
    people: Mapping[str, str]
    #: Open cases on the live version.
    running: int


def waiting(ctx: Context) -> list[Waiting]:
    """What waits for approval, the oldest first."""
    rows = ctx.session.execute(
        select(Submission, Run)
        .outerjoin(Run, (Run.draft_id == Submission.draft_id) & (Run.revision == Submission.revision))
        .where(Submission.state == "waiting")
        .order_by(Submission.id)
    ).all()
    if not rows:
        return []
    people = step.names(ctx, [submission.submitted_by for submission, _ in rows])
    live = _current(ctx)
    return [
        Waiting(
            submission=each,
            name=name_of(ctx, live.get(each.process_key) or studio.desk(ctx, each.process_key)),
            by=people.get(each.submitted_by, each.submitted_by),
            run=run,
        )
        for each, run in rows
    ]


def _current(ctx: Context) -> dict[str, Definition]:
    ids = ctx.session.execute(select(ProcessDefinition.id).where(ProcessDefinition.is_current)).scalars()
    found = (ctx.engine.definitions.get(ctx.session, id_) for id_ in ids.all())
    return {each.key: each for each in found}


def name_of(ctx: Context, procedure: Definition | Desk) -> str:
    """Name of a procedure in the actor's language: as live, else as drafted."""
    return procedure.translate(procedure.name, ctx.actor.language)


def review(ctx: Context, submission_id: int) -> Review:
    """A submission with all there is to know of it, decided or not. Raises `NotFound`."""
    submission = ctx.session.get(Submission, submission_id)
    if submission is None:
        raise NotFound(what="submission", id=submission_id)
    draft = ctx.session.get_one(Draft, submission.draft_id)
    live = ctx.session.execute(
        select(ProcessDefinition).where(
            ProcessDefinition.process_key == submission.process_key, ProcessDefinition.is_current
        )
    ).scalar_one_or_none()
    definition = ctx.engine.definitions.get(ctx.session, live.id) if live else None
    bundle = drafts.bundle(ctx, draft)
    drafted = Desk(key=draft.process_key, live=live, draft=draft, files=bundle.files)
    authors = sorted({*draft.authors, submission.submitted_by})
    running = (
        ctx.session.scalar(
            select(func.count()).where(
                ProcessInstance.definition_id == live.id, ProcessInstance.ended_at.is_(None)
            )
        )
        if live
        else 0
    )
    return Review(
        submission=submission,
        draft=draft,
        live=live,
        name=name_of(ctx, definition or drafted),
        bundle=bundle,
        live_files=deployments.files(ctx, live.id) if live else {},
        run=submissions.scenarios(ctx, submission),
        authors=authors,
        people=step.names(ctx, [*authors, submission.decided_by]),
        running=running or 0,
    )


def latest(ctx: Context, draft_id: int) -> Submission | None:
    """The last time a draft was submitted, whatever became of it."""
    return ctx.session.execute(
        select(Submission).where(Submission.draft_id == draft_id).order_by(Submission.id.desc()).limit(1)
    ).scalar_one_or_none()


def planned(ctx: Context) -> dict[int, PlannedStart]:
    """Versions that begin at a moment to come, by their id."""
    return {each.definition_id: each for each in ctx.session.scalars(select(PlannedStart))}


def retired(ctx: Context) -> dict[str, RetiredProcedure]:
    """Procedures nobody can start any more, by key."""
    return {each.process_key: each for each in ctx.session.scalars(select(RetiredProcedure))}


def live_digest(ctx: Context, process_key: str) -> str | None:
    """What the current version of a procedure holds, as a digest."""
    return ctx.session.execute(
        select(ProcessDefinition.digest).where(
            ProcessDefinition.process_key == process_key, ProcessDefinition.is_current
        )
    ).scalar()
