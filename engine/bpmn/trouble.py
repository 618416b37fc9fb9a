"""What stops a token: turned into an incident on its element, never into a failed command."""

from collections.abc import Mapping
from typing import Any


class Trouble(Exception):
    """Raised inside a step before it changed anything, so that a retry finds the token as it was."""

    def __init__(self, kind: str, message: str, **params: Any):
        self.kind = kind
        self.message = message
        self.params: Mapping[str, Any] = params
        super().__init__(message)


class UnknownActivity(LookupError):
    """No live activity, timer or subscription has this id: it was completed or cancelled meanwhile."""

    def __init__(self, activity_id: int):
        self.activity_id = activity_id
        super().__init__(f"activity {activity_id} is not active")


class UnstorableValue(ValueError):
    """Variables from outside that a state cannot hold: no JSON, too deep or too large."""
