"""What an execution needs from outside: expressions, decisions and the clock."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Protocol


class Environment(Protocol):
    """One for each command; ``now`` stands still while the command runs."""

    #: Timezone-aware.
    now: datetime
    #: The business zone: dates without an offset mean it.
    zone: tzinfo

    def value(self, text: str, variables: Mapping[str, Any]) -> Any:
        """Evaluate ``=expression``; text without the equals sign stands for itself.

        Dates and durations come back as ISO 8601 text. Any exception becomes an incident on the element.
        """
        ...

    def decide(self, decision_id: str, variables: Mapping[str, Any]) -> tuple[Any, Any]:
        """Evaluate a decision; gives its value and a JSON trace of the rules that matched."""
        ...
