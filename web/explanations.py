"""Explanations of the engine as a page tells them: which templates, with what in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.runtime.context import Context
from engine.runtime.explaining import assignments, deadlines, gateways, waiting
from engine.runtime.replay import Diverged, Past, version_at
from engine.runtime.user_tasks import obstacles
from engine.store.tables import UserTask
from web import decision_tables
from web.queries import step
from web.queries import why as rows

#: Events of one user task: what is told of them is for whom it was and how it came to whoever had it.
OF_STEPS = frozenset(
    (
        "UserTaskCreated",
        "UserTaskClaimed",
        "UserTaskAssigned",
        "UserTaskReleased",
        "UserTaskFollowUpSet",
        "UserTaskCompleted",
        "UserTaskCancelled",
    )
)
#: Events that always have something to explain; of `ElementCompleted` those that chose a way.
EXPLAINED = OF_STEPS | {"DecisionEvaluated", "TimerStarted", "TimerFired"}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One piece of an explanation."""

    #: Template in templates/why: "choice", "decision", "deadline", "assignment".
    kind: str
    told: Any


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A decision table with what it saw and which of its rules matched."""

    table: decision_tables.Table
    hit_policy: str
    #: (label, value) in the order of the table's columns.
    inputs: Sequence[tuple[str, Any]]
    #: Numbers of the rules that made the result, from 1, and of those that fitted but come after them.
    matched: Sequence[int]
    later: Sequence[int]
    output: Any


@dataclass(frozen=True, kw_only=True)
class Explained:
    """Why something happened."""

    parts: tuple[Part, ...]
    #: Names of the people it speaks of, by key.
    names: Mapping[str, str]
    #: Where the history and its replay part, when the cause cannot be computed any more.
    diverged: str = ""


@dataclass(frozen=True, kw_only=True)
class Waited:
    """Something a case waits for."""

    wait: waiting.Wait
    #: The user task, where it is somebody's step, with what keeps the reader from it.
    task: UserTask | None = None
    obstacles: Sequence[Any] = ()
    #: Who has it is away: whom, until when, who stands in.
    away: Any = None


def of_event(ctx: Context, instance_id: int, event: Past) -> Explained:
    """Why an event happened as it did; no parts where there is nothing to explain."""
    try:
        parts = tuple(_parts(ctx, instance_id, event))
    except Diverged as reason:
        return Explained(parts=(), names={}, diverged=str(reason))
    return Explained(parts=parts, names=step.names(ctx, sorted(set(_people(parts)))))


def of_step(ctx: Context, task: UserTask) -> Explained:
    """Why a step is with whom it is with, and due when it is."""
    event = rows.created(ctx, task)
    return of_event(ctx, task.instance_id, event) if event else Explained(parts=(), names={})


def waited_for(ctx: Context, number: str) -> tuple[list[Waited], Mapping[str, str]]:
    """What a case waits for, and names of people by key."""
    waits = waiting.waits(ctx, number)
    tasks = rows.steps(ctx, (each.user_task_id for each in waits))
    holders = [task.assignee for task in tasks.values()]
    away = rows.away(ctx, holders)
    found = []
    for wait in waits:
        task = tasks.get(wait.user_task_id or 0)
        found.append(
            Waited(
                wait=wait,
                task=task,
                obstacles=obstacles(ctx, task) if task else (),
                away=away.get(task.assignee or "") if task else None,
            )
        )
    return found, step.names(ctx, holders)


def _parts(ctx: Context, instance_id: int, event: Past) -> Iterable[Part]:
    session, engine = ctx.session, ctx.engine
    if event.type == "ElementCompleted":
        chosen = gateways.choice(session, engine, instance_id, event)
        if chosen:
            yield Part(kind="choice", told=chosen)
    elif event.type == "DecisionEvaluated":
        yield Part(kind="decision", told=_tables(ctx, instance_id, event))
    elif event.type in ("TimerStarted", "TimerFired"):
        fired = event.type == "TimerFired"
        started = rows.timer_started(ctx, instance_id, event) if fired else event
        due = started and deadlines.deadline(session, engine, instance_id, started)
        if due:
            yield Part(kind="deadline", told=due)
    elif event.type in OF_STEPS:
        assigned = assignments.assignment(session, engine, instance_id, event)
        if assigned:
            yield Part(kind="assignment", told=assigned)
            due = deadlines.deadline(session, engine, instance_id, assigned.created)
            if due:
                yield Part(kind="deadline", told=due)


def _tables(ctx: Context, instance_id: int, event: Past) -> list[Seen]:
    definition_id = version_at(ctx.session, instance_id, event.seq)
    drawn = {
        table.id: table
        for file in rows.decision_files(ctx, definition_id)
        for table in decision_tables.read(file)
    }
    found = []
    for seen in event.payload.get("trace") or ():
        table = drawn.get(str(seen.get("decisionId")))
        if table is not None:
            fits = sorted(int(each["index"]) for each in seen["rules"])
            counted = 1 if seen["hitPolicy"] == "FIRST" else len(fits)
            found.append(
                Seen(
                    table=table,
                    hit_policy=str(seen["hitPolicy"]),
                    inputs=[(str(each.get("label") or ""), each.get("value")) for each in seen["inputs"]],
                    matched=fits[:counted],
                    later=fits[counted:],
                    output=seen.get("output"),
                )
            )
    return found


def _people(parts: Iterable[Part]) -> Iterable[str]:
    for part in parts:
        told = part.told
        if isinstance(told, assignments.Assignment):
            yield from told.people
            yield from filter(None, (told.assignee, *(each.by for each in told.excluded)))
            for event in told.course:
                yield event.actor
                yield from filter(None, (event.payload.get("assignee"), event.payload.get("was")))
                yield from event.payload.get("stands_in_for") or ()
        elif isinstance(told, deadlines.Deadline):
            yield from (each.by for each in told.pauses)
