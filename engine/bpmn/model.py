"""A diagram as read: frozen values, shared by every instance that runs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """A sequence flow."""

    id: str
    name: str = ""
    source: str
    target: str
    #: ``=expression``, or None when the flow is unconditional.
    condition: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class IoMapping:
    """One ``zeebe:input`` or ``zeebe:output``."""

    source: str
    #: A variable name, dotted for a nested one.
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EventDefinition:
    """What an event catches or throws, with every reference followed."""

    #: "message", "timer", "signal", "error", "escalation", "conditional", "link", "compensate", "cancel", "terminate".
    kind: str
    id: str = ""
    #: Message, signal or link name.
    name: str | None = None
    #: Error or escalation code; None catches every one.
    code: str | None = None
    #: ``=expression`` of ``zeebe:subscription``.
    correlation_key: str | None = None
    #: "date", "duration" or "cycle" with its text, for a timer.
    timer: tuple[str, str] | None = None
    condition: str | None = None
    #: The activity a compensation throw means; None means every completed one of its scope.
    activity: str | None = None
    wait_for_completion: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Loop:
    """Multi-instance or standard loop."""

    #: "multiInstance" or "standard".
    kind: str
    sequential: bool = False
    collection: str | None = None
    element: str | None = None
    output_collection: str | None = None
    output_element: str | None = None
    cardinality: str | None = None
    completion_condition: str | None = None
    #: The standard loop repeats while this holds.
    condition: str | None = None
    maximum: int | None = None
    test_before: bool = False
    #: "All", "None" or "One": which completions throw ``event``.
    behavior: str = "All"
    event: EventDefinition | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """``zeebe:assignmentDefinition``; each a literal or ``=expression``."""

    assignee: str | None = None
    candidate_groups: str | None = None
    candidate_users: str | None = None


#: No assignment: the lane says who may do it.
NOBODY_NAMED = Assignment()


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """``zeebe:taskSchedule``; each a literal or ``=expression``."""

    due_date: str | None = None
    follow_up_date: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """A flow node: everything a token can be at."""

    id: str
    name: str = ""
    #: Local name of the XML element: "userTask", "exclusiveGateway" ...
    type: str
    #: Id of the enclosing process or sub-process.
    parent: str
    documentation: str = ""
    #: Name of the innermost lane that holds the element.
    lane: str | None = None
    #: Sequence flow ids, in the order of the file.
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default: str | None = None
    events: tuple[EventDefinition, ...] = ()
    #: All of ``events`` have to happen (``parallelMultiple``).
    parallel_multiple: bool = False
    #: Boundary events: the activity they sit on.
    attached_to: str | None = None
    #: Boundary events and event sub-process starts.
    interrupting: bool = True
    #: A sub-process that is started by an event.
    triggered_by_event: bool = False
    is_for_compensation: bool = False
    #: The handler that an association leads to, on a compensation boundary event.
    compensation_handler: str | None = None
    start_quantity: int = 1
    completion_quantity: int = 1
    loop: Loop | None = None
    #: Receive tasks that start an instance.
    instantiate: bool = False
    #: ``activationCondition`` of a complex gateway.
    activation_condition: str | None = None
    #: Ad-hoc sub-process: ``zeebe:adHoc activeElementsCollection``, its order and condition.
    active_elements: str | None = None
    ordering: str = "Parallel"
    ad_hoc_completion: str | None = None
    cancel_remaining: bool = True
    # Dialect --------------------------------------------------------------------------------------
    form_id: str | None = None
    assignment: Assignment = Assignment()
    schedule: Schedule = Schedule()
    priority: str | None = None
    task_type: str | None = None
    retries: str | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    properties: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    inputs: tuple[IoMapping, ...] = ()
    outputs: tuple[IoMapping, ...] = ()
    #: Data associations of standard BPMN: ((variable in, variable out), ...).
    data_inputs: tuple[IoMapping, ...] = ()
    data_outputs: tuple[IoMapping, ...] = ()
    #: ``zeebe:script`` expression.
    script: str | None = None
    decision_id: str | None = None
    #: Where a script's or a decision's value goes.
    result_variable: str | None = None
    #: ``zeebe:calledElement processId`` or the standard ``calledElement``.
    called_process: str | None = None
    #: The call names a global task of the same file, which runs in place of it.
    called_task: "Element | None" = None
    propagate_child: bool = True
    propagate_parent: bool = True
    #: ``zeebe:modelerTemplate``.
    template: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """A lane at any depth."""

    id: str
    #: Its id where it has no name.
    name: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Process:
    """One process of a diagram."""

    id: str
    name: str = ""
    executable: bool = True
    documentation: str = ""
    #: Every flow node at any depth, by id.
    elements: Mapping[str, Element]
    #: Every sequence flow at any depth, by id; flows without an id have a synthetic one.
    flows: Mapping[str, Flow]
    #: Ids of the nodes directly inside a process or sub-process, in the order of the file.
    children: Mapping[str, tuple[str, ...]]
    #: In the order of the file.
    lanes: tuple[Lane, ...] = ()
    properties: Mapping[str, str] = field(default_factory=lambda: _EMPTY)

    def start_events(self) -> tuple[Element, ...]:
        """Start events (and instantiating receive tasks) of the process itself."""
        nodes = (self.elements[node] for node in self.children[self.id])
        return tuple(node for node in nodes if node.type == "startEvent" or node.instantiate)

    def of_type(self, *types: str) -> tuple[Element, ...]:
        return tuple(element for element in self.elements.values() if element.type in types)

    @property
    def decisions(self) -> frozenset[str]:
        """Ids of the decisions it asks for."""
        return frozenset(e.decision_id for e in self.elements.values() if e.decision_id)

    @property
    def forms(self) -> frozenset[str]:
        return frozenset(e.form_id for e in self.elements.values() if e.form_id)

    @property
    def called_processes(self) -> frozenset[str]:
        """Ids of the processes it calls; those given by an expression are left out."""
        called = (e.called_process for e in self.elements.values() if e.called_process)
        return frozenset(name for name in called if not name.startswith("="))

    @property
    def job_types(self) -> frozenset[str]:
        types = (e.task_type for e in self.elements.values() if e.task_type)
        return frozenset(name for name in types if not name.startswith("="))

    @property
    def messages(self) -> frozenset[str]:
        """Names of the messages it waits for, at its start too."""
        waiting = (
            e
            for e in self.elements.values()
            if e.type not in ("intermediateThrowEvent", "endEvent", "sendTask")
        )
        return frozenset(d.name for e in waiting for d in e.events if d.kind == "message" and d.name)


@dataclass(frozen=True, kw_only=True, eq=False)
class Diagram:
    """One BPMN file."""

    id: str
    name: str
    processes: Mapping[str, Process]
