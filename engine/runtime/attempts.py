"""Attempts that were refused: who tried what on which case, from where, and why it was not to be.

They stand in the organisation's history under the number of the case: nothing of the case's own changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import select, text

from engine.runtime import history
from engine.runtime.context import Context
from engine.store.tables import HistoryEvent, ProcessInstance, UserTask

EVENT = "AttemptRefused"
#: The same attempt by the same person is recorded once in this time, so that nobody floods the history.
ONCE_IN = timedelta(minutes=1)
#: A reason is told in a few words; whatever is longer is cut.
_LONGEST = 300


@dataclass(frozen=True, kw_only=True)
class Step:
    """The step of a case that was tried."""

    case: str
    #: Id of the process instance it belongs to, and of its element in the diagram.
    instance: int
    element: str


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What somebody tried and why it was refused."""

    #: Number of the case.
    case: str
    #: Method and template of the address: "POST /user-tasks/{user_task_id}/complete".
    tried: str
    #: Code and English sentence of the refusal, and what goes into the sentence.
    code: str
    sentence: str
    params: Mapping[str, Any]
    step: Step | None = None


def step(ctx: Context, user_task_id: int) -> Step | None:
    """The step that a user task is; None when there is none."""
    row = ctx.session.execute(
        select(UserTask.business_key, UserTask.instance_id, UserTask.element_id).where(
            UserTask.id == user_task_id
        )
    ).one_or_none()
    return row and Step(case=row.business_key, instance=row.instance_id, element=row.element_id)


def is_case(ctx: Context, number: str) -> bool:
    """Whether there is a case of this number."""
    query = select(ProcessInstance.id).where(ProcessInstance.business_key == number).limit(1)
    return ctx.session.scalar(query) is not None


def record(ctx: Context, attempt: Attempt) -> bool:
    """Record an attempt by the actor, once a minute; whether it was."""
    payload = {
        "tried": attempt.tried,
        "code": attempt.code,
        "sentence": attempt.sentence,
        "params": {name: _plain(value) for name, value in attempt.params.items()},
    }
    if attempt.step is not None:
        payload |= {"instance": attempt.step.instance, "element": attempt.step.element}
    # Somebody who tries it many times at once is recorded once too.
    ctx.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 2))"),
        {"key": f"{ctx.actor.key} {attempt.case}"},
    )
    if _recorded(ctx, attempt.case, payload):
        return False
    history.record_organisation(ctx, EVENT, business_key=attempt.case, **payload)
    return True


_SAME = ("tried", "code", "instance", "element")


def _recorded(ctx: Context, case: str, payload: Mapping[str, Any]) -> bool:
    before = ctx.session.scalars(
        select(HistoryEvent.payload).where(
            HistoryEvent.business_key == case,
            HistoryEvent.type == EVENT,
            HistoryEvent.actor == ctx.actor.key,
            HistoryEvent.at > ctx.now - ONCE_IN,
        )
    )
    return any(
        all(told.get(name) == payload.get(name) for name in _SAME) for told in map(orjson.loads, before)
    )


def _plain(value: Any) -> Any:
    """A value as it goes into a payload: moments and numbers as they are, everything else in words."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)[:_LONGEST]
