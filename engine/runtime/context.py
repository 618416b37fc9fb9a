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
    from engine.runtime.house import House
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
    #: Keys of colleagues who are away and whose work is theirs meanwhile. `roles` holds those colleagues' roles too.
    stands_in_for: frozenset[str] = frozenset()
    #: Areas and shops (by key) whose cases a role of theirs may let them see; those of whom they stand in for too.
    areas: frozenset[str] = frozenset()
    shops: frozenset[str] = frozenset()

    @property
    def keys(self) -> frozenset[str]:
        """Whose work they may do: their own, and that of those they stand in for."""
        return frozenset((self.key, *self.stands_in_for))

    @property
    def whence(self) -> dict[str, str]:
        """What an event that they caused says of where they acted from: `{"from": "10.0.0.7"}`; empty where unknown."""
        return {"from": self.address} if self.address else {}


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
    #: The organisation and the calendar in force: `organisation()`.
    organisation: House
    definitions: Definitions
    registry: Registry
    queue: Queue
    live: LiveWorkflows
    clock: Clock
    var_dir: Path

    @property
    def calendar(self) -> Calendar:
        """The working calendar in force."""
        return self.organisation.calendar


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
