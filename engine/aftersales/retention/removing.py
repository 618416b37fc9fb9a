"""Removing: the records of archived cases leave the database; what the accounts refer to stays.

What stays and why: docs/decisions/0011-what-stays-when-a-case-is-removed.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, delete, or_, select, update

from engine.aftersales.tables import (
    AftersalesCase,
    Attachment,
    CallLog,
    CaseFollower,
    CustomerMessage,
    GoodsReceipt,
    Note,
    Parcel,
    Pickup,
    Rating,
    RepairVisit,
    Revisit,
    StaffNotice,
    StaffNoticeRead,
    WriteOff,
)
from engine.runtime.context import Context
from engine.store.tables import (
    BackTestCase,
    HistoryEvent,
    Incident,
    Job,
    Message,
    MessageSubscription,
    MovedInstance,
    MoveItem,
    PendingSignal,
    ProcessInstance,
    SignalSubscription,
    Timer,
    UserTask,
)

#: What a case's instances leave beside their histories, in the order foreign keys ask for.
_OF_INSTANCES: Sequence[tuple[Any, Any]] = (
    (Timer, Timer.instance_id),
    (MessageSubscription, MessageSubscription.instance_id),
    (SignalSubscription, SignalSubscription.instance_id),
    (Incident, Incident.instance_id),
    (UserTask, UserTask.instance_id),
    (Job, Job.instance_id),
    (MovedInstance, MovedInstance.instance_id),
    (MoveItem, MoveItem.instance_id),
    (BackTestCase, BackTestCase.instance_id),
    (HistoryEvent, HistoryEvent.stream),
    (ProcessInstance, ProcessInstance.id),
)
#: What was written and sent about a case, in the same order.
_OF_CASES: Sequence[Any] = (
    Note,
    CaseFollower,
    CustomerMessage,
    CallLog,
    RepairVisit,
    GoodsReceipt,
    Revisit,
    Attachment,
)
#: Records of money and goods that stay: what they hold of a person is emptied.
_EMPTIED: Sequence[tuple[Any, dict[str, Any]]] = (
    (WriteOff, {"remark": "", "photos": []}),
    (Parcel, {"address": ""}),
    (Pickup, {"address": ""}),
    (Rating, {"remark": ""}),
)
_QUICK = {"synchronize_session": False}


def remove(
    ctx: Context, receipt: int, *, cases: Sequence[int], numbers: Sequence[str], instances: Sequence[int]
) -> list[str]:
    """Remove the records of cases that a receipt of this command names. Digests of files nothing refers to any more."""
    session = ctx.session
    digests = set(session.scalars(select(Attachment.digest).where(Attachment.case_id.in_(cases))))
    jobs = select(Job.id).where(Job.instance_id.in_(instances))
    session.execute(
        update(AftersalesCase)
        .where(AftersalesCase.awaited_by_job_id.in_(jobs))
        .values(awaited_by_job_id=None),
        execution_options=_QUICK,
    )
    session.execute(
        update(AftersalesCase)
        .where(AftersalesCase.id.in_(cases))
        .values(
            process_instance_id=None,
            awaited_by_job_id=None,
            receipt=receipt,
            summary="",
            improvement="",
            return_contact="",
            return_address="",
        ),
        execution_options=_QUICK,
    )
    listening = select(SignalSubscription.id).where(SignalSubscription.instance_id.in_(instances))
    notices = notices_of(cases)
    for gone in (
        delete(PendingSignal).where(PendingSignal.subscription.in_(listening)),
        delete(Message).where(Message.correlation_key.in_(numbers)),
        delete(StaffNoticeRead).where(StaffNoticeRead.notice_id.in_(notices)),
        delete(StaffNotice).where(StaffNotice.id.in_(notices)),
        *(delete(table).where(column.in_(instances)) for table, column in _OF_INSTANCES),
        *(delete(table).where(table.case_id.in_(cases)) for table in _OF_CASES),
        *(update(table).where(table.case_id.in_(cases)).values(**empty) for table, empty in _EMPTIED),
    ):
        session.execute(gone, execution_options=_QUICK)
    return unused(ctx, digests)


def notices_of(cases: Any) -> Select[tuple[int]]:
    """Ids of the notices to staff about cases, or about notes on them."""
    noted = select(Note.id).where(Note.case_id.in_(cases))
    return select(StaffNotice.id).where(or_(StaffNotice.case_id.in_(cases), StaffNotice.note_id.in_(noted)))


def unused(ctx: Context, digests: set[str]) -> list[str]:
    """Those digests of stored files that no attachment names any more."""
    used = select(Attachment.digest).where(Attachment.digest.in_(digests))
    return sorted(digests - set(ctx.session.scalars(used)))
