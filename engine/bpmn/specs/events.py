"""Events: start, catch, throw, end, boundary and link."""

from typing import Any

from engine.bpmn import branches, compensation, effects, throwing, watches
from engine.bpmn.model import EventDefinition
from engine.bpmn.specs.base import ElementSpec
from engine.bpmn.specs.tasks import JobSpec
from engine.bpmn.token import Token
from engine.bpmn.variables import changes


class StartSpec(ElementSpec):
    """A start event: hands on what started it."""

    #: The event sub-process that it starts, if it is inside one.
    container: Any = None

    def execute(self, token: Token) -> dict[str, Any]:
        return token.internal_data.get("caught") or {}

    def fired(self, watch: Token, variables: dict[str, Any]) -> None:
        scope = watch.parent
        together = watches.together(scope, watch, variables)
        if not self.element.interrupting:
            keep_or_close(watch)
        else:
            watch.internal_data["fired"] = True
            if together is None:
                watch.cancel()
        if together is not None:
            self.container.catch(scope, together)

    def check_condition(self, watch: Token) -> None:
        if watches.holds(watch, watch.parent.task_spec.view(watch.parent)):
            self.fired(watch, {})


class CatchSpec(ElementSpec):
    """An intermediate catch event or receive task."""

    def execute(self, token: Token) -> dict[str, Any] | None:
        if "caught" in token.internal_data:
            return token.internal_data["caught"]
        if self.element.instantiate or self.element.events[0].kind == "link":
            return {}
        watches.open_all(token.workflow, token, watches.prepare(token.workflow, self, token.visible))
        return None

    def fired(self, watch: Token, variables: dict[str, Any]) -> None:
        owner = watch.parent
        if owner.task_spec is not self:
            watch.internal_data["fired"] = True
            owner.task_spec.decided(owner, self, variables)
        elif watch.internal_data.get("text") and watches.repeats(watch):
            self._repeat(owner, watch)
        elif self.element.parallel_multiple and len(self._open(owner)) > 1:
            owner.internal_data["so_far"] = {**owner.internal_data.get("so_far", {}), **variables}
            watch.internal_data["fired"] = True
            watch.cancel()
        else:
            watch.internal_data["fired"] = True
            self.finish(owner, {**owner.internal_data.get("so_far", {}), **variables})

    def check_condition(self, watch: Token) -> None:
        if watches.holds(watch, watch.parent.data):
            self.fired(watch, {})

    def _open(self, owner: Token) -> list[Token]:
        return [watch for watch in owner.watches() if watch.task_spec is self]

    def _repeat(self, owner: Token, watch: Token) -> None:
        """A cycle in the middle of a flow lets a token pass each time."""
        workflow = owner.workflow
        branch = workflow.spawn(self, owner.parent, owner.data, scope=owner.scope, internal={"caught": {}})
        if owner.writes is None:
            owner.writes = {}
        branch.writes = {}
        watches.rearm(watch)


class BoundarySpec(ElementSpec):
    """An event on the border of an activity."""

    def execute(self, token: Token) -> dict[str, Any]:
        return token.internal_data.get("caught") or {}

    def fired(self, watch: Token, variables: dict[str, Any]) -> None:
        host = watch.parent
        together = watches.together(host, watch, variables)
        if not self.element.interrupting:
            keep_or_close(watch)
        else:
            watch.internal_data["fired"] = True
            if together is None:
                watch.cancel()
        if together is not None:
            self.catch(host, together)

    def check_condition(self, watch: Token) -> None:
        host = watch.parent
        if watches.holds(watch, host.task_spec.view(host)):
            self.fired(watch, {})

    def catch(self, host: Token, variables: dict[str, Any]) -> None:
        """What it waits for has happened while ``host`` was active."""
        workflow = host.workflow
        inner = self._written_inside(host)
        internal = {"caught": variables}
        if self.element.interrupting:
            branches.assign(host, inner, host.task_spec.element.id)
            token = workflow.spawn(self, host.parent, host.data, scope=host.scope, internal=internal)
            token.writes, token.side = host.writes, host.side
            host.cancel()
        else:
            token = workflow.spawn(
                self, host.parent, {**host.data, **inner}, scope=host.scope, internal=internal
            )
            branches.beside(workflow.scope_of(host), token)

    def _written_inside(self, host: Token) -> dict[str, Any]:
        """Variables that a sub-process has changed so far, unless its output mappings keep them in."""
        if not host.inside() or host.task_spec.element.outputs:
            return {}
        return changes(host.data, host.task_spec.view(host), without=host.local)


class ThrowSpec(JobSpec):
    """Throw and end events, with any number of definitions."""

    def execute(self, token: Token) -> dict[str, Any] | None:
        for definition in self.element.events:
            self.throw(token, definition)
            if not token.alive:
                return None
        kinds = {definition.kind for definition in self.element.events}
        if kinds & {"compensate", "cancel"} and compensation.begin(token):
            return None
        if "cancel" in kinds:
            self.emptied(token)
            return None
        if self.element.task_type:
            return super().execute(token)
        return {}

    def throw(self, token: Token, definition: EventDefinition) -> None:
        if definition.kind in ("signal", "escalation", "error"):
            throwing.throw(token, definition)
        elif definition.kind in ("terminate", "cancel"):
            workflow = token.workflow
            for other in list(branches.leaves(workflow.scope_of(token))):
                if other is not token:
                    other.cancel()

    def token_ended(self, container: Token, token: Token) -> None:
        """A compensation handler that it started is done."""
        compensation.ended(container, token)

    def emptied(self, token: Token) -> None:
        """Everything is undone: a cancelled transaction is left by its cancel event, any other throw goes on."""
        if any(definition.kind == "cancel" for definition in self.element.events):
            transaction = token.workflow.scope_of(token)
            event = next(s for s in transaction.task_spec.boundary if s.element.events[0].kind == "cancel")
            token.workflow.emit(effects.ElementCompleted(token.id, self.element.id, self.type))
            token.phase = ""
            event.catch(transaction, {})
        else:
            self.finish(token, {})

    def withdraw(self, token: Token) -> None:
        if self.element.task_type:
            super().withdraw(token)


class LinkThrowSpec(ElementSpec):
    """Goes on at the catching link of the same name; no sequence flow is drawn between them."""

    target: ElementSpec | None = None

    def goes_on(self, taken: list[str]) -> bool:
        return True

    def _on_complete_hook(self, my_task: Token) -> None:
        self.follow(my_task, self.target, None)


def keep_or_close(watch: Token) -> None:
    """After an event that does not interrupt: wait for the next one, or be done."""
    if watch.internal_data.get("text"):
        if not watches.rearm(watch):
            watch.internal_data["fired"] = True
            watch.cancel()
    elif not watches.repeats(watch):
        watch.internal_data["fired"] = True
        watch.cancel()
