"""What an execution sees of the world during one command: expressions, decisions, the moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.dmn import evaluate as evaluate_decision
from engine.runtime.definitions import Definition

if TYPE_CHECKING:
    from engine.runtime.context import Engine


class Environment:
    """Implements `engine.bpmn.Environment` over FEEL, the version's own decision tables and the command's moment."""

    def __init__(self, engine: Engine, definition: Definition, now: datetime) -> None:
        self._engine = engine
        self._definition = definition
        # In UTC, as the history gives it back: what is counted from it is then written the same when replayed.
        self.now = now.astimezone(UTC)

    @property
    def zone(self) -> ZoneInfo:
        """The business zone: naive dates in diagrams are meant in it."""
        return self._engine.organisation().tzinfo

    def value(self, text: str, variables: Mapping[str, Any]) -> Any:
        """`=expression` evaluated, anything else as it stands. Raises `FeelError`."""
        return self._engine.feel.value(text, variables, now=self.now)

    def decide(self, decision_id: str, variables: Mapping[str, Any]) -> tuple[Any, Any]:
        """Evaluate a decision of this version: (value, trace). Raises `DecisionError` or `FeelError`."""
        decisions = self._definition.decisions[decision_id]
        result = evaluate_decision(decisions, decision_id, variables, feel=self._engine.feel, now=self.now)
        return result.value, result.trace
