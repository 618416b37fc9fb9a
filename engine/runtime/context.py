"""What a command runs with: the transaction, who acts, when, and the process-wide engine."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.calendar import Calendar
    from config.organisation import Organisation
    from config.settings import Settings
    from engine.feel import Feel
    from engine.runtime.definitions import Definitions
    from engine.runtime.live import LiveWorkflows
    from engine.runtime.queue import Queue
    from engine.runtime.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts."""

    #: Key of the person, or "system".
    key: str
    name: str
    roles: frozenset[str] = frozenset()
    language: str = "en"
    #: Network address the action came from; None inside the system.
    address: str | None = None
    #: Row id of the person; None for the system.
    person_id: int | None = None


#: The engine acting by itself: timers, jobs, deployments at start-up.
SYSTEM = Actor(key="system", name="Aftercare")


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The present moment, timezone-aware."""
        ...


@dataclass(frozen=True, kw_only=True)
class Engine:
    """Everything a process needs once: built by `engine.bootstrap`, shared by all commands, holds no case data."""

    settings: Settings
    feel: Feel
    calendar: Calendar
    #: The organisation in force.
    organisation: Callable[[], Organisation]
    definitions: Definitions
    registry: Registry
    queue: Queue
    live: LiveWorkflows
    clock: Clock
    var_dir: Path


@dataclass(frozen=True, kw_only=True)
class Context:
    """One command: its transaction, its actor, its moment."""

    session: Session
    actor: Actor
    now: datetime
    engine: Engine
    #: Scratch of this one command, shared by what takes part in it (the unit of work, the notices to send).
    scratch: dict[str, Any] = field(default_factory=dict)
    #: What to do once the transaction is committed.
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    def as_system(self) -> Context:
        """The same command, acting as the system."""
        return replace(self, actor=SYSTEM)

    @property
    def organisation(self) -> Organisation:
        """The organisation in force."""
        return self.engine.organisation()
