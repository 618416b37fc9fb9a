"""A process as SpiffWorkflow runs it: one frozen specification, shared by all its instances."""

from threading import Lock
from weakref import WeakKeyDictionary

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from engine.bpmn.joining import reachable
from engine.bpmn.model import Element, Process
from engine.bpmn.specs.base import ElementSpec
from engine.bpmn.specs.events import BoundarySpec, CatchSpec, LinkThrowSpec, StartSpec, ThrowSpec
from engine.bpmn.specs.gateways import (
    ComplexSpec,
    EventGatewaySpec,
    ExclusiveSpec,
    InclusiveSpec,
    ParallelSpec,
)
from engine.bpmn.specs.loops import LoopSpec, MultiInstanceSpec, StandardLoopSpec
from engine.bpmn.specs.scopes import AdHocSpec, EventSubprocessSpec, ProcessScopeSpec, ScopeSpec
from engine.bpmn.specs.tasks import (
    CallActivitySpec,
    DecisionSpec,
    JobSpec,
    PassSpec,
    ScriptSpec,
    UserTaskSpec,
)

KINDS: dict[str, type[ElementSpec]] = {
    "task": PassSpec,
    "manualTask": PassSpec,
    "userTask": UserTaskSpec,
    "scriptTask": ScriptSpec,
    "businessRuleTask": DecisionSpec,
    "serviceTask": JobSpec,
    "sendTask": JobSpec,
    "receiveTask": CatchSpec,
    "callActivity": CallActivitySpec,
    "subProcess": ScopeSpec,
    "transaction": ScopeSpec,
    "adHocSubProcess": AdHocSpec,
    "startEvent": StartSpec,
    "endEvent": ThrowSpec,
    "intermediateThrowEvent": ThrowSpec,
    "intermediateCatchEvent": CatchSpec,
    "boundaryEvent": BoundarySpec,
    "exclusiveGateway": ExclusiveSpec,
    "inclusiveGateway": InclusiveSpec,
    "parallelGateway": ParallelSpec,
    "eventBasedGateway": EventGatewaySpec,
    "complexGateway": ComplexSpec,
}


class ProcessSpec(WorkflowSpec):
    """All task specifications of one process, by element id."""

    def __init__(self, process: Process):
        super().__init__(process.id)
        self.start: ProcessScopeSpec

    def freeze(self) -> None:
        for spec in self.task_specs.values():
            spec.freeze()


_compiled: WeakKeyDictionary[Process, ProcessSpec] = WeakKeyDictionary()
_lock = Lock()


def compiled(process: Process) -> ProcessSpec:
    """The specification of a process, built once."""
    with _lock:
        spec = _compiled.get(process)
        if spec is None:
            spec = _compiled[process] = _compile(process)
        return spec


def _compile(process: Process) -> ProcessSpec:
    whole = ProcessSpec(process)
    root = ProcessScopeSpec(whole, Element(id=process.id, name=process.name, type="process", parent=""))
    whole.start = root
    for element in process.elements.values():
        _add(whole, element)
    for element in process.elements.values():
        _connect(whole, process, element)
    for scope in process.children:
        _fill(whole, process, scope)
    for element in process.of_type("inclusiveGateway", "complexGateway"):
        _find_sources(whole, process, element)
    whole.freeze()
    return whole


def _add(whole: ProcessSpec, element: Element) -> None:
    if element.loop is None:
        _build(whole, element, element.id)
        return
    inner = _build(whole, element, f"{element.id}:each")
    frame: type[LoopSpec] = MultiInstanceSpec if element.loop.kind == "multiInstance" else StandardLoopSpec
    frame(whole, element, inner)


def _build(whole: ProcessSpec, element: Element, name: str) -> ElementSpec:
    kind = KINDS[element.type]
    if element.triggered_by_event:
        kind = EventSubprocessSpec
    elif (element.type == "businessRuleTask" and element.task_type) or (
        element.type == "scriptTask" and element.task_type
    ):
        kind = JobSpec
    elif element.type == "intermediateThrowEvent" and any(d.kind == "link" for d in element.events):
        kind = LinkThrowSpec
    elif element.called_task is not None:
        spec = ScopeSpec(whole, element, name)
        spec.start = _build(whole, element.called_task, f"{name}:task")
        return spec
    return kind(whole, element, name)


def _connect(whole: ProcessSpec, process: Process, element: Element) -> None:
    spec = whole.task_specs[element.id]
    spec.flows = tuple(process.flows[flow] for flow in element.outgoing)
    for flow in spec.flows:
        target = whole.task_specs[flow.target]
        spec.connect(target)
        spec.targets[flow.id] = target
    if isinstance(spec, LinkThrowSpec):
        name = element.events[0].name
        spec.target = next(
            whole.task_specs[other.id]
            for other in process.of_type("intermediateCatchEvent")
            if other.parent == element.parent
            and any(d.kind == "link" and d.name == name for d in other.events)
        )
    if element.type == "boundaryEvent":
        host = whole.task_specs[element.attached_to]
        host.boundary += (spec,)
        if element.compensation_handler:
            host.compensation = element.compensation_handler


def _fill(whole: ProcessSpec, process: Process, scope_id: str) -> None:
    scope = whole.task_specs.get(f"{scope_id}:each") or whole.task_specs[scope_id]
    children = [process.elements[id_] for id_ in process.children[scope_id]]
    scope.event_subprocesses = tuple(whole.task_specs[e.id] for e in children if e.triggered_by_event)
    starts = [whole.task_specs[e.id] for e in children if e.type == "startEvent"]
    if isinstance(scope, EventSubprocessSpec):
        scope.start = starts[0]
        starts[0].container = scope
        return
    scope.start = next((spec for spec in starts if not spec.element.events), None)
    if not starts:
        scope.initial = tuple(element.id for element in children if _begins_by_itself(element))


def _begins_by_itself(element: Element) -> bool:
    return not (
        element.incoming
        or element.triggered_by_event
        or element.is_for_compensation
        or element.instantiate
        or element.type == "boundaryEvent"
        or any(definition.kind == "link" for definition in element.events)
    )


def _find_sources(whole: ProcessSpec, process: Process, gateway: Element) -> None:
    before: dict[str, list[str]] = {}
    for flow in process.flows.values():
        before.setdefault(flow.target, []).append(flow.source)
    for event in process.of_type("boundaryEvent"):
        before.setdefault(event.id, []).append(event.attached_to)
    for spec in whole.task_specs.values():
        if isinstance(spec, LinkThrowSpec):
            before.setdefault(spec.target.element.id, []).append(spec.element.id)
    whole.task_specs[gateway.id].sources = {
        flow: reachable(before, process.flows[flow].source, gateway.id) for flow in gateway.incoming
    }
