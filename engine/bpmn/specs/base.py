"""The life of a token at an element: enter, execute, perhaps wait, finish, leave by the flows."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec

from engine.bpmn import branches, effects, watches
from engine.bpmn.expressions import boolean, mapped
from engine.bpmn.joining import join
from engine.bpmn.model import Element, Flow
from engine.bpmn.token import Token
from engine.bpmn.trouble import Trouble
from engine.bpmn.variables import unstorable

if TYPE_CHECKING:
    from engine.bpmn.compiler import ProcessSpec


class ElementSpec(BpmnTaskSpec):
    """One element of a diagram; shared by all instances and frozen once compiled.

    Overrides the library where it predicts the tree ahead, copies data down it, drops flows and conditions that leave
    activities, or lets an exception escape from a step.
    """

    #: A join that asks whether another token can still arrive.
    waits_for_others = False
    #: Somebody outside completes it: a person, a job worker, a called process.
    answered = False
    _frozen = False

    def __init__(self, wf_spec: "ProcessSpec", element: Element, name: str | None = None):
        super().__init__(wf_spec, name or element.id, lane=element.lane, documentation=element.documentation)
        self.bpmn_id = element.id
        self.bpmn_name = element.name
        self.element = element
        self.type = element.type
        #: Tokens wait here for each other; they keep in mind by which flow they came.
        self.joins = element.start_quantity > 1
        self.flows: tuple[Flow, ...] = ()
        #: Where each outgoing flow leads.
        self.targets: dict[str, ElementSpec] = {}
        #: Boundary events on it.
        self.boundary: tuple[ElementSpec, ...] = ()
        #: Event sub-processes inside it.
        self.event_subprocesses: tuple[ElementSpec, ...] = ()
        #: The activity that undoes it, when it has a compensation boundary event.
        self.compensation: str | None = None

    def freeze(self) -> None:
        self._frozen = True

    def __setattr__(self, name: str, value: Any) -> None:
        if self._frozen:
            raise AttributeError(f"{self.name} is shared by all instances and cannot be changed")
        super().__setattr__(name, value)

    # What the library calls -----------------------------------------------------------------------
    def test(self) -> None:
        """The rules have checked the diagram at deployment."""

    def _predict(self, my_task: Token, *args: Any, **kwargs: Any) -> None:
        """Children come into being when a flow is taken, not before."""

    def _on_ready(self, my_task: Token) -> None:
        my_task.workflow.enqueue(my_task)

    def _run(self, my_task: Token) -> bool | None:
        try:
            return self._run_hook(my_task)
        except Trouble as trouble:
            my_task.workflow.park(my_task, trouble)
            return None

    def _run_hook(self, my_task: Token) -> bool | None:
        """True when the token leaves, None when it stays."""
        if "flow" in my_task.internal_data and not self.arrive(my_task):
            return None
        if my_task.phase in ("", "enter"):
            self.enter(my_task)
            my_task.phase = "execute"
        if my_task.phase == "execute":
            result = self.execute(my_task)
            if not my_task.alive:
                return None
            if result is None:
                if (
                    my_task.phase == "execute"
                ):  # else there was nothing to wait for, and it is finished already
                    my_task.phase = "wait"
                return None
            self.storable(my_task, result)
            my_task.internal_data["result"] = result
            my_task.phase = "finish"
        if my_task.phase == "finish":
            self.leave(my_task)
            return True
        return None

    def _on_complete(self, my_task: Token) -> None:
        self._on_complete_hook(my_task)
        my_task.workflow._task_completed_notify(my_task)

    def _on_complete_hook(self, my_task: Token) -> None:
        for flow_id in my_task.internal_data.pop("taken", ()):
            self.follow(my_task, self.targets[flow_id], flow_id)

    def _on_cancel(self, my_task: Token) -> None:
        my_task.workflow.resolve(my_task)
        if my_task.watch:
            watches.close(my_task)
            return
        if my_task.phase == "wait":
            self.withdraw(my_task)
        if my_task.phase:
            my_task.workflow.emit(effects.ElementTerminated(my_task.id, self.element.id, self.type))

    # Tokens that come together --------------------------------------------------------------------
    def arrive(self, token: Token) -> bool:
        """Wait for the others; True when ``token`` goes on for all of them."""
        waiting = token.workflow.arrived.setdefault((token.scope, self.name), [])
        if token not in waiting:
            waiting.append(token)
        complete = self.complete(token, waiting)
        if complete is None:
            return False
        if not token.phase:
            token.phase = "enter"
            self.announce(token)
        join(token, complete)
        waiting.remove(token)
        del token.internal_data["flow"]
        return True

    def complete(self, token: Token, waiting: list[Token]) -> list[Token] | None:
        """The tokens that go on as one, ``token`` among them; None while it has to wait."""
        return waiting[: self.element.start_quantity] if len(waiting) >= self.element.start_quantity else None

    # What a kind of element defines ---------------------------------------------------------------
    def execute(self, token: Token) -> dict[str, Any] | None:
        """Do the work. Gives its result variables, or None when somebody else will finish the token."""
        return {}

    def withdraw(self, token: Token) -> None:
        """Tell whoever works on it that nobody waits any more."""

    def fired(self, watch: Token, variables: dict[str, Any]) -> None:
        """An event that ``watch`` waited for has happened."""
        raise NotImplementedError(f"{self.type} waits for no event")

    def view(self, token: Token) -> dict[str, Any]:
        """The variables as they stand inside an active element, for whoever interrupts or looks on."""
        return branches.view(token) if token.inside() else token.data

    def gather(
        self, container: Token, token: Token, result: dict[str, Any], values: dict[str, Any]
    ) -> dict[str, Any]:
        """What a repetition contributes, evaluated before it leaves."""
        raise NotImplementedError(f"{self.type} repeats nothing")

    def token_ended(self, container: Token, token: Token) -> None:
        """A token inside ``container`` has ended."""
        raise NotImplementedError(f"{self.type} holds no tokens")

    # The way of a token ---------------------------------------------------------------------------
    def enter(self, token: Token) -> None:
        """Announce the activity, set its local variables, put up its boundary events."""
        workflow = token.workflow
        if not token.phase:
            token.phase = "enter"
            self.announce(token)
        local = self.local_variables(token)
        prepared = [
            armed
            for event in self.boundary
            for armed in watches.prepare(workflow, event, {**token.data, **local})
        ]
        if local:
            token.internal_data["local"] = local
        watches.open_all(workflow, token, prepared)

    def announce(self, token: Token) -> None:
        index = token.internal_data.get("index")
        total = None if index is None else token.workflow.scope_of(token).internal_data.get("total")
        token.workflow.emit(
            effects.ElementActivated(token.id, self.element.id, self.type, token.scope, index, total)
        )

    def local_variables(self, token: Token) -> dict[str, Any]:
        given = dict(token.internal_data.get("given") or {})
        for data in self.element.data_inputs:
            given[data.target] = token.data.get(data.source)
        if not self.element.inputs:
            return given
        return mapped(token.workflow.environment, self.element.inputs, token.data, given)

    def finish(self, token: Token, result: dict[str, Any]) -> None:
        """Let a waiting token go on with these result variables."""
        token.internal_data["result"] = result
        token.phase = "finish"
        token.workflow.enqueue(token)

    def leave(self, token: Token) -> None:
        """Take the results over, choose the flows and say so. Changes nothing before everything is evaluated."""
        workflow, scope = token.workflow, token.workflow.scope_of(token)
        result = token.internal_data.get("result") or {}
        values = self.results(token, result)
        self.storable(token, values)
        taken = self.choose(token, {**token.data, **values}) * self.element.completion_quantity
        gathered = (
            scope.task_spec.gather(scope, token, result, values) if "index" in token.internal_data else None
        )
        branches.assign(token, values, self.element.id)
        if not self.goes_on(taken):
            branches.publish(token)
        for watch in token.watches():
            watch.cancel()
        self.remember(token, scope)
        token.internal_data = {"taken": taken, "gathered": gathered}
        workflow.emit(effects.ElementCompleted(token.id, self.element.id, self.type, tuple(taken)))

    def goes_on(self, taken: list[str]) -> bool:
        """Whether the token lives on after this element; else what it wrote is shown to the others."""
        return bool(taken)

    def remember(self, token: Token, scope: Token) -> None:
        """Keep what compensation would have to undo."""
        inside = token.internal_data.get("done", [])
        own = next((s for s in self.event_subprocesses if _compensates(s)), None)
        if self.compensation:
            entry = [self.element.id, self.compensation]
        elif own is not None:
            entry = [self.element.id, own.name, inside]
        elif inside:
            entry = [self.element.id, inside]
        else:
            return
        scope.internal_data.setdefault("done", []).append(entry)

    def storable(self, token: Token, values: dict[str, Any]) -> None:
        reason = unstorable(values, token.workflow.limits.result_bytes)
        if reason:
            raise Trouble("value", f"the result cannot be stored: {reason}", reason=reason)

    def results(self, token: Token, result: dict[str, Any]) -> dict[str, Any]:
        """What the activity leaves behind: all results, or what its output mappings pick."""
        if not (self.element.outputs or self.element.data_outputs):
            return result
        visible = {**token.visible, **result}
        written = {data.target: visible.get(data.source) for data in self.element.data_outputs}
        if not self.element.outputs:
            sources = {data.source for data in self.element.data_outputs}
            written = {name: given for name, given in result.items() if name not in sources} | written
        return mapped(token.workflow.environment, self.element.outputs, visible, written)

    def choose(self, token: Token, variables: dict[str, Any]) -> list[str]:
        """Ids of the flows to leave by: every unconditional one and those whose condition holds."""
        conditional = [flow for flow in self.flows if flow.condition and flow.id != self.element.default]
        if not conditional:
            return [flow.id for flow in self.flows]
        environment = token.workflow.environment
        held = {flow.id for flow in conditional if boolean(environment, flow.condition or "", variables)}
        taken = [
            flow.id
            for flow in self.flows
            if flow.id in held or (not flow.condition and flow.id != self.element.default)
        ]
        if not held and self.element.default:
            taken.append(self.element.default)
        return self.expect(taken)

    def expect(self, taken: list[str]) -> list[str]:
        if not taken:
            raise Trouble("no_flow", "no condition of an outgoing flow holds and there is no default flow")
        return taken

    def follow(self, token: Token, target: "ElementSpec", flow_id: str | None) -> Token:
        """Put a token at the end of a flow."""
        internal = {"flow": flow_id} if target.joins else None
        child = token.workflow.spawn(target, token, token.data, scope=token.scope, internal=internal)
        child.side = token.side
        return child


def _compensates(event_subprocess: Any) -> bool:
    return any(definition.kind == "compensate" for definition in event_subprocess.start.element.events)


def specs_of(container: "ProcessSpec", ids: Iterable[str]) -> tuple[ElementSpec, ...]:
    return tuple(container.task_specs[id_] for id_ in ids)
