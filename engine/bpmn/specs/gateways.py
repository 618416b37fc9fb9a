"""Gateways: choosing flows, and waiting for tokens to come together."""

from collections.abc import Collection
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn import branches, watches
from engine.bpmn.expressions import boolean
from engine.bpmn.model import Element
from engine.bpmn.specs.base import ElementSpec
from engine.bpmn.token import Token


class ExclusiveSpec(ElementSpec):
    """The first flow whose condition holds, else the default."""

    def choose(self, token: Token, variables: dict[str, Any]) -> list[str]:
        if len(self.flows) < 2 and not any(flow.condition for flow in self.flows):
            return [flow.id for flow in self.flows]
        for flow in self.flows:
            asks = flow.condition and flow.id != self.element.default
            if asks and boolean(token.workflow.environment, flow.condition, variables):
                return [flow.id]
        return self.expect([self.element.default] if self.element.default else [])


class JoinSpec(ElementSpec):
    """What joining gateways share."""

    def __init__(self, wf_spec: Any, element: Element, name: str | None = None):
        super().__init__(wf_spec, element, name)
        self.joins = len(element.incoming) > 1


class ParallelSpec(JoinSpec):
    """One token from every incoming flow; a token for every outgoing flow, conditions or not."""

    def complete(self, token: Token, waiting: list[Token]) -> list[Token] | None:
        first = one_a_flow(waiting)
        return list(first.values()) if len(first) == len(self.element.incoming) else None

    def choose(self, token: Token, variables: dict[str, Any]) -> list[str]:
        return [flow.id for flow in self.flows]


class InclusiveSpec(JoinSpec):
    """Waits until no other token can arrive; leaves by every flow whose condition holds.

    BPMN 2.0, 13.3.3: a token elsewhere holds the gateway back when it can come to an incoming flow that is still
    empty, unless it can also come to one that already has a token.
    """

    waits_for_others = True

    def __init__(self, wf_spec: Any, element: Element, name: str | None = None):
        super().__init__(wf_spec, element, name)
        #: By incoming flow, the elements from which a token can still come along it.
        self.sources: dict[str, frozenset[str]] = {}

    def complete(self, token: Token, waiting: list[Token]) -> list[Token] | None:
        # A token that was stopped by a conflict has been released before.
        released = token.internal_data.pop("released", False) or token.phase
        return list(one_a_flow(waiting).values()) if released else None

    def release(self, workflow: Any, scope: Token, waiting: list[Token]) -> bool:
        """Send the waiting tokens on when nobody else can come. Called when nothing else is left to run."""
        if any("incident" in token.internal_data for token in waiting):
            return False
        first = one_a_flow(waiting)
        if self.may_come(workflow, scope, waiting, first.keys()):
            return False
        survivor = next(iter(first.values()))
        survivor.internal_data["released"] = True
        workflow.enqueue(survivor)
        return True

    def may_come(self, workflow: Any, scope: Token, waiting: list[Token], filled: Collection[str]) -> bool:
        """Whether a token that is not waiting yet can still come by a flow that is not filled."""
        for leaf in branches.leaves(scope):
            if leaf not in waiting:
                place = leaf.task_spec.element.id
                reached = {flow for flow, sources in self.sources.items() if place in sources}
                if reached and not reached & set(filled):
                    return True
        return False


class ComplexSpec(InclusiveSpec):
    """Goes on as soon as its activation condition holds; tokens that come later are taken in without effect.

    BPMN 2.0, 13.4.5: it starts anew once every incoming flow has brought a token or no longer can. The condition may
    ask for ``activationCount``, the number of incoming flows that have a token.
    """

    def arrive(self, token: Token) -> bool:
        late = token.workflow.scope_of(token).internal_data.get("late", {}).get(self.name)
        if late is None or token.internal_data["flow"] in late:
            return super().arrive(token)
        self._take_in(token, late)
        return False

    def complete(self, token: Token, waiting: list[Token]) -> list[Token] | None:
        scope, first = token.workflow.scope_of(token), one_a_flow(waiting)
        if self.name in scope.internal_data.get("late", {}):
            return None
        variables = {**token.data, "activationCount": len(first)}
        if not boolean(token.workflow.environment, self.element.activation_condition or "=true", variables):
            return None
        if len(first) < len(self.element.incoming):
            scope.internal_data.setdefault("late", {})[self.name] = list(first)
        return list({**first, token.internal_data["flow"]: token}.values())

    def release(self, workflow: Any, scope: Token, waiting: list[Token]) -> bool:
        late = scope.internal_data.get("late", {})
        if self.name not in late or self.may_come(workflow, scope, waiting, late[self.name]):
            return False
        del late[self.name]
        for token in waiting:
            workflow.enqueue(token)
        return True

    def _take_in(self, token: Token, late: list[str]) -> None:
        scope = token.workflow.scope_of(token)
        late.append(token.internal_data["flow"])
        if len(late) == len(self.element.incoming):
            del scope.internal_data["late"][self.name]
        token.side = True
        branches.publish(token)
        token._set_state(TaskState.COMPLETED)
        scope.task_spec.token_ended(scope, token)


class EventGatewaySpec(ElementSpec):
    """Waits for the first of several events."""

    def execute(self, token: Token) -> None:
        prepared = [
            armed
            for flow in self.flows
            for armed in watches.prepare(token.workflow, self.targets[flow.id], token.visible)
        ]
        watches.open_all(token.workflow, token, prepared)

    def decided(self, token: Token, target: ElementSpec, variables: dict[str, Any]) -> None:
        """``target`` is the event that came first."""
        flow = next(flow for flow in self.flows if self.targets[flow.id] is target)
        self.finish(token, {"flow": flow.id, "caught": variables})

    def results(self, token: Token, result: dict[str, Any]) -> dict[str, Any]:
        return {}

    def choose(self, token: Token, variables: dict[str, Any]) -> list[str]:
        return [token.internal_data["result"]["flow"]]

    def leave(self, token: Token) -> None:
        caught = token.internal_data["result"]["caught"]
        super().leave(token)
        token.internal_data["caught"] = caught

    def follow(self, token: Token, target: ElementSpec, flow_id: str | None) -> Token:
        child = super().follow(token, target, flow_id)
        child.internal_data["caught"] = token.internal_data["caught"]
        return child


def one_a_flow(waiting: list[Token]) -> dict[str, Token]:
    """The token that came first along each incoming flow."""
    first: dict[str, Token] = {}
    for token in waiting:
        first.setdefault(token.internal_data["flow"], token)
    return first
