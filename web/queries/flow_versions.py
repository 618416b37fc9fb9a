"""Where the cases of one version differ from those of the version before: what both come to over the same time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select

from engine.runtime.context import Context
from engine.store.tables import ProcessInstance, UserTask


@dataclass(kw_only=True)
class Runs:
    """The runs of one version that ended in the time looked at."""

    n: int = 0
    #: Ended before their end event was reached.
    cancelled: int = 0
    #: From the start to the end; a median.
    lasted: timedelta | None = None
    #: Steps people did in them, all together.
    steps: int = 0
    #: Step -> in how many of them it was done.
    done: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A step, and the share of runs in which it was done in each version."""

    element_id: str
    now: float
    before: float


def runs(
    ctx: Context, definition_ids: tuple[int, int], begins: datetime, ends: datetime
) -> tuple[Runs, Runs]:
    """The runs of two versions, in two statements."""
    found = {id_: Runs() for id_ in definition_ids}
    instance = ProcessInstance
    within = (
        instance.definition_id.in_(definition_ids),
        instance.ended_at >= begins,
        instance.ended_at < ends,
    )
    lasted = func.percentile_cont(0.5).within_group(instance.ended_at - instance.started_at)
    for id_, n, cancelled, median in ctx.session.execute(
        select(
            instance.definition_id,
            func.count(),
            func.count().filter(instance.state != "completed"),
            lasted,
        )
        .where(*within)
        .group_by(instance.definition_id)
    ):
        found[id_].n, found[id_].cancelled, found[id_].lasted = n, cancelled, median
    for id_, element_id, in_runs, times in ctx.session.execute(
        select(
            instance.definition_id,
            UserTask.element_id,
            func.count(UserTask.instance_id.distinct()),
            func.count(),
        )
        .join(UserTask, UserTask.instance_id == instance.id)
        .where(*within, UserTask.state == "completed")
        .group_by(instance.definition_id, UserTask.element_id)
    ):
        found[id_].done[element_id] = in_runs
        found[id_].steps += times
    return found[definition_ids[0]], found[definition_ids[1]]


def differences(now: Runs, before: Runs) -> list[Difference]:
    """Every step of either, those that changed most first; none while one of them has no run."""
    if not now.n or not before.n:
        return []
    found = [
        Difference(
            element_id=step, now=now.done.get(step, 0) / now.n, before=before.done.get(step, 0) / before.n
        )
        for step in {**now.done, **before.done}
    ]
    return sorted(found, key=lambda each: (-abs(each.now - each.before), each.element_id))
