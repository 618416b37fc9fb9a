"""One process instance from the outside: commands go in, effects and a blob come out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import blob, branches, effects, rerouting, throwing
from engine.bpmn.compiler import compiled
from engine.bpmn.environment import Environment
from engine.bpmn.model import Process
from engine.bpmn.places import Place, places
from engine.bpmn.token import Token
from engine.bpmn.trouble import Trouble, UnknownActivity, UnstorableValue
from engine.bpmn.workflow import Instance, Limits

DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Activity:
    """A live activity."""

    id: int
    element_id: str
    element_type: str
    #: Timezone-aware; when the token arrived.
    since: datetime
    #: Kind of the incident that holds it, or None.
    incident: str | None


class Execution:
    """Each command advances to the next wait states; ``take_effects`` then tells what happened.

    Commands raise ``UnknownActivity`` for an id that is not live any more and ``UnstorableValue`` for variables that
    are no JSON or too large, and change nothing then.
    """

    def __init__(self, instance: Instance):
        self._instance = instance

    # Beginning and keeping ------------------------------------------------------------------------
    @classmethod
    def start(
        cls,
        process: Process,
        variables: Mapping[str, Any],
        environment: Environment,
        *,
        start_event: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> "Execution":
        """Begin an instance at ``start_event``, or at the process's own start without an event.

        Raises ``LookupError`` when the process has no such start.
        """
        spec, begin = compiled(process), _begin(process, start_event)
        instance = Instance(spec, environment, limits)
        root = Token(instance, spec.start, None, scope=0, data={}, state=TaskState.STARTED)
        root.phase = "wait"
        instance.task_tree = root
        execution = cls(instance)
        root.data = execution._taken_in(variables)
        instance.emit(effects.ProcessStarted(process.id, root.data))
        try:
            spec.start.listen(root)
        except Trouble as trouble:
            instance.park(root, trouble)
        spec.start.release(root, begin)
        execution._advance()
        return execution

    @staticmethod
    def can_start(process: Process) -> bool:
        """Whether the process has a start of its own, without an event."""
        start = compiled(process).start
        return bool(start.start or start.initial)

    @classmethod
    def load(
        cls, process: Process, state: bytes, environment: Environment, *, limits: Limits = DEFAULT_LIMITS
    ) -> "Execution":
        """Take up an instance that ``dump`` has put down. Raises ``blob.UnreadableState``."""
        return cls(blob.load(compiled(process), state, environment, limits))

    def dump(self) -> bytes:
        """The whole state; the effects that were not taken are not part of it."""
        return blob.dump(self._instance)

    def carried(self, process: Process, names: Mapping[str, str], environment: Environment) -> "Execution":
        """The same instance on another version of its process; ``names`` is old element id -> new one where they differ.

        Whoever calls it has made sure that the version has everything the instance stands at. Raises
        ``blob.UnreadableState`` where it has not.
        """
        state = blob.renamed(self.dump(), names)
        return Execution.load(process, state, environment, limits=self._instance.limits)

    @property
    def environment(self) -> Environment:
        return self._instance.environment

    @environment.setter
    def environment(self, environment: Environment) -> None:
        """Each command has a moment of its own: set before the first command on an instance that was kept in memory."""
        self._instance.environment = environment
        self._instance.clock = int(environment.now.timestamp())

    # Commands -------------------------------------------------------------------------------------
    def complete(self, activity_id: int, variables: Mapping[str, Any]) -> None:
        """A user task, a job or a called process is done with this result."""
        token, result = self._waiting(activity_id), self._taken_in(variables)
        self._instance.resolve(token)
        token.task_spec.finish(token, result)
        self._advance()

    def throw_error(
        self, activity_id: int, code: str, message: str = "", variables: Mapping[str, Any] | None = None
    ) -> None:
        """A job or a called process ends with a BPMN error; an incident when nothing catches it."""
        token, values = self._waiting(activity_id), self._taken_in(variables or {})
        self._instance.resolve(token)
        try:
            throwing.require_catcher(token, code, message, values)
        except Trouble as trouble:
            self._instance.park(token, trouble)
        self._advance()

    def catches_error(self, activity_id: int, code: str) -> bool:
        """Whether something around the activity would catch this error."""
        return throwing.catcher(self._instance.find(activity_id), "error", code) is not None

    def escalate(self, activity_id: int, code: str) -> None:
        """An escalation that escaped from the process called at this activity."""
        token = self._waiting(activity_id)
        if not throwing.escalate(token, code):
            self._instance.emit(effects.EscalationEscaped(token.id, token.task_spec.element.id, code))
        self._advance()

    def fire_timer(self, timer_id: int) -> None:
        self._fire(timer_id, {})

    def deliver_message(self, subscription_id: int, variables: Mapping[str, Any]) -> None:
        self._fire(subscription_id, self._taken_in(variables))

    def deliver_signal(self, subscription_id: int, variables: Mapping[str, Any]) -> None:
        """A signal thrown somewhere else, for one subscription."""
        self._fire(subscription_id, self._taken_in(variables))

    def signal(self, name: str, variables: Mapping[str, Any]) -> None:
        """A signal thrown somewhere else, for every subscription of this instance to its name."""
        throwing.deliver_signal(self._instance, name, self._taken_in(variables))
        self._advance()

    def retry(self, activity_id: int) -> None:
        """Try again what raised the incident of this activity."""
        token = self._instance.find(activity_id)
        if not self._instance.resolve(token):
            raise UnknownActivity(activity_id)
        if token.phase == "wait":
            token.phase = "execute"
        if token.watch:
            self._instance.check_conditions()
        elif token.parent is None:
            self._listen_again(token)
        else:
            self._instance.enqueue(token)
        self._advance()

    def fail(self, activity_id: int, message: str, params: Mapping[str, Any] | None = None) -> None:
        """The job or called process of this activity cannot go on; ``retry`` asks for it anew."""
        token = self._waiting(activity_id)
        self._instance.resolve(token)
        self._instance.park(token, Trouble("service", message, **dict(params or {})))

    def set_variables(self, variables: Mapping[str, Any], activity_id: int | None = None) -> None:
        """Set variables everywhere in the instance, or for one activity and what follows it."""
        instance, values = self._instance, self._taken_in(variables)
        if activity_id is None:
            root = instance.tasks[1]
            branches.correct(root, values)
            instance.emit(effects.VariablesChanged(root.id, root.task_spec.element.id, values))
        else:
            token = instance.find(activity_id)
            hidden = {name: given for name, given in values.items() if name in token.local}
            if hidden:
                token.internal_data["local"] = {**token.local, **hidden}
            branches.assign(
                token, {n: v for n, v in values.items() if n not in hidden}, token.task_spec.element.id
            )
            for child in token.children:
                branches.overlay(child, values)
        instance.check_conditions()
        self._advance()

    def skip(self, activity_id: int, variables: Mapping[str, Any]) -> None:
        """Leave an activity undone and go on behind it with these results. Raises ``CannotReroute``."""
        token, result = self._instance.find(activity_id), self._taken_in(variables)
        rerouting.skip(token, result)
        self._advance()

    def reroute(self, activity_id: int, element_id: str, variables: Mapping[str, Any]) -> None:
        """End an activity and begin another element of the same scope instead, with these variables set.

        Raises ``CannotReroute``.
        """
        token, values = self._instance.find(activity_id), self._taken_in(variables)
        rerouting.move(token, element_id, values)
        self._advance()

    def ways(self, activity_id: int) -> list[str]:
        """Elements that ``reroute`` could begin instead of this activity."""
        return rerouting.targets(self._instance.find(activity_id))

    def terminate(self) -> None:
        """End the instance from outside; everything that waits is cancelled."""
        instance = self._instance
        if instance.completed:
            return
        instance.data = self.variables()
        for child in instance.tasks[1].children:
            child.cancel()
        instance.completed = instance.terminated = True
        instance.tasks.clear()
        instance.arrived.clear()
        instance.emit(effects.ProcessTerminated())

    # Looking --------------------------------------------------------------------------------------
    def take_effects(self) -> list[effects.Effect]:
        """What happened since this was last called, in order."""
        taken, self._instance.effects = self._instance.effects, []
        return taken

    @property
    def is_completed(self) -> bool:
        return self._instance.is_completed()

    def variables(self, activity_id: int | None = None) -> dict[str, Any]:
        """What an activity sees; without one, the variables of the process as its tokens see them together."""
        instance = self._instance
        if activity_id is not None:
            return dict(instance.find(activity_id).visible)
        return dict(branches.view(instance.tasks[1])) if instance.tasks else dict(instance.data)

    def awaited(self, activity_id: int) -> str | None:
        """The element whose answer from outside this activity waits for; None when it waits no longer."""
        try:
            return self._waiting(activity_id).task_spec.element.id
        except UnknownActivity:
            return None

    def active(self) -> list[Activity]:
        """Live activities, oldest first."""
        return [
            Activity(
                token.id,
                token.task_spec.element.id,
                token.task_spec.type,
                datetime.fromtimestamp(token.last_state_change, UTC),
                token.internal_data.get("incident"),
            )
            for token in sorted(self._instance.tasks.values(), key=lambda t: t.id)
            if token.alive and not token.watch and token.parent is not None
        ]

    def places(self) -> list[Place]:
        """Everything that stands somewhere: tokens, forks with open branches, watches; oldest first."""
        return places(self._instance)

    # Inside ---------------------------------------------------------------------------------------
    def _advance(self) -> None:
        self._instance.advance()

    def _taken_in(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Variables from outside as JSON values of our own, the same that the history keeps and a restored state has."""
        try:
            text = orjson.dumps(dict(variables), option=orjson.OPT_UTC_Z)
        except TypeError as reason:
            raise UnstorableValue(str(reason)) from None
        limit = self._instance.limits.result_bytes
        if len(text) > limit:
            raise UnstorableValue(f"{len(text)} bytes are more than the {limit} allowed")
        values: dict[str, Any] = orjson.loads(text)
        return values

    def _waiting(self, activity_id: int) -> Token:
        token = self._instance.find(activity_id)
        if token.watch or token.phase != "wait" or not token.task_spec.answered:
            raise UnknownActivity(activity_id)
        return token

    def _fire(self, watch_id: int, variables: dict[str, Any]) -> None:
        watch = self._instance.find(watch_id)
        if not watch.watch:
            raise UnknownActivity(watch_id)
        watch.task_spec.fired(watch, variables)
        self._advance()

    def _listen_again(self, root: Token) -> None:
        try:
            root.task_spec.listen(root)
        except Trouble as trouble:
            self._instance.park(root, trouble)
        root.phase = "wait"


def _begin(process: Process, start_event: str | None) -> list[str]:
    starts = compiled(process).start
    if start_event is not None:
        if start_event not in {event.id for event in process.start_events()}:
            raise LookupError(f"process {process.id} has no start event {start_event}")
        return [start_event]
    begin = [starts.start.name] if starts.start else list(starts.initial)
    if not begin:
        raise LookupError(f"process {process.id} only starts by an event")
    return begin
