"""Containers of tokens: the process, embedded and event sub-processes, transactions, ad-hoc sub-processes."""

from typing import Any

from engine.bpmn import branches, watches
from engine.bpmn.expressions import boolean, value
from engine.bpmn.specs.base import ElementSpec
from engine.bpmn.token import Token
from engine.bpmn.trouble import Trouble
from engine.bpmn.variables import changes


class ScopeSpec(ElementSpec):
    """A sub-process: its tokens start with what it sees and hand on what they changed."""

    #: Its start event without a definition.
    start: ElementSpec | None = None
    #: Without a start event, everything that no flow leads to begins by itself.
    initial: tuple[str, ...] = ()

    def execute(self, token: Token) -> None:
        self.listen(token)
        self.begin(token)

    def listen(self, token: Token) -> None:
        """Open what the event sub-processes inside wait for."""
        workflow = token.workflow
        prepared = [
            armed
            for inner in self.event_subprocesses
            for armed in watches.prepare(workflow, inner.start, token.visible)
        ]
        watches.open_all(workflow, token, prepared)

    def begin(self, token: Token) -> None:
        self.release(token, [self.start.name] if self.start else list(self.initial))

    def release(self, token: Token, names: list[str]) -> None:
        """Put a token at each of these elements."""
        if not names:
            self.finish(token, {})
        begun = [token.workflow.spawn(self._wf_spec.task_specs[name], token, token.visible) for name in names]
        if len(begun) > 1:
            for child in begun:
                child.writes = {}

    def token_ended(self, container: Token, token: Token) -> None:
        workflow = container.workflow
        workflow.detach(token)
        if container.inside():
            branches.settle(container)
        else:
            self.emptied(container, token)

    def emptied(self, container: Token, last: Token) -> None:
        """Its last token has ended; from here on no event starts anything inside."""
        for watch in container.watches():
            if watch.task_spec not in self.boundary:
                watch.cancel()
        self.finish(container, changes(container.visible, last.data))

    def results(self, token: Token, result: dict[str, Any]) -> dict[str, Any]:
        if self.element.outputs:
            return super().results(token, result)
        return {name: given for name, given in result.items() if name not in token.local}


class ProcessScopeSpec(ScopeSpec):
    """The process itself."""

    def emptied(self, container: Token, last: Token) -> None:
        container.workflow.close(container, last.data)


class EventSubprocessSpec(ScopeSpec):
    """Runs beside the flow of its scope, or instead of it when its start event interrupts."""

    def begin(self, token: Token) -> None:
        caught = token.internal_data.pop("caught", {})
        token.workflow.spawn(self.start, token, token.visible, internal={"caught": caught})

    def catch(self, scope: Token, variables: dict[str, Any]) -> None:
        """Its start event has happened in ``scope``."""
        workflow = scope.workflow
        data = branches.view(scope)
        interrupting = self.start.element.interrupting
        if interrupting:
            for child in scope.children:
                if not (child.watch and child.task_spec in scope.task_spec.boundary):
                    child.cancel()
        token = workflow.spawn(self, scope, data, internal={"caught": variables})
        if not interrupting:
            branches.beside(scope, token)


class AdHocSpec(ScopeSpec):
    """Activities without an order of their own: all at once, or one after the other."""

    def begin(self, token: Token) -> None:
        workflow, element = token.workflow, self.element
        names = list(self.initial)
        if element.active_elements:
            given = value(workflow.environment, element.active_elements, token.visible)
            if not isinstance(given, list) or not all(name in self.initial for name in given):
                raise Trouble(
                    "expression", f"{element.active_elements} gives {given!r}, not activities inside"
                )
            names = given
        now, later = (names[:1], names[1:]) if element.ordering == "Sequential" else (names, [])
        token.internal_data["later"] = later
        self.release(token, now)

    def token_ended(self, container: Token, token: Token) -> None:
        workflow, element = container.workflow, self.element
        stop = bool(element.ad_hoc_completion) and boolean(
            workflow.environment, element.ad_hoc_completion or "", token.data
        )
        if stop and element.cancel_remaining:
            for other in container.inside():
                if other is not token:
                    other.cancel()
        elif not stop and container.internal_data.get("later"):
            name = container.internal_data["later"].pop(0)
            workflow.spawn(self._wf_spec.task_specs[name], container, token.data)
        super().token_ended(container, token)
