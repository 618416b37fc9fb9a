"""A dry run: which instances of a version can be moved to another one, and why not the others. Changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.bpmn import Execution, UnreadableState
from engine.runtime.context import Context
from engine.runtime.environment import Environment
from engine.runtime.moving import check
from engine.runtime.moving.check import Standing
from engine.runtime.moving.comparison import Comparison
from engine.runtime.moving.reasons import Reason
from engine.store.tables import ProcessInstance, UserTask

#: Instances read at once.
_AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which instances of a version."""

    #: Only those that stand at this element.
    step: str = ""
    #: Only those whose case number contains this.
    number: str = ""
    #: Only those begun before this moment.
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What would become of one instance."""

    instance_id: int
    business_key: str
    revision: int
    #: Elements its tokens stand at.
    steps: frozenset[str]
    #: None: it can be moved.
    reasons: Sequence[Reason]


def plan(ctx: Context, comparison: Comparison, choice: Choice) -> list[Planned]:
    """What would become of each running instance that is chosen, oldest first."""
    environment = Environment(ctx.engine, comparison.old, ctx.now)
    found = []
    for instances in _chosen(ctx, comparison, choice):
        tasks, forgotten = open_tasks(ctx, instances), done_of(ctx, comparison, instances)
        for instance in instances:
            try:
                execution = Execution.load(comparison.old.process, instance.blob or b"", environment)
            except UnreadableState as reason:
                places, reasons = [], [Reason(code="failed", params={"why": str(reason)})]
            else:
                places = execution.places()
                reasons = check.reasons(
                    comparison,
                    Standing(places=places, tasks=tasks[instance.id], forgotten=forgotten[_root(instance)]),
                )
            steps = frozenset(place.element_id for place in places if place.kind == "token")
            if not choice.step or choice.step in steps:
                found.append(
                    Planned(
                        instance_id=instance.id,
                        business_key=instance.business_key,
                        revision=instance.revision,
                        steps=steps,
                        reasons=reasons,
                    )
                )
    return found


def standing(
    ctx: Context, comparison: Comparison, instance: ProcessInstance, execution: Execution
) -> Standing:
    """Where one instance stands, whose case is locked."""
    return Standing(
        places=execution.places(),
        tasks=open_tasks(ctx, [instance])[instance.id],
        forgotten=done_of(ctx, comparison, [instance])[_root(instance)],
    )


def open_tasks(ctx: Context, instances: Sequence[ProcessInstance]) -> Mapping[int, list[UserTask]]:
    """The open user tasks of instances, as they are now."""
    found: Mapping[int, list[UserTask]] = defaultdict(list)
    for task in ctx.session.scalars(
        select(UserTask)
        .where(UserTask.instance_id.in_([each.id for each in instances]), UserTask.state == "created")
        .order_by(UserTask.id)
        .execution_options(populate_existing=True)
    ):
        found[task.instance_id].append(task)
    return found


def done_of(
    ctx: Context, comparison: Comparison, instances: Sequence[ProcessInstance]
) -> Mapping[int, set[str]]:
    """By outermost instance, what somebody did that a four-eyes rule asks about and the new version does not know."""
    found: Mapping[int, set[str]] = defaultdict(set)
    if not comparison.forgotten:
        return found
    roots = {_root(each) for each in instances}
    for root_id, element_id in ctx.session.execute(
        select(UserTask.root_id, UserTask.element_id).where(
            UserTask.root_id.in_(roots),
            UserTask.element_id.in_(comparison.forgotten),
            UserTask.state == "completed",
        )
    ):
        found[root_id].add(element_id)
    started = {event.id for event in comparison.old.process.start_events()} & comparison.forgotten
    for root_id in roots:
        found[root_id] |= started
    return found


def _root(instance: ProcessInstance) -> int:
    return instance.root_id or instance.id


def _chosen(ctx: Context, comparison: Comparison, choice: Choice) -> Iterator[Sequence[ProcessInstance]]:
    query = select(ProcessInstance).where(
        ProcessInstance.definition_id == comparison.old.id, ProcessInstance.state == "active"
    )
    if choice.number:
        query = query.where(ProcessInstance.business_key.contains(choice.number, autoescape=True))
    if choice.until is not None:
        query = query.where(ProcessInstance.started_at < choice.until)
    found = ctx.session.scalars(query.order_by(ProcessInstance.id)).all()
    for at in range(0, len(found), _AT_ONCE):
        yield found[at : at + _AT_ONCE]
