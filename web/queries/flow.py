"""How work flows through a version: how long its steps wait and take against their deadlines, what is done again, which ways
cases go. Counted over the steps people do; what only machines do takes no time worth a colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, case, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from engine.runtime.context import Context
from engine.store.tables import ProcessDefinition, ProcessInstance, UserTask

#: Ways that are listed, the most frequent.
_WAYS = 10


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of the diagram over all times it was done in the time measured. Times are medians."""

    element_id: str
    name: str
    #: How often it was done, and how often it is open now of those that came up in that time.
    done: int
    open: int
    #: From coming up to being taken (or done by somebody who never took it first).
    waited: timedelta | None
    #: From being taken to being done.
    worked: timedelta | None
    #: From coming up to being done.
    lasted: timedelta | None
    #: What its deadline allows; None where it has none.
    target: timedelta | None
    #: Done after its deadline, out of those that had one.
    late: int
    due: int
    #: Of all cases it came up in, those in which it was done more than once.
    cases: int
    again: int
    #: Time all of them together waited and took.
    total: timedelta

    @property
    def heat(self) -> int:
        """1 (well within its deadline) to 4 (twice as long as it allows, or longer); 0 where nothing can be said."""
        if self.target is None or self.lasted is None or not self.target:
            return 0
        share = self.lasted / self.target
        return 1 if share <= 0.5 else 2 if share <= 1 else 3 if share < 2 else 4


def steps(ctx: Context, definition_id: int, begins: datetime, ends: datetime) -> list[Step]:
    """The steps of a version that came up in this time, those that took most time altogether first."""
    task = UserTask
    done = task.state == "completed"
    taken = func.coalesce(task.claimed_at, task.ended_at)
    by_case = (
        select(task.instance_id, task.element_id, func.count().filter(done).label("times"))
        .where(*_within(definition_id, begins, ends))
        .group_by(task.instance_id, task.element_id)
        .subquery()
    )
    again = {
        element: (cases, repeated)
        for element, cases, repeated in ctx.session.execute(
            select(by_case.c.element_id, func.count(), func.count().filter(by_case.c.times > 1)).group_by(
                by_case.c.element_id
            )
        )
    }
    until = case((done, task.ended_at), else_=literal(ctx.now))
    rows = ctx.session.execute(
        select(
            task.element_id,
            func.max(task.name).label("name"),
            func.count().filter(done).label("done"),
            func.count().filter(task.state == "created").label("open"),
            _median(taken - task.created_at).filter(done).label("waited"),
            _median(task.ended_at - taken).filter(done).label("worked"),
            _median(task.ended_at - task.created_at).filter(done).label("lasted"),
            _median(task.due_at - task.created_at).label("target"),
            func.count().filter(done, task.ended_at > task.due_at).label("late"),
            func.count().filter(done, task.due_at.is_not(None)).label("due"),
            func.sum(until - task.created_at).label("total"),
        )
        .where(*_within(definition_id, begins, ends), task.state != "cancelled")
        .group_by(task.element_id)
    )
    found = [
        Step(**row._mapping, cases=again[row.element_id][0], again=again[row.element_id][1]) for row in rows
    ]
    return sorted(found, key=lambda step: step.total, reverse=True)


def _median(value: Any) -> Any:
    return func.percentile_cont(0.5).within_group(value)


def _within(definition_id: int, begins: datetime, ends: datetime) -> tuple[Any, ...]:
    return (
        UserTask.definition_id == definition_id,
        UserTask.created_at >= begins,
        UserTask.created_at < ends,
    )


def ways(
    ctx: Context, definition_id: int, begins: datetime, ends: datetime
) -> tuple[int, Sequence[Row[Any]]]:
    """How many runs ended in this time, and the ways most of them went.

    Each way: steps (element ids, in order), n, lasted (median)."""
    ended = (
        select(ProcessInstance.id, (ProcessInstance.ended_at - ProcessInstance.started_at).label("lasted"))
        .where(
            ProcessInstance.definition_id == definition_id,
            ProcessInstance.state == "completed",
            ProcessInstance.ended_at >= begins,
            ProcessInstance.ended_at < ends,
        )
        .subquery("ended")
    )
    gone = (
        select(
            ended.c.id,
            ended.c.lasted,
            func.array_agg(aggregate_order_by(UserTask.element_id, UserTask.ended_at, UserTask.id))
            .filter(UserTask.state == "completed")
            .label("steps"),
        )
        .outerjoin(UserTask, UserTask.instance_id == ended.c.id)
        .group_by(ended.c.id, ended.c.lasted)
        .subquery("gone")
    )
    n = func.count().label("n")
    # The window counts before the limit cuts: how many there were at all.
    total = func.sum(func.count()).over().label("total")
    rows = ctx.session.execute(
        select(gone.c.steps, n, _median(gone.c.lasted).label("lasted"), total)
        .group_by(gone.c.steps)
        .order_by(n.desc(), gone.c.steps)
        .limit(_WAYS)
    ).all()
    return (int(rows[0].total) if rows else 0), rows


def before(ctx: Context, process_key: str, version: int) -> Row[Any] | None:
    """The version before this one: id, version; None for the first."""
    return ctx.session.execute(
        select(ProcessDefinition.id, ProcessDefinition.version)
        .where(ProcessDefinition.process_key == process_key, ProcessDefinition.version < version)
        .order_by(ProcessDefinition.version.desc())
        .limit(1)
    ).one_or_none()
