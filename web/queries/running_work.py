"""Running work as an administrator holds it: per procedure and element, per service, per worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, literal, select, text, union_all

from engine.runtime.context import Context
from engine.store.tables import (
    Incident,
    Job,
    MessageSubscription,
    PausedService,
    Person,
    ProcessDefinition,
    ProcessInstance,
    SuspendedVersion,
    Timer,
    UserTask,
)
from web.queries.operate import ALIVE


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """One procedure and what runs of it."""

    key: str
    #: A version to name it by: the newest that has a running case.
    definition_id: int
    running: int
    suspended: int
    #: Open user tasks, and those past their deadline.
    waiting: int
    late: int
    stuck: int


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service-task type."""

    type: str
    paused: PausedService | None
    todo: int
    held: int
    waiting: int
    failed: int
    #: When the oldest job that is to be done came up.
    oldest: datetime | None
    #: Why the last failing one failed.
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How much stands at one element."""

    element_id: str
    #: Steps of people, automatic steps, and what waits for a moment or a message.
    people: int = 0
    jobs: int = 0
    events: int = 0
    stuck: int = 0

    @property
    def n(self) -> int:
        """Whatever stands there; what is stuck stands there too."""
        return max(self.people + self.jobs + self.events, self.stuck)


def procedures(ctx: Context) -> list[Procedure]:
    """Procedures with running cases, those most stuck first."""
    live = ProcessInstance.ended_at.is_(None)
    of_key = ProcessInstance.process_key
    steps = (
        select(
            UserTask.process_key,
            func.count().label("waiting"),
            func.count().filter(UserTask.due_at < ctx.now).label("late"),
        )
        .where(UserTask.state == "created")
        .group_by(UserTask.process_key)
        .subquery()
    )
    stuck = (
        select(Incident.process_key, func.count().label("stuck"))
        .where(Incident.resolved_at.is_(None))
        .group_by(Incident.process_key)
        .subquery()
    )
    query = (
        select(
            of_key,
            func.max(ProcessInstance.definition_id).label("definition_id"),
            func.count().label("running"),
            func.count().filter(ProcessInstance.state == "suspended").label("suspended"),
            func.coalesce(func.max(steps.c.waiting), 0).label("waiting"),
            func.coalesce(func.max(steps.c.late), 0).label("late"),
            func.coalesce(func.max(stuck.c.stuck), 0).label("stuck"),
        )
        .outerjoin(steps, steps.c.process_key == of_key)
        .outerjoin(stuck, stuck.c.process_key == of_key)
        .where(live)
        .group_by(of_key)
    )
    found = [
        Procedure(**{"key": row.process_key, **{n: getattr(row, n) for n in _COUNTED}})
        for row in ctx.session.execute(query)
    ]
    return sorted(found, key=lambda each: (-each.stuck, -each.late, -each.running, each.key))


_COUNTED = ("definition_id", "running", "suspended", "waiting", "late", "stuck")


def standing(ctx: Context, process_key: str) -> list[Standing]:
    """What stands at each element of a procedure's running cases, over all versions; most first."""
    tables: Sequence[tuple[Any, str, Any]] = (
        (UserTask, "people", UserTask.state == "created"),
        (Job, "jobs", Job.ended_at.is_(None)),
        (Incident, "stuck", Incident.resolved_at.is_(None)),
    )
    parts = [
        select(table.element_id, literal(kind).label("kind"), func.count().label("n"))
        .where(table.process_key == process_key, opened)
        .group_by(table.element_id)
        for table, kind, opened in tables
    ]
    for table in (Timer, MessageSubscription):
        columns: Any = table
        parts.append(
            select(columns.element_id, literal("events"), func.count())
            .join(ProcessInstance, ProcessInstance.id == columns.instance_id)
            .where(ProcessInstance.process_key == process_key, ProcessInstance.ended_at.is_(None))
            .group_by(columns.element_id)
        )
    counts: dict[str, dict[str, int]] = {}
    for element_id, kind, n in ctx.session.execute(union_all(*parts)):
        of = counts.setdefault(element_id, {})
        of[kind] = of.get(kind, 0) + n
    found = [Standing(element_id=element_id, **each) for element_id, each in counts.items()]
    return sorted(found, key=lambda each: (-each.stuck, -each.n, each.element_id))


def services(ctx: Context) -> list[Service]:
    """Every service-task type with open jobs, and every paused one; paused and failing ones first."""
    paused = {each.type: each for each in ctx.session.scalars(select(PausedService))}
    rows = ctx.session.execute(
        select(
            Job.type,
            func.count().filter(Job.state == "created").label("todo"),
            func.count().filter(Job.state == "held").label("held"),
            func.count().filter(Job.state == "waiting").label("waiting"),
            func.count().filter(Job.state == "failed").label("failed"),
            func.min(Job.created_at).filter(Job.state.in_(("created", "held"))).label("oldest"),
            func.max(Job.error).label("error"),
        )
        .where(Job.ended_at.is_(None))
        .group_by(Job.type)
    ).all()
    counted = {row.type: Service(paused=paused.get(row.type), **row._mapping) for row in rows}
    for type_, each in paused.items():
        counted.setdefault(
            type_,
            Service(type=type_, paused=each, todo=0, held=0, waiting=0, failed=0, oldest=None, error=None),
        )
    return sorted(counted.values(), key=lambda each: (each.paused is None, -each.failed, each.type))


def workers(ctx: Context) -> Sequence[Row[Any]]:
    """Workers with their last sign of life, and how much each has in hand; the latest first."""
    return ctx.session.execute(
        text(
            "SELECT w.id, w.last_heartbeat, w.last_heartbeat > now() - :alive AS alive,"
            " count(j.id) FILTER (WHERE j.status = 'doing') AS doing"
            " FROM procrastinate_workers w LEFT JOIN procrastinate_jobs j ON j.worker_id = w.id"
            " GROUP BY w.id ORDER BY w.last_heartbeat DESC LIMIT 50"
        ),
        {"alive": ALIVE},
    ).all()


def timers(ctx: Context) -> Row[Any]:
    """How many timers run, how many are due, and since when the first of those is."""
    due = Timer.due_at <= ctx.now
    return ctx.session.execute(
        select(
            func.count().label("all"),
            func.count().filter(due).label("due"),
            func.min(Timer.due_at).filter(due).label("oldest"),
            func.min(Timer.due_at).filter(~due).label("next"),
        )
    ).one()


def holders(ctx: Context) -> Sequence[Row[Any]]:
    """Everybody, with how many open steps are theirs; those with most first."""
    return ctx.session.execute(
        select(Person.key, Person.name, Person.active, func.count(UserTask.id).label("n"))
        .outerjoin(UserTask, (UserTask.assignee == Person.key) & (UserTask.state == "created"))
        .group_by(Person.key, Person.name, Person.active)
        .order_by(func.count(UserTask.id).desc(), Person.name)
    ).all()


def versions(ctx: Context, process_key: str) -> Sequence[Row[Any]]:
    """Versions of a procedure, newest first; since when each is suspended."""
    return ctx.session.execute(
        select(ProcessDefinition.id, ProcessDefinition.version, SuspendedVersion.suspended_at)
        .outerjoin(SuspendedVersion, SuspendedVersion.definition_id == ProcessDefinition.id)
        .where(ProcessDefinition.process_key == process_key)
        .order_by(ProcessDefinition.version.desc())
    ).all()
