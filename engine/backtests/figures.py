"""Figures: how many cases would go otherwise, and in which way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.backtests.facts import Asked
from engine.backtests.outcome import Outcome

#: What can be otherwise about a case: columns of `BackTestCase`, in the order people are told.
WAYS = ("another_path", "somebody_else", "another_amount", "longer")


@dataclass(kw_only=True)
class Figures:
    """Counts over all cases of a back-test; one case may count in several."""

    cases: int = 0
    #: Go exactly as they went.
    same: int = 0
    #: Way -> cases.
    ways: Counter[str] = field(default_factory=Counter)
    #: Need an answer that nobody gave, all of them and by the element that asks.
    need_answer: int = 0
    asked_at: Counter[str] = field(default_factory=Counter)
    #: Do not go through their own version as they went: nothing can be said of them.
    not_comparable: int = 0
    #: Over the cases whose payments are known in both courses.
    paid: Decimal = Decimal()
    would_pay: Decimal = Decimal()


def figures(rows: Iterable[Mapping[str, Any]]) -> Figures:
    """Add up cases, each as `row` gives it or the table has it."""
    found = Figures()
    for row in rows:
        found.cases += 1
        if not row["comparable"]:
            found.not_comparable += 1
            continue
        ways = [way for way in WAYS if row[way]]
        found.ways.update(ways)
        if row["stop_element"] is not None:
            found.need_answer += 1
            found.asked_at[row["stop_element"]] += 1
        elif not ways:
            found.same += 1
        if row["would_pay"] is not None:
            found.paid += row["paid"]
            found.would_pay += row["would_pay"]
    return found


def row(outcome: Outcome) -> dict[str, Any]:
    """An outcome as it is kept."""
    stop = outcome.stop
    return {
        "instance_id": outcome.instance_id,
        "business_key": outcome.business_key,
        "comparable": outcome.comparable,
        **{way: getattr(outcome, way) for way in WAYS},
        "paid": outcome.paid,
        "would_pay": outcome.would_pay,
        "lasted": round(outcome.lasted.total_seconds()),
        "would_last": None if outcome.would_last is None else round(outcome.would_last.total_seconds()),
        "stop_element": stop.element if stop else None,
        "stop_why": stop.why if stop else None,
        "detail": {
            "more": dict(outcome.more),
            "fewer": dict(outcome.fewer),
            "asked": [_asked(each) for each in outcome.asked],
            "not_asked": [_asked(each) for each in outcome.not_asked],
            "about": list(stop.about) if stop else [],
        },
    }


def _asked(asked: Asked) -> dict[str, Any]:
    return {
        "element": asked.element,
        "groups": list(asked.groups),
        "people": [*filter(None, [asked.assignee]), *asked.people],
    }
