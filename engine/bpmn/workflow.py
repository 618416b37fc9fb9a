"""A running instance: SpiffWorkflow's workflow with a queue of ready tokens instead of whole-tree scans."""

from collections import deque
from dataclasses import dataclass
from operator import itemgetter
from time import monotonic
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from engine.bpmn import effects
from engine.bpmn.branches import combined
from engine.bpmn.environment import Environment
from engine.bpmn.token import Token
from engine.bpmn.trouble import Trouble, UnknownActivity

if TYPE_CHECKING:
    from engine.bpmn.compiler import ProcessSpec
    from engine.bpmn.specs.base import ElementSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What keeps one instance from taking the server."""

    #: Elements run in one advance; one more is an incident.
    steps: int = 10_000
    #: Seconds of one advance; what still has to run then is an incident.
    seconds: float = 10
    #: Repetitions of one multi-instance activity.
    repetitions: int = 5_000
    #: Live tokens and watches of the whole instance.
    tokens: int = 25_000
    #: Result variables of one activity.
    result_bytes: int = 4_000_000


class Instance(Workflow):
    """The task tree of one process instance and what happened to it since the effects were last taken."""

    spec: "ProcessSpec"
    tasks: dict[int, Token]

    def __init__(self, spec: "ProcessSpec", environment: Environment, limits: Limits, counter: int = 0):
        # "deserializing" keeps the library from building and predicting a tree of its own.
        super().__init__(spec, deserializing=True)
        self.environment = environment
        self.clock = int(environment.now.timestamp())
        self.limits = limits
        self.counter = counter
        self.queue: deque[Token] = deque()
        self.effects: list[effects.Effect] = []
        #: Tokens that wait at a join, by (scope, element).
        self.arrived: dict[tuple[int, str], list[Token]] = {}
        #: Watches of conditional events.
        self.conditions: dict[int, Token] = {}
        self.terminated = False

    # Identity and effects -------------------------------------------------------------------------
    def next_id(self) -> int:
        self.counter += 1
        return self.counter

    def emit(self, effect: effects.Effect) -> None:
        self.effects.append(effect)

    def find(self, activity_id: int) -> Token:
        token = self.tasks.get(activity_id)
        if token is None or not token.alive:
            raise UnknownActivity(activity_id)
        return token

    # Running --------------------------------------------------------------------------------------
    def enqueue(self, token: Token) -> None:
        token._set_state(TaskState.READY)
        self.queue.append(token)

    def advance(self) -> None:
        """Run until every token waits, has ended or is stopped by an incident."""
        steps, until = 0, monotonic() + self.limits.seconds
        while True:
            while self.queue:
                token = self.queue.popleft()
                if not token.alive:
                    continue
                steps += 1
                trouble = self._too_much(steps, monotonic() > until)
                if trouble is not None:
                    self.park(token, trouble)
                    continue
                token.run()
                if self.conditions:
                    self.check_conditions()
            if not self._release_joins():
                return

    def _too_much(self, steps: int, too_long: bool) -> Trouble | None:
        limits = self.limits
        if steps > limits.steps:
            return Trouble(
                "limit",
                f"stopped after {limits.steps} steps without a rest: the diagram may be looping; give the loop a way out "
                "or a step that waits",
                steps=limits.steps,
            )
        if too_long:
            return Trouble(
                "limit",
                f"stopped after running for {limits.seconds:g} seconds without a rest: the diagram may be looping, or its "
                "expressions are slow; retry to go on from here",
                seconds=limits.seconds,
            )
        if len(self.tasks) > limits.tokens:
            return Trouble(
                "limit",
                f"stopped with more than {limits.tokens} live tokens: let fewer branches run at once",
                tokens=limits.tokens,
            )
        return None

    def _release_joins(self) -> bool:
        """Let inclusive joins go on that no other token can reach any more."""
        for (scope, name), waiting in sorted(self.arrived.items(), key=itemgetter(0)):
            spec = self.spec.task_specs[name]
            if waiting and spec.waits_for_others and spec.release(self, self.tasks[scope], waiting):
                return True
        return False

    def check_conditions(self) -> None:
        for watch in list(self.conditions.values()):
            if watch.alive and "incident" not in watch.internal_data:
                try:
                    watch.task_spec.check_condition(watch)
                except Trouble as trouble:
                    self.park(watch, trouble)

    def resolve(self, token: Token) -> bool:
        """Take the incident off a token; False when it has none."""
        if token.internal_data.pop("incident", None) is None:
            return False
        self.emit(effects.IncidentResolved(token.id, token.task_spec.element.id))
        return True

    def park(self, token: Token, trouble: Trouble) -> None:
        """Stop a token where it is; ``retry`` runs it again."""
        token.internal_data["incident"] = trouble.kind
        token._set_state(TaskState.WAITING if token.watch else TaskState.STARTED)
        self.emit(
            effects.IncidentRaised(
                token.id, token.task_spec.element.id, trouble.kind, trouble.message, dict(trouble.params)
            )
        )

    # The tree -------------------------------------------------------------------------------------
    def spawn(
        self,
        spec: "ElementSpec",
        parent: Token,
        data: dict[str, Any],
        *,
        scope: int | None = None,
        internal: dict[str, Any] | None = None,
        ready: bool = True,
    ) -> Token:
        """Put a new token into a container (or under a token that splits)."""
        token = Token(self, spec, parent, scope=parent.id if scope is None else scope, data=data)
        if internal:
            token.internal_data = internal
        if ready:
            token._ready()
        return token

    def watch(self, spec: "ElementSpec", owner: Token, index: int, internal: dict[str, Any]) -> Token:
        """A waiting task for the event definition ``index`` of ``spec``, on behalf of ``owner``."""
        task = Token(self, spec, owner, scope=owner.scope, data=owner.data, state=TaskState.WAITING)
        task.watch = True
        task.internal_data = {"event": index, **internal}
        return task

    def detach(self, token: Token) -> None:
        """Take a task out of the tree; children that are left take its place."""
        if token.id not in self.tasks:
            return
        self.conditions.pop(token.id, None)
        waiting = self.arrived.get((token.scope, token.task_spec.name))
        if waiting and token in waiting:
            waiting.remove(token)
        parent = token.parent
        if parent is not None:
            place = parent._children.index(token.id)
            parent._children[place : place + 1] = token._children
            for child in token.children:
                child.parent = parent
        del self.tasks[token.id]
        token._children = []
        if parent is not None:
            self._collapse(parent)

    def _collapse(self, fork: Token) -> None:
        """A fork with one branch left is no fork: the branch takes its place and what was written before it."""
        if fork.has_state(TaskState.COMPLETED) and len(fork._children) == 1:
            branch = fork.children[0]
            branch.writes = combined(fork.writes, branch.writes)
            self.detach(fork)

    def scope_of(self, token: Token) -> Token:
        return self.tasks[token.scope]

    # What the library calls -----------------------------------------------------------------------
    def _task_completed_notify(self, task: Token) -> None:
        """A token has passed an element: splice the finished task out, or keep it as the fork of its branches."""
        branches = task.children
        if not branches:
            self.scope_of(task).task_spec.token_ended(self.scope_of(task), task)
            return
        if len(branches) == 1:
            branches[0].writes = task.writes
        else:
            for branch in branches:
                branch.writes = {}
            if task.writes:
                return
        self.detach(task)

    def close(self, root: Token, variables: dict[str, Any]) -> None:
        """The last token of the process has ended."""
        for watch in root.watches():
            watch.cancel()
        self.completed = True
        self.data = variables
        self.tasks.clear()
        self.emit(effects.ProcessCompleted(variables))

    def is_completed(self) -> bool:
        return self.completed
