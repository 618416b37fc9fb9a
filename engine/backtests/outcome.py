"""Outcomes: what differs between a case as it went and as it would go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from engine.backtests.course import course
from engine.backtests.facts import Asked, Facts, Stop
from engine.backtests.past import Past
from engine.runtime.context import Engine
from engine.runtime.definitions import Definition

#: Shorter delays come from the order of things within one moment.
_NOTICED = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One finished case, taken once more."""

    instance_id: int
    business_key: str
    #: Steps it would take more often, and less often, than it did, by element.
    more: Counter[str]
    fewer: Counter[str]
    #: Whom it would ask that it did not ask, and the other way round.
    asked: tuple[Asked, ...]
    not_asked: tuple[Asked, ...]
    paid: Decimal
    #: None: not known, since it needs an answer before.
    would_pay: Decimal | None
    lasted: timedelta
    would_last: timedelta | None
    #: Where it needs an answer nobody gave.
    stop: Stop | None
    #: False: taken through its own version it does not go as it went either, so nothing can be said.
    comparable: bool = True

    @property
    def another_path(self) -> bool:
        """Whether other steps are taken."""
        return self.comparable and bool(self.more or self.fewer)

    @property
    def somebody_else(self) -> bool:
        """Whether somebody else is asked: other people or roles, more of them, or fewer."""
        return self.comparable and bool(self.asked or self.not_asked)

    @property
    def another_amount(self) -> bool:
        """Whether it is known to pay another amount."""
        return self.comparable and self.would_pay is not None and self.would_pay != self.paid

    @property
    def longer(self) -> bool:
        """Whether it takes longer: by the clock, or because somebody is waited for who was not asked before."""
        if not self.comparable:
            return False
        if self.would_last is not None:
            return self.would_last > self.lasted + _NOTICED
        return self.stop is not None and any(each.element == self.stop.element for each in self.asked)

    @property
    def same(self) -> bool:
        """Whether nothing differs and nothing is asked anew."""
        return (
            self.comparable
            and self.stop is None
            and not (self.another_path or self.somebody_else or self.another_amount or self.longer)
        )


def outcome(past: Past, definition: Definition, engine: Engine) -> Outcome:
    """Take a case through a version and say what differs."""
    found = _compared(past, course(past, definition, engine))
    if found.same or _compared(past, course(past, past.definition, engine)).same:
        return found
    return Outcome(**{**found.__dict__, "comparable": False})


def _compared(past: Past, new: Facts) -> Outcome:
    old = past.facts
    assert old.ended_at is not None and old.lasted is not None  # finished
    more, fewer = new.steps - old.steps, old.steps - new.steps
    asked, not_asked = Counter(new.asked) - Counter(old.asked), Counter(old.asked) - Counter(new.asked)
    if new.stop is not None:
        # What comes after is not known: only what it does besides can be told.
        fewer, not_asked = (
            Counter(),
            Counter(
                {
                    each: n
                    for each, n in not_asked.items()
                    if any(each.element == other.element for other in asked)
                }
            ),
        )
        if new.stop.why == "new_step":
            more[new.stop.element] += 1
    return Outcome(
        instance_id=past.instance_id,
        business_key=past.business_key,
        more=more,
        fewer=fewer,
        asked=tuple(sorted(asked.elements(), key=_by_element)),
        not_asked=tuple(sorted(not_asked.elements(), key=_by_element)),
        paid=old.total,
        would_pay=None if new.stop else new.total,
        lasted=old.lasted,
        would_last=new.lasted,
        stop=new.stop,
    )


def _by_element(asked: Asked) -> tuple[str, tuple[str, ...], str]:
    return asked.element, asked.groups, asked.assignee or ""
