"""Clocks: the system's, and one moved by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.now(UTC)


class HandClock:
    """A clock that stands still until it is moved: for scenarios and tests."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Where the clock was set."""
        return self._at

    def set(self, at: datetime) -> None:
        """Move the clock to a moment."""
        self._at = at

    def advance(self, by: timedelta) -> None:
        """Move the clock on."""
        self._at += by


class OffsetClock:
    """The machine's time, moved on by an offset: a running server whose clock a test moves."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        """The present moment plus the offset, UTC."""
        return datetime.now(UTC) + self.offset
