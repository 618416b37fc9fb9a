"""The past of a finished case: its facts, and every answer it was given, ready to be given again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.backtests.facts import Asked, Facts
from engine.runtime.context import Engine
from engine.runtime.definitions import Definition
from engine.runtime.history import read
from engine.store.tables import HistoryEvent, ProcessInstance

#: Types of events that say what a person, a handler or a called procedure answered -> where the answer stands.
_ANSWERS = {
    "UserTaskCompleted": "values",
    "ServiceTaskCompleted": "result",
    "CalledProcessCompleted": "variables",
}
_ERRORS = frozenset({"ServiceTaskErrorThrown", "CalledProcessThrewError"})
#: What came from outside at its own time, whatever the case was doing.
_FROM_OUTSIDE = frozenset(
    {
        "MessageCorrelated",
        "SignalReceived",
        "VariablesCorrected",
        "IncidentRetried",
        "CalledProcessEscalated",
        "CancelRequested",
        "EndedByCaller",
    }
)
#: Types of elements that wait for an answer without any event of their own that says so.
_SILENT = frozenset({"callActivity"})


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an activity was answered; `how` None: nothing, it was ended before."""

    how: Literal["result", "error"] | None
    seq: int = 0
    #: From the activity's beginning to the answer.
    after: timedelta = timedelta()
    payload: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    #: What it was asked with; None where the history does not say.
    inputs: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Outside:
    """Something that reached the case at its own time."""

    seq: int
    at: datetime
    type: str
    element: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Past:
    """A finished instance as its history tells it."""

    instance_id: int
    business_key: str
    definition: Definition
    start_event: str | None
    variables: Mapping[str, Any]
    facts: Facts
    #: Element -> its answers, in the order of its activities.
    answers: Mapping[str, Sequence[Answer]]
    outside: Sequence[Outside]
    #: Element of a timer -> (seq, how long after it was due it fired), one for each firing.
    fired: Mapping[str, Sequence[tuple[int, timedelta]]]


def read_all(session: Session, engine: Engine, instance_ids: Sequence[int]) -> Iterator[Past]:
    """The pasts of finished instances, in the order given, in three statements.

    Raises `history.UnreadablePayload` for what a newer release recorded.
    """
    events: dict[int, list[_Event]] = defaultdict(list)
    columns = (
        HistoryEvent.stream,
        HistoryEvent.seq,
        HistoryEvent.at,
        HistoryEvent.type,
        HistoryEvent.element_id,
        HistoryEvent.activity_id,
        HistoryEvent.payload,
    )
    query = (
        select(*columns)
        .where(HistoryEvent.stream.in_(instance_ids))
        .order_by(HistoryEvent.stream, HistoryEvent.seq)
    )
    for stream, seq, at, type_, element, activity, payload in session.execute(query):
        events[stream].append(
            _Event(
                seq=seq, at=at, type=type_, element=element or "", activity=activity, payload=read(payload)
            )
        )
    keys = dict(
        session.execute(
            select(ProcessInstance.id, ProcessInstance.business_key).where(
                ProcessInstance.id.in_(instance_ids)
            )
        ).all()
    )
    called = _called(session, events.values())
    for instance_id in instance_ids:
        yield _Reader(session, engine, events[instance_id], called).past(instance_id, keys[instance_id])


def _called(session: Session, histories: Any) -> dict[int, Mapping[str, Any]]:
    """Called instance -> the variables it was started with."""
    ids = [
        event.payload["called"] for events in histories for event in events if event.type == "ProcessCalled"
    ]
    if not ids:
        return {}
    query = select(HistoryEvent.stream, HistoryEvent.payload).where(
        HistoryEvent.stream.in_(ids), HistoryEvent.seq == 1
    )
    return {stream: read(payload).get("variables", {}) for stream, payload in session.execute(query)}


@dataclass(frozen=True, kw_only=True)
class _Event:
    seq: int
    at: datetime
    type: str
    element: str
    activity: int | None
    payload: Mapping[str, Any]


class _Reader:
    """Goes through one history once."""

    def __init__(
        self,
        session: Session,
        engine: Engine,
        events: Sequence[_Event],
        called: Mapping[int, Mapping[str, Any]],
    ) -> None:
        self._engine, self._events, self._called = engine, events, called
        self._start = events[0]
        self._definition = engine.definitions.get(session, self._start.payload["definition_id"])
        self._facts = Facts(started_at=self._start.at)
        self._began: dict[int | None, datetime] = {}
        self._calls: dict[int | None, int] = {}
        #: (element, activity) -> answer.
        self._answers: dict[tuple[str, int], Answer] = {}
        self._outside: list[Outside] = []
        self._fired: dict[str, list[tuple[int, timedelta]]] = defaultdict(list)

    def past(self, instance_id: int, business_key: str) -> Past:
        for event in self._events:
            self._take(event)
        answers: dict[str, list[Answer]] = defaultdict(list)
        for element, activity in sorted(self._answers, key=lambda key: key[1]):
            answers[element].append(self._answers[element, activity])
        return Past(
            instance_id=instance_id,
            business_key=business_key,
            definition=self._definition,
            start_event=self._start.element or None,
            variables=self._start.payload["variables"],
            facts=self._facts,
            answers=answers,
            outside=self._outside,
            fired=self._fired,
        )

    def _take(self, event: _Event) -> None:
        match event.type:
            case "ElementActivated":
                self._began[event.activity] = event.at
            case "ElementCompleted":
                if "frame" not in event.payload and not self._type(event.element).endswith("Gateway"):
                    self._facts.steps[event.element] += 1
            case "UserTaskCreated":
                self._facts.asked.append(
                    Asked(
                        element=event.element,
                        assignee=event.payload["assignee"],
                        groups=tuple(event.payload["candidate_groups"]),
                        people=tuple(event.payload["candidate_users"]),
                    )
                )
            case "UserTaskCancelled" | "ServiceTaskCancelled":
                self._unanswered(event)
            case "ElementTerminated" if self._type(event.element) in _SILENT:
                self._unanswered(event)
            case "ProcessCalled":
                self._calls[event.activity] = event.payload["called"]
            case "TimerFired":
                due = datetime.fromisoformat(event.payload["due_at"])
                self._fired[event.element].append((event.seq, max(event.at - due, timedelta())))
            case "ProcessInstanceCompleted" | "ProcessInstanceCancelled" | "ErrorThrown":
                self._facts.ended_at = self._facts.ended_at or event.at
        if event.type in _ANSWERS or event.type in _ERRORS:
            self._answered(event)
        elif event.type in _FROM_OUTSIDE:
            self._outside.append(
                Outside(
                    seq=event.seq, at=event.at, type=event.type, element=event.element, payload=event.payload
                )
            )

    def _answered(self, event: _Event) -> None:
        payload, error = event.payload, event.type in _ERRORS
        inputs = payload.get("inputs")
        if event.activity in self._calls:
            inputs = self._called.get(self._calls[event.activity])
        assert event.activity is not None  # every answer is given to an activity
        self._answers[event.element, event.activity] = Answer(
            how="error" if error else "result",
            seq=event.seq,
            after=event.at - self._began.get(event.activity, event.at),
            payload=payload,
            values=payload["variables"] if error else payload[_ANSWERS[event.type]],
            inputs=inputs,
        )
        service = self._engine.registry.service_task(payload.get("service", ""))
        if not error and service is not None and service.hindsight.pays is not None:
            self._facts.pay(service.type, service.hindsight.pays(payload["inputs"]))

    def _unanswered(self, event: _Event) -> None:
        if event.activity is not None:
            self._answers.setdefault((event.element, event.activity), Answer(how=None))

    def _type(self, element: str) -> str:
        found = self._definition.process.elements.get(element)
        return found.type if found else ""
