"""A leaver's work: their open steps, given to a person who may do them or back to the role."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import ColumnElement, and_, func, or_

from engine.runtime import identity
from engine.runtime.assignment import check_candidate, check_independent
from engine.runtime.context import Context
from engine.runtime.refusals import OnlyTheirs, ReasonMissing, Stale
from engine.runtime.unit import Unit
from engine.runtime.user_tasks import reassign
from engine.store.tables import UserTask


def held_by(person: str) -> ColumnElement[bool]:
    """Open steps that are somebody's: claimed by or assigned to them, or for nobody else by the diagram."""
    for_them_alone = and_(
        UserTask.assignee.is_(None),
        UserTask.candidate_users.contains([person]),
        func.cardinality(UserTask.candidate_users) == 1,
        func.cardinality(UserTask.candidate_groups) == 0,
    )
    return and_(UserTask.state == "created", or_(UserTask.assignee == person, for_them_alone))


def check(ctx: Context, task: UserTask, *, to: str) -> None:
    """Refuse where `to` may not do the step, or no role could take it back where `to` is empty.

    Raises `FourEyesViolation`, `InvolvedInCase`, `NotACandidate`, `NotFound`, `OnlyTheirs`.
    """
    if not to:
        if not task.candidate_groups:
            raise OnlyTheirs(by=task.assignee or ", ".join(task.candidate_users))
        return
    theirs = replace(ctx, actor=identity.acting(ctx, to))
    # A step the diagram gives to one person by name says nothing of who else could do it.
    if task.candidate_groups:
        check_candidate(theirs, task)
    check_independent(theirs, task)


def hand_over(ctx: Context, user_task_id: int, *, person: str, to: str, reason: str) -> None:
    """Give a step of `person`'s to another, or back to the role. Raises what `check` does, `ReasonMissing`, and `Stale`
    when it is no longer theirs."""
    if not reason.strip():
        raise ReasonMissing()
    with Unit.of(ctx) as unit:
        task, _ = unit.user_task(user_task_id)
        if person not in (task.assignee, *task.candidate_users):
            raise Stale()
        check(ctx, task, to=to)
        reassign(ctx, user_task_id, to or None, reason=reason)
