"""Who a user task is for: lanes are roles, unless the diagram assigns otherwise; four-eyes and independence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.bpmn.effects import UserTaskCreated
from engine.runtime.context import Actor, Context
from engine.runtime.refusals import FourEyesViolation, InvolvedInCase, NotACandidate
from engine.store.tables import ProcessInstance, UserTask

if TYPE_CHECKING:
    from config.organisation import Organisation
    from engine.runtime.definitions import Definition
    from engine.runtime.unit import Unit

#: What one step of priority outweighs, in seconds of deadline: more than any two deadlines lie apart.
_PRIORITY_STEP = 1e11
#: Steps without a deadline come after all that have one.
_NEVER = datetime(3000, 1, 1, tzinfo=UTC)

FOUR_EYES = "fourEyes"
NOT_INVOLVED_IN = "notInvolvedIn"


def user_task_row(unit: Unit, instance: ProcessInstance, effect: UserTaskCreated) -> dict[str, Any]:
    """The row of a user task that the workflow just created."""
    role = unit.ctx.organisation.role_of_lane(effect.lane) if effect.lane else None
    groups = candidate_groups(unit.ctx.organisation, effect)
    priority = min(max(effect.priority, 0), 100)
    return {
        "instance_id": instance.id,
        "root_id": instance.root_id,
        "definition_id": instance.definition_id,
        "process_key": instance.process_key,
        "business_key": instance.business_key,
        "activity_id": effect.activity_id,
        "element_id": effect.element_id,
        "name": effect.name or effect.element_id,
        "lane": role,
        "form_id": effect.form_id,
        "state": "created",
        "assignee": effect.assignee,
        "candidate_groups": groups,
        "candidate_users": list(effect.candidate_users),
        "four_eyes": names(effect.properties.get(FOUR_EYES)),
        "not_involved_in": names(effect.properties.get(NOT_INVOLVED_IN)),
        "properties": dict(effect.properties),
        "priority": priority,
        "due_at": effect.due_at,
        "turn": (100 - priority) * _PRIORITY_STEP + (effect.due_at or _NEVER).timestamp(),
        "follow_up_at": effect.follow_up_at,
        "created_at": unit.ctx.now,
        "claimed_at": unit.ctx.now if effect.assignee else None,
    }


def candidate_groups(organisation: Organisation, effect: UserTaskCreated) -> list[str]:
    """The roles a user task is for: those it names, else, where it names nobody at all, its lane's."""
    if effect.candidate_groups or effect.candidate_users or effect.assignee or not effect.lane:
        return list(effect.candidate_groups)
    role = organisation.role_of_lane(effect.lane)
    return [role] if role else []


def names(value: Any) -> list[str]:
    """A property that names several things: a comma list, or a FEEL list once evaluated (an expression names none yet)."""
    if value is None or (isinstance(value, str) and value.startswith("=")):
        return []
    parts: Iterable[Any] = value.split(",") if isinstance(value, str) else value
    return [str(part).strip() for part in parts if part is not None and str(part).strip()]


def works_for(ctx: Context, actor: Actor) -> frozenset[str]:
    """The candidate groups whose user tasks this person may do: their roles, and those they record for."""
    organisation = ctx.organisation
    return frozenset(role for role in organisation.roles if organisation.workers_of(role) & actor.roles)


def in_roles(ctx: Context, task: UserTask) -> list[str]:
    """The actor's roles for which the step is theirs; none where it is theirs by name or everybody's."""
    workers = (ctx.organisation.workers_of(role) for role in task.candidate_groups)
    return sorted(ctx.actor.roles.intersection(frozenset[str]().union(*workers)))


def check_candidate(ctx: Context, task: UserTask) -> None:
    """Refuse unless the actor is among those the user task is for. Raises `NotACandidate`."""
    actor = ctx.actor
    open_to_all = not (task.candidate_groups or task.candidate_users or task.assignee)
    if open_to_all or task.assignee in actor.keys or actor.keys & set(task.candidate_users):
        return
    if works_for(ctx, actor) & set(task.candidate_groups):
        return
    raise NotACandidate(
        actor=actor.name,
        groups=", ".join([*task.candidate_groups, *task.candidate_users] or [task.assignee or "?"]),
    )


def check_independent(ctx: Context, task: UserTask) -> None:
    """Refuse whoever did an excluded element in this case, or worked on a case the step must be independent of.

    Raises `FourEyesViolation`, `InvolvedInCase`. Source: procedures, "Roles".
    """
    actor = ctx.actor
    if task.four_eyes:
        definition = ctx.engine.definitions.get(ctx.session, task.definition_id)
        done = _did(ctx, task, definition)
        if done is not None:
            raise FourEyesViolation(actor=actor.name, element=definition.translate(done, actor.language))
    if task.not_involved_in:
        case = ctx.session.execute(
            select(UserTask.business_key)
            .where(UserTask.business_key.in_(task.not_involved_in), UserTask.completed_by == actor.key)
            .limit(1)
        ).scalar()
        if case is not None:
            raise InvolvedInCase(actor=actor.name, case=case)


def _did(ctx: Context, task: UserTask, definition: Definition) -> str | None:
    """Name of an excluded step the actor did in this case, or of the start event by which they registered it."""
    step = (
        select(UserTask.name)
        .where(
            UserTask.root_id == task.root_id,
            UserTask.element_id.in_(task.four_eyes),
            UserTask.completed_by == ctx.actor.key,
        )
        .limit(1)
        .scalar_subquery()
    )
    done, started_by = ctx.session.execute(
        select(step, ProcessInstance.started_by).where(ProcessInstance.id == task.root_id)
    ).one()
    if done is None and started_by == ctx.actor.key:
        starts = (event for event in definition.process.start_events() if event.id in task.four_eyes)
        done = next((event.name or definition.name for event in starts), None)
    return done
