"""What a case learns from its process instance: that it began, what its steps brought, that it ended."""

from __future__ import annotations

from sqlalchemy import func, insert, update

from engine.aftersales import attachments, cases
from engine.aftersales.tables import AftersalesCase
from engine.runtime import jobs
from engine.runtime.context import Context
from engine.runtime.history import Recorded
from engine.store.tables import ProcessInstance

_UNSYNCED = {"synchronize_session": False}


def started(ctx: Context, instance: ProcessInstance, event: Recorded) -> None:
    """Tie a root instance to its case.

    One started past `cases.open_case` (by the HTTP API) gets a case of its own.
    """
    if instance.parent_id is not None:
        return
    tied = ctx.session.execute(
        update(AftersalesCase)
        .where(AftersalesCase.number == instance.business_key, AftersalesCase.process_instance_id.is_(None))
        .values(process_instance_id=instance.id, definition_id=instance.definition_id)
        .returning(AftersalesCase.id),
        execution_options=_UNSYNCED,
    ).scalar_one_or_none()
    if tied is None and cases.by_number(ctx, instance.business_key) is None:
        ctx.session.execute(
            insert(AftersalesCase).values(
                number=instance.business_key,
                process_key=instance.process_key,
                process_instance_id=instance.id,
                definition_id=instance.definition_id,
                state=cases.REGISTERED,
                applied_at=event.at,
                opened_by=event.actor,
            )
        )


def step_completed(ctx: Context, instance: ProcessInstance, event: Recorded) -> None:
    """Files that came with a step's form belong to the case from now on."""
    attachments.adopt(ctx, instance.business_key, event.payload["values"])


def completed(ctx: Context, instance: ProcessInstance, event: Recorded) -> None:
    """The procedure came to its end."""
    _close(ctx, instance, event, "completed")


def cancelled(ctx: Context, instance: ProcessInstance, event: Recorded) -> None:
    """The procedure was ended from outside."""
    _close(ctx, instance, event, "cancelled")


def _close(ctx: Context, instance: ProcessInstance, event: Recorded, outcome: str) -> None:
    if instance.parent_id is not None:
        return
    awaited_by = ctx.session.execute(
        update(AftersalesCase)
        .where(AftersalesCase.process_instance_id == instance.id, AftersalesCase.closed_at.is_(None))
        .values(
            closed_at=event.at,
            outcome=outcome,
            first_answered_at=func.coalesce(AftersalesCase.first_answered_at, cases.first_step(), event.at),
        )
        .returning(AftersalesCase.awaited_by_job_id),
        execution_options=_UNSYNCED,
    ).scalar_one_or_none()
    if awaited_by is not None:
        jobs.wake(ctx, awaited_by)


def moved(ctx: Context, instance: ProcessInstance, event: Recorded) -> None:
    """The case goes on with another version."""
    ctx.session.execute(
        update(AftersalesCase)
        .where(AftersalesCase.process_instance_id == instance.id)
        .values(definition_id=instance.definition_id),
        execution_options=_UNSYNCED,
    )


#: Event type -> listener, for `engine.bootstrap`.
LISTENERS = {
    "ProcessInstanceStarted": started,
    "UserTaskCompleted": step_completed,
    "ProcessInstanceCompleted": completed,
    "ProcessInstanceCancelled": cancelled,
    "ProcessInstanceMoved": moved,
    "ProcessInstanceMovedBack": moved,
}
