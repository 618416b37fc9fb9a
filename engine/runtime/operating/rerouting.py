"""Sending a case another way: a step skipped with its results given, or another step begun in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn import CannotReroute, UnknownActivity
from engine.runtime.context import Context
from engine.runtime.operating.opening import opened
from engine.runtime.refusals import CannotBeRerouted, Stale


def skip(ctx: Context, instance_id: int, activity_id: int, values: Mapping[str, Any], *, reason: str) -> None:
    """Leave a step undone and go on behind it, with the results it would have given.

    Raises `CannotBeRerouted`, `CaseSuspended`, `InstanceNotActive`, `NotFound`, `ReasonMissing`, `Stale`, `ValueNotKept`.
    """
    _reroute(ctx, instance_id, activity_id, None, values, reason)


def move(
    ctx: Context,
    instance_id: int,
    activity_id: int,
    element_id: str,
    values: Mapping[str, Any],
    *,
    reason: str,
) -> None:
    """End a step and begin another one of the same scope: further on, or one to be repeated. Raises what `skip` does."""
    _reroute(ctx, instance_id, activity_id, element_id, values, reason)


def _reroute(
    ctx: Context,
    instance_id: int,
    activity_id: int,
    to: str | None,
    values: Mapping[str, Any],
    reason: str,
) -> None:
    with opened(ctx, instance_id, reason=reason) as (unit, instance, execution):
        stands_at = next((each.element_id for each in execution.active() if each.id == activity_id), None)
        if stands_at is None:
            raise Stale()
        where = {"element_id": stands_at, "activity_id": activity_id}
        try:
            if to is None:
                unit.act(instance, "StepSkipped", **where, values=values, reason=reason)
                execution.skip(activity_id, values)
            else:
                unit.act(instance, "TokenMoved", **where, to=to, values=values, reason=reason)
                execution.reroute(activity_id, to, values)
        except CannotReroute as error:
            raise CannotBeRerouted(why=str(error)) from error
        except UnknownActivity as error:
            raise Stale() from error
