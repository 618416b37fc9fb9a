"""What an advance did and asks for, in order. The runtime records, projects and defers each of them.

Every ``*_id`` that is an ``int`` comes from one counter in the instance's state: replaying the same inputs gives the
same ids. Timers and subscriptions have ids of their own from that counter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Variables = Mapping[str, Any]


class Effect:
    """Base of everything ``Execution.take_effects`` returns."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ProcessStarted(Effect):
    process_id: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class ProcessCompleted(Effect):
    variables: Variables


@dataclass(frozen=True, slots=True)
class ProcessTerminated(Effect):
    """The instance was ended from outside; everything that waited was cancelled before this."""


@dataclass(frozen=True, slots=True)
class ElementActivated(Effect):
    activity_id: int
    element_id: str
    #: As in the XML ("userTask"); "multiInstanceBody" and "loopBody" for the frame around a repeated activity.
    element_type: str
    #: Activity id of the enclosing sub-process, body or process.
    scope_id: int
    #: 1-based position among the repetitions, None when the activity is not repeated.
    loop_index: int | None = None
    loop_total: int | None = None


@dataclass(frozen=True, slots=True)
class ElementCompleted(Effect):
    activity_id: int
    element_id: str
    element_type: str
    #: Ids of the sequence flows the tokens left by; a flow appears once for each token that passed it.
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ElementTerminated(Effect):
    activity_id: int
    element_id: str
    element_type: str


@dataclass(frozen=True, slots=True)
class UserTaskCreated(Effect):
    activity_id: int
    element_id: str
    name: str
    form_id: str | None
    assignee: str | None
    candidate_groups: tuple[str, ...]
    candidate_users: tuple[str, ...]
    due_at: datetime | None
    follow_up_at: datetime | None
    priority: int
    #: Name of the innermost lane around the element.
    lane: str | None
    #: ``zeebe:properties`` with every ``=`` expression evaluated.
    properties: Mapping[str, Any]
    #: Everything the form may read.
    variables: Variables


@dataclass(frozen=True, slots=True)
class UserTaskCancelled(Effect):
    activity_id: int
    element_id: str


@dataclass(frozen=True, slots=True)
class JobCreated(Effect):
    activity_id: int
    element_id: str
    type: str
    retries: int
    #: The local variables of the input mappings; all visible variables when there are none.
    inputs: Variables
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class JobCancelled(Effect):
    activity_id: int
    element_id: str


@dataclass(frozen=True, slots=True)
class ChildRequested(Effect):
    """Start ``process_id`` as an instance of its own; answer with ``Execution.complete(activity_id, variables)``."""

    activity_id: int
    element_id: str
    process_id: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class ChildCancelled(Effect):
    activity_id: int
    element_id: str


@dataclass(frozen=True, slots=True)
class TimerStarted(Effect):
    timer_id: int
    element_id: str
    #: Timezone-aware.
    due_at: datetime
    #: How often it will still fire, this time included; None means without end.
    repetitions: int | None = 1


@dataclass(frozen=True, slots=True)
class TimerCancelled(Effect):
    timer_id: int
    element_id: str


@dataclass(frozen=True, slots=True)
class MessageSubscribed(Effect):
    subscription_id: int
    element_id: str
    name: str
    correlation_key: str
    #: False when the subscription stays open after a message has arrived.
    interrupting: bool = True


@dataclass(frozen=True, slots=True)
class MessageUnsubscribed(Effect):
    subscription_id: int
    element_id: str


@dataclass(frozen=True, slots=True)
class SignalSubscribed(Effect):
    subscription_id: int
    element_id: str
    name: str


@dataclass(frozen=True, slots=True)
class SignalUnsubscribed(Effect):
    subscription_id: int
    element_id: str


@dataclass(frozen=True, slots=True)
class SignalThrown(Effect):
    """Already delivered inside this instance; the runtime tells all others."""

    activity_id: int
    element_id: str
    name: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class ErrorEscaped(Effect):
    """Nothing in this instance catches the error; an incident follows. A caller may catch it at the call activity."""

    activity_id: int
    element_id: str
    code: str
    message: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class EscalationEscaped(Effect):
    """Nothing in this instance catches the escalation. A caller may, with ``Execution.escalate``; else it is lost."""

    activity_id: int
    element_id: str
    code: str


@dataclass(frozen=True, slots=True)
class DecisionEvaluated(Effect):
    activity_id: int
    element_id: str
    decision_id: str
    value: Any
    trace: Any


@dataclass(frozen=True, slots=True)
class VariablesChanged(Effect):
    """These variables have these values from here on, for the token that is (or leaves) this activity."""

    activity_id: int
    element_id: str
    values: Variables


@dataclass(frozen=True, slots=True)
class IncidentRaised(Effect):
    activity_id: int
    element_id: str
    #: "expression", "decision", "mapping", "condition", "conflict", "error", "timer", "limit", "service" ...
    kind: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncidentResolved(Effect):
    activity_id: int
    element_id: str
