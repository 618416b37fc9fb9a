"""A small cache of live workflows: it saves loading the state; correctness never depends on it."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from engine.bpmn import Execution


class LiveWorkflows:
    """Executions by (instance, revision). Taking one removes it: two threads never share an execution."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._executions: OrderedDict[tuple[int, int], Execution] = OrderedDict()
        self._lock = Lock()

    def take(self, instance_id: int, revision: int) -> Execution | None:
        """The live execution at exactly this revision, or None."""
        with self._lock:
            return self._executions.pop((instance_id, revision), None)

    def put(self, instance_id: int, revision: int, execution: Execution) -> None:
        """Keep an execution whose state was committed at `revision`."""
        with self._lock:
            self._executions[(instance_id, revision)] = execution
            while len(self._executions) > self._size:
                self._executions.popitem(last=False)
