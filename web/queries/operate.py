"""The running system in figures: incidents by cause, the queue, its workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, or_, select, text

from engine.aftersales.tables import CustomerMessage
from engine.runtime.context import Context
from engine.runtime.queue import KINDS
from engine.store.tables import Incident, ProcessInstance, UserTask

#: A worker that showed no sign of life for longer is taken for gone.
ALIVE = timedelta(seconds=40)
#: Cases named beside a cause.
_NAMED = 8


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Open incidents with the same cause at the same element."""

    process_key: str
    definition_id: int
    element_id: str
    kind: str
    message: str
    since: datetime
    ids: Sequence[int]
    #: Case numbers, the first few.
    cases: Sequence[str]

    @property
    def n(self) -> int:
        """How many."""
        return len(self.ids)


@dataclass(frozen=True, kw_only=True)
class Load:
    """One kind of deferred work."""

    kind: str
    due: int
    later: int
    doing: int
    failed: int
    #: When the oldest due work was to be done.
    oldest: datetime | None


@dataclass(frozen=True, kw_only=True)
class Running:
    """How much is on its way."""

    cases: int
    steps: int
    late: int
    workers: int


def causes(ctx: Context) -> list[Cause]:
    """Open incidents, grouped, those that stop most first."""
    query = (
        select(
            Incident.process_key,
            Incident.element_id,
            Incident.kind,
            Incident.message,
            func.min(Incident.created_at),
            func.array_agg(Incident.id),
            func.array_agg(func.distinct(Incident.business_key)),
            func.max(ProcessInstance.definition_id),
        )
        .join(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .where(Incident.resolved_at.is_(None))
        .group_by(Incident.process_key, Incident.element_id, Incident.kind, Incident.message)
        .order_by(func.count().desc(), func.min(Incident.created_at))
    )
    return [
        Cause(
            process_key=key,
            definition_id=definition_id,
            element_id=element,
            kind=kind,
            message=message,
            since=since,
            ids=sorted(ids),
            cases=sorted(cases)[:_NAMED],
        )
        for key, element, kind, message, since, ids, cases, definition_id in ctx.session.execute(query)
    ]


def queue(ctx: Context) -> list[Load]:
    """What the queue holds, a row a kind of work. The queue keeps the machine's time, not the command's."""
    rows = ctx.session.execute(
        text(
            "SELECT task_name,"
            " count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()) AS due,"
            " count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()) AS later,"
            " count(*) FILTER (WHERE status = 'doing') AS doing,"
            " count(*) FILTER (WHERE status = 'failed') AS failed,"
            " min(scheduled_at) FILTER (WHERE status = 'todo' AND scheduled_at <= now()) AS oldest"
            " FROM procrastinate_jobs WHERE task_name = ANY(:kinds) GROUP BY task_name ORDER BY task_name"
        ),
        {"kinds": list(KINDS)},
    )
    return [
        Load(kind=r.task_name, due=r.due, later=r.later, doing=r.doing, failed=r.failed, oldest=r.oldest)
        for r in rows
    ]


def outbox(ctx: Context) -> Sequence[Row[Any]]:
    """Messages to customers that have not gone out, by channel: how many wait, since when, how many failed."""
    waits = CustomerMessage.state == "queued"
    return ctx.session.execute(
        select(
            CustomerMessage.channel,
            func.count().filter(waits).label("waiting"),
            func.min(CustomerMessage.created_at).filter(waits).label("since"),
            func.count().filter(~waits).label("failed"),
        )
        .where(or_(waits, CustomerMessage.state == "failed"))
        .group_by(CustomerMessage.channel)
        .order_by(CustomerMessage.channel)
    ).all()


def running(ctx: Context) -> Running:
    """Cases, open steps and living workers."""
    cases = select(func.count()).where(
        ProcessInstance.ended_at.is_(None), ProcessInstance.parent_id.is_(None)
    )
    steps = select(func.count(), func.count().filter(UserTask.due_at < ctx.now)).where(
        UserTask.state == "created"
    )
    alive = text("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - :alive")
    waiting, late = ctx.session.execute(steps).one()
    return Running(
        cases=ctx.session.execute(cases).scalar_one(),
        steps=waiting,
        late=late,
        workers=ctx.session.execute(alive, {"alive": ALIVE}).scalar_one(),
    )
