"""Submissions: a process owner gives a draft to be deployed; an administrator who is none of its authors decides."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from engine.runtime import deployments, drafts, history
from engine.runtime.context import Context
from engine.runtime.queue import Deferred
from engine.runtime.refusals import Refusal, Stale
from engine.store.tables import Draft, ProcessDefinition, ScenarioRun, Submission


class NothingToSubmit(Refusal):
    """A draft that changes nothing."""

    code = "nothing_to_submit"
    sentence = "This draft is the same as what is live: there is nothing to approve."


class NoteNeeded(Refusal):
    """Whoever approves has to know what for."""

    code = "note_needed"
    sentence = "Say what changes and why: the administrator and everybody after them read it."


class SelfApproval(Refusal):
    """Nobody approves what they worked on, unless config/organisation.toml allows it."""

    code = "self_approval"
    sentence = "{actor} worked on this draft and so may not approve it. Another administrator has to."


class ScenariosNotPassed(Refusal):
    """The scenarios fail on the draft, or nobody knows yet whether they do."""

    code = "scenarios_not_passed"
    sentence = (
        "{failed} of {total} scenarios do not pass, {open} have not been played yet. Return the draft, wait, or say "
        "that it is to be deployed all the same."
    )


class RemarkNeeded(Refusal):
    """A draft that comes back without a word helps nobody."""

    code = "remark_needed"
    sentence = "Say what has to be changed: its authors read it."


def waiting(ctx: Context, draft_id: int) -> Submission | None:
    """The submission a draft waits with, if it does."""
    return ctx.session.execute(
        select(Submission).where(Submission.draft_id == draft_id, Submission.state == "waiting")
    ).scalar_one_or_none()


def submit(
    ctx: Context, draft_id: int, *, note: str, revision: int, together_with: Collection[str] = ()
) -> Submission:
    """Give a draft, as seen at `revision`, to the administrators. Until they decide nobody changes it.

    Raises `NoteNeeded`, `Stale`, `NothingToSubmit`, `InvalidDeployment`, `drafts.DraftSubmitted`.
    """
    draft = drafts.lock(ctx, draft_id)
    if draft.revision != revision:
        raise Stale()
    if not note.strip():
        raise NoteNeeded()
    bundle = drafts.bundle(ctx, draft)
    live = ctx.session.execute(
        select(ProcessDefinition.digest).where(
            ProcessDefinition.process_key == draft.process_key, ProcessDefinition.is_current
        )
    ).scalar()
    if live == bundle.digest:
        raise NothingToSubmit()
    deployments.refuse_errors(bundle, deployments.check(ctx, bundle, together_with=together_with))
    submission = Submission(
        draft_id=draft_id,
        process_key=draft.process_key,
        revision=draft.revision,
        note=note.strip(),
        state="waiting",
        submitted_at=ctx.now,
        submitted_by=ctx.actor.key,
    )
    ctx.session.add(submission)
    ctx.session.flush()
    history.record_organisation(ctx, "DraftSubmitted", **_about(submission), note=submission.note)
    play_scenarios(ctx, draft)
    return submission


def play_scenarios(ctx: Context, draft: Draft) -> None:
    """Have the scenarios played on this revision of a draft, unless they were or are about to be."""
    run_id = ctx.session.execute(
        insert(ScenarioRun)
        .values(draft_id=draft.id, revision=draft.revision, state="queued", asked_at=ctx.now)
        .on_conflict_do_nothing()
        .returning(ScenarioRun.id)
    ).scalar()
    if run_id is not None:
        ctx.engine.queue.defer(ctx.session, [Deferred(kind="scenarios", id=run_id)])


def scenarios(ctx: Context, submission: Submission) -> ScenarioRun | None:
    """What the scenarios made of the submitted revision."""
    return ctx.session.execute(
        select(ScenarioRun).where(
            ScenarioRun.draft_id == submission.draft_id, ScenarioRun.revision == submission.revision
        )
    ).scalar_one_or_none()


def withdraw(ctx: Context, submission_id: int) -> Submission:
    """Take a draft back to go on editing it. Raises `Stale`."""
    submission = _lock(ctx, submission_id)
    _decide(ctx, submission, "withdrawn")
    history.record_organisation(ctx, "DraftWithdrawn", **_about(submission))
    return submission


def send_back(ctx: Context, submission_id: int, *, remark: str) -> Submission:
    """Return a draft to its authors with what has to be changed. Raises `Stale`, `RemarkNeeded`."""
    submission = _lock(ctx, submission_id)
    if not remark.strip():
        raise RemarkNeeded()
    draft = ctx.session.get_one(Draft, submission.draft_id)
    _decide(ctx, submission, "returned", remark.strip())
    history.record_organisation(
        ctx,
        "DraftReturned",
        **_about(submission),
        remark=submission.remark,
        authors=_authors(submission, draft),
    )
    return submission


def approve(
    ctx: Context,
    submission_id: int,
    *,
    at: datetime | None = None,
    remark: str = "",
    despite_scenarios: bool = False,
) -> ProcessDefinition:
    """Deploy a submitted draft, current at once or from `at` on.

    Raises `Stale`, `SelfApproval`, `ScenariosNotPassed`, `InvalidDeployment`, `StartInThePast`.
    """
    submission = _lock(ctx, submission_id)
    draft = ctx.session.get_one(Draft, submission.draft_id, with_for_update=True)
    authors = _authors(submission, draft)
    if ctx.actor.key in authors and not ctx.organisation.self_approval:
        raise SelfApproval(actor=ctx.actor.name)
    if not despite_scenarios:
        _check_scenarios(ctx, submission)
    definition, _ = deployments.deploy(ctx, drafts.bundle(ctx, draft), note=submission.note, at=at)
    draft.state = "deployed"
    submission.definition_id = definition.id
    _decide(ctx, submission, "approved", remark.strip())
    history.record_organisation(
        ctx,
        "DraftApproved",
        **_about(submission),
        version=definition.version,
        authors=authors,
        **({"at": at} if at else {}),
        **({"remark": submission.remark} if submission.remark else {}),
        **({"despite_scenarios": True} if despite_scenarios else {}),
    )
    return definition


def _authors(submission: Submission, draft: Draft) -> list[str]:
    """Everybody who saved into the draft, and whoever submitted it."""
    return sorted({*draft.authors, submission.submitted_by})


def _check_scenarios(ctx: Context, submission: Submission) -> None:
    run = scenarios(ctx, submission)
    failed = sum(bool(each["failure"]) for each in run.results) if run else 0
    if run is None or run.state != "done" or failed:
        total, done = (run.total, run.done) if run else (0, 0)
        raise ScenariosNotPassed(failed=failed, total=total, open=total - done)


def _lock(ctx: Context, submission_id: int) -> Submission:
    submission = ctx.session.execute(
        select(Submission).where(Submission.id == submission_id).with_for_update()
    ).scalar_one_or_none()
    if submission is None or submission.state != "waiting":
        raise Stale()
    return submission


def _decide(ctx: Context, submission: Submission, state: str, remark: str = "") -> None:
    submission.state, submission.remark = state, remark
    submission.decided_at, submission.decided_by = ctx.now, ctx.actor.key
    ctx.session.flush()


def _about(submission: Submission) -> dict[str, object]:
    return {
        "process": submission.process_key,
        "draft": submission.draft_id,
        "revision": submission.revision,
        "submission": submission.id,
    }
