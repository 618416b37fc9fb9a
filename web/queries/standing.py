"""Where the running cases of a version stand: how many wait at which element of its diagram."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import and_, func, select, union

from engine.runtime.context import Context
from engine.store.tables import (
    HistoryEvent,
    Job,
    MessageSubscription,
    ProcessInstance,
    SignalSubscription,
    Timer,
    UserTask,
)

#: Whatever waits has a row: steps, jobs, timers, messages and signals that are waited for.
_WAITING = (
    (UserTask, UserTask.state == "created"),
    (Job, Job.ended_at.is_(None)),
    (Timer, None),
    (MessageSubscription, None),
    (SignalSubscription, None),
)


def at_elements(ctx: Context, definition_id: int) -> Mapping[str, int]:
    """Element -> running cases of the version that wait there, in one statement."""
    running = and_(ProcessInstance.definition_id == definition_id, ProcessInstance.ended_at.is_(None))
    waiting = []
    for table, open_ in _WAITING:
        query = (
            select(table.instance_id, table.element_id)
            .join(ProcessInstance, ProcessInstance.id == table.instance_id)
            .where(running)
        )
        waiting.append(query if open_ is None else query.where(open_))
    found = union(*waiting, _calling(definition_id)).subquery()
    rows = ctx.session.execute(
        select(found.c.element_id, func.count(found.c.instance_id.distinct())).group_by(found.c.element_id)
    )
    return {element_id: n for element_id, n in rows}


def _calling(definition_id: int):  # type: ignore[no-untyped-def]
    """Cases that wait for a procedure they called; the call's element stands in the history alone."""
    called = select(ProcessInstance).where(ProcessInstance.ended_at.is_(None)).subquery()
    return (
        select(HistoryEvent.stream.label("instance_id"), HistoryEvent.element_id)
        .join(ProcessInstance, ProcessInstance.id == HistoryEvent.stream)
        .join(
            called,
            and_(
                called.c.parent_id == HistoryEvent.stream,
                called.c.parent_activity_id == HistoryEvent.activity_id,
            ),
        )
        .where(
            HistoryEvent.type == "ProcessCalled",
            ProcessInstance.definition_id == definition_id,
            ProcessInstance.ended_at.is_(None),
        )
    )
