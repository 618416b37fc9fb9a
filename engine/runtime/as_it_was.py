"""An instance as it stood at a moment of its past, and what changed up to then, by replay alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from engine.bpmn import Activity
from engine.bpmn import effects as fx
from engine.runtime import replay
from engine.runtime.context import Engine
from engine.runtime.replay import Diverged


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An instance after one of its inputs."""

    definition_id: int
    variables: Mapping[str, Any]
    #: The variables after the earlier input that was asked about; empty before the instance began.
    before: Mapping[str, Any]
    #: What waited, and what each of them saw.
    active: Sequence[Activity]
    seen: Mapping[int, Mapping[str, Any]]
    #: What the step that was asked about saw just before somebody completed it; None without one.
    asked: Mapping[str, Any] | None
    #: Element -> how often it had completed; flows that had been passed.
    done: Mapping[str, int]
    taken: Sequence[str]
    #: Where replay and history parted before the moment was reached: this is how it stood after the last input before that.
    diverged: Diverged | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A step whose form is wanted as it was before it was completed."""

    activity_id: int
    #: The input before the one that completed it.
    after: int


def standing(
    session: Session,
    engine: Engine,
    instance_id: int,
    *,
    upto: int,
    since: int | None = None,
    asked: Asked | None = None,
) -> Standing:
    """How an instance stood after its input `upto`; `since` is an earlier input.

    Raises `Diverged` where not even its start can be replayed, `history.UnreadablePayload` for what a newer release
    recorded.
    """
    done: Counter[str] = Counter()
    taken: dict[str, None] = {}
    before: Mapping[str, Any] = {}
    saw: Mapping[str, Any] | None = None
    reached: int | None = None
    try:
        for moment in replay.verified(session, engine, instance_id, before=upto + 1):
            execution, reached = moment.execution, moment.event.seq
            for effect in moment.effects:
                if isinstance(effect, fx.ElementCompleted):
                    done[effect.element_id] += 1
                    taken |= dict.fromkeys(effect.taken)
            # The execution moves on with the next moment: copies stay.
            if reached == since:
                before = deepcopy(execution.variables())
            if asked is not None and reached == asked.after:
                saw = deepcopy(execution.variables(asked.activity_id))
            if reached == upto:
                active = execution.active()
                return Standing(
                    definition_id=moment.definition.id,
                    variables=deepcopy(execution.variables()),
                    before=before,
                    active=active,
                    seen={each.id: deepcopy(execution.variables(each.id)) for each in active},
                    asked=saw,
                    done=dict(done),
                    taken=list(taken),
                )
    except Diverged as parted:
        if reached is None:
            raise
        found = standing(session, engine, instance_id, upto=reached, since=since, asked=asked)
        return replace(found, diverged=parted)
    raise LookupError(f"event {upto} of instance {instance_id} is no input")
