"""Why a step was for whom it was for, and how it came to whoever had it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.bpmn import Element
from engine.bpmn import effects as fx
from engine.runtime.context import Engine
from engine.runtime.definitions import Definition
from engine.runtime.explaining.readings import Reading, readings
from engine.runtime.replay import Moment, Past, about, effect_of, leading_to
from engine.store.tables import ProcessInstance, UserTask


@dataclass(frozen=True, kw_only=True)
class Named:
    """An expression by which the diagram names who is to do the step."""

    #: "assignee", "candidate_groups" or "candidate_users".
    what: str
    text: str
    read: tuple[Reading, ...]


@dataclass(frozen=True, kw_only=True)
class Excluded:
    """An element whose doer may not do the step (four-eyes)."""

    element_id: str
    #: Key of who did it in this case, and when; None while nobody has.
    by: str | None
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """For whom a step was, and who had it."""

    definition: Definition
    element: Element
    #: The event of its coming up.
    created: Past
    #: Roles and people it was for when it came up.
    groups: Sequence[str]
    people: Sequence[str]
    #: The person the diagram gave it to by name.
    assignee: str | None
    #: Expressions that named them; empty where the lane did.
    named: tuple[Named, ...]
    excluded: tuple[Excluded, ...]
    #: Claimed, assigned, released, put off, completed: in order.
    course: tuple[Past, ...]


_COURSE = (
    "UserTaskClaimed",
    "UserTaskAssigned",
    "UserTaskReleased",
    "UserTaskCompleted",
    "UserTaskCancelled",
)


def assignment(session: Session, engine: Engine, instance_id: int, event: Past) -> Assignment | None:
    """For whom the step of any event of a user task was; None where the history does not tell of its coming up.

    Raises `replay.Diverged` where the history cannot be replayed up to there.
    """
    course = about(session, instance_id, event.activity_id)
    created = next((each for each in course if each.type == "UserTaskCreated"), None)
    moment = created and leading_to(session, engine, instance_id, created.seq)
    if not created or not moment:
        return None
    element = moment.definition.process.elements[str(created.element_id)]
    return Assignment(
        definition=moment.definition,
        element=element,
        created=created,
        groups=created.payload["candidate_groups"],
        people=created.payload["candidate_users"],
        assignee=created.payload["assignee"],
        named=tuple(_named(engine, moment, element, created)),
        excluded=tuple(_excluded(session, moment, instance_id, created)),
        course=tuple(each for each in course if each.type in _COURSE),
    )


def _named(engine: Engine, moment: Moment, element: Element, created: Past) -> Iterator[Named]:
    effect = effect_of(moment, created, fx.UserTaskCreated)
    for what in ("assignee", "candidate_groups", "candidate_users"):
        text = getattr(element.assignment, what)
        if text and effect is not None:
            yield Named(what=what, text=text, read=readings(engine.feel, text, effect.variables))


def _excluded(session: Session, moment: Moment, instance_id: int, created: Past) -> Iterator[Excluded]:
    task = session.scalars(
        select(UserTask).where(
            UserTask.instance_id == instance_id, UserTask.activity_id == created.activity_id
        )
    ).first()
    if task is None or not task.four_eyes:
        return
    done = session.execute(
        select(UserTask.element_id, UserTask.completed_by, UserTask.ended_at).where(
            UserTask.root_id == task.root_id,
            UserTask.element_id.in_(task.four_eyes),
            UserTask.state == "completed",
        )
    ).all()
    root = session.get_one(ProcessInstance, task.root_id)
    starts = {event.id for event in moment.definition.process.start_events()}
    for element_id in task.four_eyes:
        if element_id in starts:
            yield Excluded(element_id=element_id, by=root.started_by, at=root.started_at)
            continue
        did = [row for row in done if row.element_id == element_id]
        for row in did:
            yield Excluded(element_id=element_id, by=row.completed_by, at=row.ended_at)
        if not did:
            yield Excluded(element_id=element_id, by=None, at=None)
