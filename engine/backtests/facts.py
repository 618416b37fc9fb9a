"""Facts: what is compared of a finished case: the steps it took, whom it asked, what it paid, how long it took."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

Why = Literal["new_step", "new_question", "other_inputs", "unanswered", "incident", "endless"]


@dataclass(frozen=True, kw_only=True, order=True)
class Asked:
    """Whom a user task was for."""

    element: str
    assignee: str | None
    groups: tuple[str, ...]
    people: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Stop:
    """Where a case cannot go on without an answer that nobody gave."""

    element: str
    why: Why
    #: What exactly has no answer: names of fields or inputs, the sentence of an incident.
    about: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Facts:
    """A case as it went, or would go."""

    started_at: datetime
    #: None: it has not come to its end.
    ended_at: datetime | None = None
    #: Activities and events that were completed, by how often; gateways only route.
    steps: Counter[str] = field(default_factory=Counter)
    asked: list[Asked] = field(default_factory=list)
    #: Service-task type -> what it paid to the customer.
    paid: dict[str, Decimal] = field(default_factory=dict)
    stop: Stop | None = None

    def pay(self, type_: str, amount: Decimal) -> None:
        """Add a payment."""
        self.paid[type_] = self.paid.get(type_, Decimal()) + amount

    @property
    def total(self) -> Decimal:
        """All that was paid."""
        return sum(self.paid.values(), Decimal())

    @property
    def lasted(self) -> timedelta | None:
        """From start to end."""
        return None if self.ended_at is None else self.ended_at - self.started_at
