"""Replay: an instance rebuilt from the inputs its history recorded, and from nothing else.

Results of jobs, submissions, messages, timers, decisions and the moment of each come from the history; no handler runs
and no row is written or read besides. What the version of the diagram that the instance was on makes of them is computed
anew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.bpmn import Execution, UnknownActivity
from engine.bpmn import effects as fx
from engine.runtime.context import Engine
from engine.runtime.definitions import Definition
from engine.runtime.environment import Environment
from engine.runtime.history import canonical, read
from engine.runtime.recording import TOLD, arrivals_left_out, event_of
from engine.store.tables import HistoryEvent

Told = TypeVar("Told", bound=fx.Effect)


@dataclass(frozen=True, kw_only=True)
class Past:
    """An event of the history, read."""

    seq: int
    at: datetime
    type: str
    #: Key of the person who acted, or "system".
    actor: str
    element_id: str | None
    activity_id: int | None
    payload: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The instance as it stood after one of its inputs."""

    #: The input; what it led to follows it in the history.
    event: Past
    #: Moves on with the next moment: take from it what is to stay.
    execution: Execution
    #: What the input led to, in order.
    effects: Sequence[fx.Effect]
    #: The version of the diagram that it went on by.
    definition: Definition
    #: The expressions that were evaluated on the way, in order.
    asked: Sequence[Asked] = ()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An expression that was evaluated."""

    #: As the diagram has it, with its leading `=`.
    text: str
    #: What it could see.
    variables: Mapping[str, Any]
    value: Any


class Diverged(Exception):
    """The same inputs led to something else than the history tells: the engine, a calendar or the organisation changed."""

    def __init__(self, seq: int, recorded: str, replayed: str) -> None:
        super().__init__(f"event {seq}: the history has {recorded}, replaying gives {replayed}")
        #: Where the history and the replay part.
        self.seq, self.recorded, self.replayed = seq, recorded, replayed


def states(
    session: Session, engine: Engine, instance_id: int, *, before: int | None = None
) -> Iterator[Moment]:
    """The instance after each of its inputs, oldest first; only inputs before the event `before`.

    Raises `Diverged` for an input that finds nothing waiting for it, `history.UnreadablePayload` for what a newer
    release recorded.
    """
    return _states(session, engine, _read(session, instance_id), before)


def _states(
    session: Session, engine: Engine, recorded: Sequence[Past], before: int | None
) -> Iterator[Moment]:
    decisions = deque(event for event in recorded if _decided(event))
    execution: Execution | None = None
    unmoved: bytes | None = None
    for event in recorded:
        if before is not None and event.seq >= before:
            return
        if event.type not in INPUTS:
            continue
        if event.type in (_START, _MOVED, _MOVED_BACK):
            definition = engine.definitions.get(session, event.payload["definition_id"])
        asked: list[Asked] = []
        environment = _Remembered(engine, definition, event.at, decisions, asked)
        try:
            if event.type == _START:
                variables = event.payload["variables"]
                execution = Execution.start(
                    definition.process, variables, environment, start_event=event.element_id
                )
            elif event.type == _MOVED and execution is not None:
                unmoved = execution.dump()
                execution = execution.carried(definition.process, event.payload["mapping"], environment)
            elif event.type == _MOVED_BACK and unmoved is not None:
                execution = Execution.load(definition.process, unmoved, environment)
            elif execution is not None:
                execution.environment = environment
                _ANSWERS[event.type](execution, event)
        except UnknownActivity as reason:
            raise Diverged(event.seq, event.type, str(reason)) from reason
        if execution is not None:
            yield Moment(
                event=event,
                execution=execution,
                effects=execution.take_effects(),
                definition=definition,
                asked=asked,
            )


def before(session: Session, engine: Engine, instance_id: int, seq: int) -> Execution | None:
    """The instance as whoever caused the event `seq` found it; None before its start. Raises `Diverged`."""
    found = None
    for moment in states(session, engine, instance_id, before=seq):
        found = moment.execution
    return found


def leading_to(session: Session, engine: Engine, instance_id: int, seq: int) -> Moment | None:
    """The input that led to the event `seq`, with what was evaluated on the way; None before the start.

    Raises `Diverged`."""
    found = None
    for moment in states(session, engine, instance_id, before=seq):
        found = moment
    return found


def past(session: Session, instance_id: int, seq: int) -> Past | None:
    """One event of an instance's history."""
    return next(iter(_read(session, instance_id, HistoryEvent.seq == seq)), None)


def about(session: Session, instance_id: int, activity_id: int | None) -> list[Past]:
    """The events of one activity, oldest first."""
    return _read(session, instance_id, HistoryEvent.activity_id == activity_id)


def version_at(session: Session, instance_id: int, seq: int) -> int:
    """Id of the version of the diagram that an instance was on at an event."""
    chosen = HistoryEvent.type.in_((_START, _MOVED, _MOVED_BACK)), HistoryEvent.seq <= seq
    return int(_read(session, instance_id, *chosen)[-1].payload["definition_id"])


def effect_of(moment: Moment, event: Past, kind: type[Told]) -> Told | None:
    """The effect of `moment` that an event tells."""
    at = (event.element_id, event.activity_id, event.payload.get("timer"))
    for effect in moment.effects:
        if isinstance(effect, kind):
            _, element_id, activity_id, payload = event_of(effect)
            if (element_id, activity_id, payload.get("timer")) == at:
                return effect
    return None


def check(session: Session, engine: Engine, instance_id: int) -> None:
    """Raise `Diverged` at the first event that replaying the inputs does not give again in its place."""
    deque(verified(session, engine, instance_id), maxlen=0)


def verified(
    session: Session, engine: Engine, instance_id: int, *, before: int | None = None
) -> Iterator[Moment]:
    """The same as `states`, each moment held against what the history tells of it before it is given.

    Raises `Diverged` at the first event that replaying the inputs does not give again in its place.
    """
    recorded = _read(session, instance_id)
    told = iter([event for event in recorded if event.type in _TOLD])
    caught = {event.activity_id for event in recorded if event.type == _ENDED_BY_CALLER}
    for moment in _states(session, engine, recorded, before):
        for effect in arrivals_left_out(moment.effects):
            if type(effect) not in TOLD:
                continue
            if isinstance(effect, fx.IncidentRaised) and effect.activity_id in caught:
                continue  # The caller caught the error in the same command, so that no incident was raised.
            event = next(told, None)
            if event is None:
                raise Diverged(moment.event.seq, "nothing more", _sentence(effect))
            _compare(event, effect)
        yield moment
    left = next(told, None) if before is None else None
    if left is not None:
        raise Diverged(left.seq, left.type, "nothing more")


def _compare(event: Past, effect: fx.Effect) -> None:
    type_, element_id, activity_id, payload = event_of(effect)
    recorded = {name: event.payload.get(name) for name in payload}
    if (event.type, event.element_id, event.activity_id) != (type_, element_id, activity_id) or orjson.loads(
        canonical(payload)
    ) != recorded:
        shown = f"{event.type} at {event.element_id} {canonical(recorded)}"
        raise Diverged(event.seq, shown, f"{_sentence(effect)} {canonical(payload)}")


def _sentence(effect: fx.Effect) -> str:
    type_, element_id, _, _ = event_of(effect)
    return f"{type_} at {element_id}"


def _read(session: Session, instance_id: int, *among: ColumnElement[bool]) -> list[Past]:
    query = (
        select(
            HistoryEvent.seq,
            HistoryEvent.at,
            HistoryEvent.type,
            HistoryEvent.actor,
            HistoryEvent.element_id,
            HistoryEvent.activity_id,
            HistoryEvent.payload,
        )
        .where(HistoryEvent.stream == instance_id, *among)
        .order_by(HistoryEvent.seq)
    )
    return [
        Past(
            seq=row.seq,
            at=row.at,
            type=row.type,
            actor=row.actor,
            element_id=row.element_id,
            activity_id=row.activity_id,
            payload=read(row.payload),
        )
        for row in session.execute(query)
    ]


class _Remembered(Environment):
    """The world as the history remembers it: decisions give what they gave then; what is asked is noted down."""

    def __init__(
        self,
        engine: Engine,
        definition: Definition,
        now: datetime,
        decisions: deque[Past],
        asked: list[Asked],
    ) -> None:
        super().__init__(engine, definition, now)
        self._decisions, self._asked = decisions, asked

    def value(self, text: str, variables: Mapping[str, Any]) -> Any:
        """As in a running instance."""
        given = super().value(text, variables)
        self._asked.append(Asked(text=text, variables=dict(variables), value=given))
        return given

    def decide(self, decision_id: str, variables: Mapping[str, Any]) -> tuple[Any, Any]:
        """What the decision gave, or the failure it ended in."""
        if not self._decisions:
            raise LookupError(f"the history has no further result of {decision_id}")
        event = self._decisions.popleft()
        if event.type == "DecisionEvaluated":
            return event.payload["value"], event.payload["trace"]
        raise ValueError(event.payload["message"].removeprefix(f"{decision_id}: "))


def _decided(event: Past) -> bool:
    failed = event.type == "IncidentRaised" and event.payload["kind"] == "decision"
    return failed or event.type == "DecisionEvaluated"


def _complete(name: str) -> Callable[[Execution, Past], None]:
    """An answer to a waiting activity, whose variables stand under `name`."""
    return lambda execution, event: execution.complete(event.activity_id, event.payload[name])


def _throw_error(execution: Execution, event: Past) -> None:
    thrown = event.payload
    execution.throw_error(event.activity_id, thrown["code"], thrown["message"], thrown["variables"])


def _service_failed(execution: Execution, event: Past) -> None:
    if not event.payload["retries_left"]:
        execution.fail(event.activity_id, event.payload["error"])


def _terminate(execution: Execution, _event: Past) -> None:
    execution.terminate()


_START = "ProcessInstanceStarted"
#: From here on another version says what the inputs lead to.
_MOVED, _MOVED_BACK = "ProcessInstanceMoved", "ProcessInstanceMovedBack"
_ENDED_BY_CALLER = "EndedByCaller"

#: What each kind of input does, besides the start. A new kind of input is recorded in full and gets its line here.
_ANSWERS: Mapping[str, Callable[[Execution, Past], None]] = {
    "UserTaskCompleted": _complete("values"),
    "ServiceTaskCompleted": _complete("result"),
    "ServiceTaskErrorThrown": _throw_error,
    "ServiceTaskFailed": _service_failed,
    "TimerFired": lambda execution, event: execution.fire_timer(event.activity_id),
    "MessageCorrelated": lambda execution, event: execution.deliver_message(
        event.activity_id, event.payload["variables"]
    ),
    "SignalReceived": lambda execution, event: execution.deliver_signal(
        event.activity_id, event.payload["variables"]
    ),
    "CalledProcessCompleted": _complete("variables"),
    "CalledProcessThrewError": _throw_error,
    "CalledProcessEscalated": lambda execution, event: execution.escalate(
        event.activity_id, event.payload["code"]
    ),
    "ProcessCallFailed": lambda execution, event: execution.fail(event.activity_id, event.payload["message"]),
    "IncidentRetried": lambda execution, event: execution.retry(event.activity_id),
    "VariablesCorrected": lambda execution, event: execution.set_variables(event.payload["values"]),
    "StepSkipped": lambda execution, event: execution.skip(event.activity_id, event.payload["values"]),
    "TokenMoved": lambda execution, event: execution.reroute(
        event.activity_id, event.payload["to"], event.payload["values"]
    ),
    "CancelRequested": _terminate,
    _ENDED_BY_CALLER: _terminate,
}
#: Types of the events that everything else follows from.
INPUTS = frozenset({_START, _MOVED, _MOVED_BACK, *_ANSWERS})
_TOLD = frozenset(told.type for told in TOLD.values())
