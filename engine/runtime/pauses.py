"""Pauses between attempts: longer each time, spread at random, never beyond a bound."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Pauses:
    """How long to wait before trying again."""

    first: timedelta
    longest: timedelta

    @classmethod
    def of(cls, settings: Settings) -> Pauses:
        """As the installation sets them."""
        return cls(
            first=timedelta(seconds=settings.retry_first_seconds),
            longest=timedelta(seconds=settings.retry_longest_seconds),
        )

    def after(self, attempt: int, *, chance: float | None = None) -> timedelta:
        """The pause after a failed attempt (1 for the first). `chance`, in [0, 1), is drawn where none is given.

        Doubles with each attempt; up to a half is added by chance, so that what failed together is not retried together.
        """
        doublings = min(attempt - 1, 32)
        pause = min(self.first * 2**doublings, self.longest)
        return pause * (1 + (random.random() if chance is None else chance) / 2)
