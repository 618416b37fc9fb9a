"""A token is a live leaf of SpiffWorkflow's task tree."""

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from engine.bpmn.specs.base import ElementSpec
    from engine.bpmn.workflow import Instance

Writes = dict[str, tuple[str, Any]]


class Token(Task):
    """A token at an element, a container with tokens inside, or a watch that waits for an event.

    Overrides what makes the library's task unrepeatable (random ids, the wall clock, a process-wide pool of thread
    numbers), copies data deeply, or scans the whole tree.
    """

    workflow: "Instance"
    task_spec: "ElementSpec"

    def __init__(
        self,
        workflow: "Instance",
        task_spec: "ElementSpec",
        parent: "Token | None",
        *,
        scope: int,
        data: dict[str, Any],
        state: int = TaskState.READY,
        id: int | None = None,
    ):
        super().__init__(workflow, task_spec, parent, state=state, id=id or workflow.next_id())
        #: Id of the container around it; 0 for the process itself.
        self.scope = scope
        #: Variables it sees, its local ones left out. Replaced, never changed in place.
        self.data = data
        #: What it wrote since the branches parted: name -> (element that wrote it, value before). None when it is
        #: the only token of its scope.
        self.writes: Writes | None = None
        #: Waits for an event on behalf of its parent; no token.
        self.watch = False
        #: Came from an event beside the main flow, to whose variables it yields.
        self.side = False
        #: Seconds since the epoch, from the command's clock.
        self.last_state_change = workflow.clock

    @property
    def local(self) -> dict[str, Any]:
        """Variables of this activity alone: input mappings, the item of a multi-instance."""
        return self.internal_data.get("local") or {}

    @property
    def visible(self) -> dict[str, Any]:
        local = self.internal_data.get("local")
        return {**self.data, **local} if local else self.data

    @property
    def phase(self) -> str:
        """How far it is: "" (arrived), "enter", "execute", "wait" or "finish"."""
        return self.internal_data.get("phase", "")

    @phase.setter
    def phase(self, value: str) -> None:
        self.internal_data["phase"] = value

    @property
    def alive(self) -> bool:
        return not self.has_state(TaskState.FINISHED_MASK)

    def inside(self) -> "list[Token]":
        """The tokens in this container; watches are none."""
        return [child for child in self.children if not child.watch]

    def watches(self) -> "list[Token]":
        return [child for child in self.children if child.watch]

    def run(self) -> bool | None:
        result = self.task_spec._run(self)
        if not self.alive:
            return None
        if result is None:
            self._set_state(TaskState.STARTED)
        else:
            self.complete()
        return result

    def cancel(self) -> None:
        """End it and everything inside it without taking a flow."""
        for child in self.children:
            child.cancel()
        if self.alive:
            self._set_state(TaskState.CANCELLED)
            self.task_spec._on_cancel(self)
        self.workflow.detach(self)

    def _set_state(self, value: int) -> None:
        self._state = value

    def _ready(self) -> None:
        self._set_state(TaskState.READY)
        self.task_spec._on_ready(self)
