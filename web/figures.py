"""The monthly figures as people read them: what, how much, out of how many, and whether the target is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from config.insights import Insights
from web.i18n import mark
from web.queries.insights import Measures
from web.queries.insights_scope import Share

#: What is rated, as the page names it; anything else is called by its key.
_RATED = {
    "service": mark("Satisfied with the service"),
    "delivery": mark("Satisfied with the delivery"),
    "revisit": mark("Satisfied at the revisit"),
}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One share that is measured."""

    key: str
    #: Message id of what it is, with the values that go in.
    label: str
    counted: Share
    #: What the business wants to reach; None where it states nothing.
    target: float | None = None
    #: The target is the most, not the least, it may be.
    at_most: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none, or nothing to measure."""
        share = self.counted.share
        if self.target is None or share is None:
            return None
        return share <= self.target if self.at_most else share >= self.target


def figures(
    total: Measures,
    measured: Insights,
    *,
    satisfaction: Mapping[str, Share],
    parcels: Share,
    visits: Share,
    shipped: int,
    repeats: Share,
    revisits: Share,
    say: Callable[..., str],
    word: Callable[[str], str],
) -> Iterator[Figure]:
    """All shares, in the order people ask for them. `say` puts values into a message, `word` makes a key readable."""
    hours = measured.first_answer.hours
    yield Figure(
        key="answered", label=say(mark("First answer within {n} h"), n=f"{hours:g}"), counted=total.answered
    )
    yield Figure(key="solved", label=say(mark("Solved")), counted=total.solved, target=measured.solved.rate)
    yield Figure(key="in_time", label=say(mark("Solved in time")), counted=total.in_time)
    targets = measured.satisfaction.targets
    for about in dict.fromkeys((*targets, *satisfaction)):
        yield Figure(
            key=f"satisfied-{about}",
            label=say(_RATED[about]) if about in _RATED else say(mark("Satisfied: {what}"), what=word(about)),
            counted=satisfaction.get(about, Share()),
            target=targets.get(about),
        )
    yield Figure(
        key="parcels",
        label=say(mark("Deliveries on time")),
        counted=parcels,
        target=measured.delivery.on_time,
    )
    yield Figure(
        key="visits", label=say(mark("Visits on time")), counted=visits, target=measured.delivery.on_time
    )
    yield Figure(
        key="damaged",
        label=say(mark("Damaged on arrival")),
        counted=Share(n=total.damaged, of=shipped),
        target=measured.damage.most,
        at_most=True,
    )
    yield Figure(
        key="repeats",
        label=say(mark("Repeat repairs")),
        counted=repeats,
        target=measured.repeats.most,
        at_most=True,
    )
    yield Figure(
        key="proposed",
        label=say(mark("Complaint proposals within {n} h"), n=f"{measured.proposals.hours:g}"),
        counted=total.proposed,
    )
    yield Figure(key="revisits", label=say(mark("Revisits that took place")), counted=revisits)
