"""What a caller has in front of them before a call: hours, calls left, what they may promise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.aftersales import calls
from engine.runtime.context import Context


@dataclass(frozen=True, kw_only=True)
class BeforeYouCall:
    """The rules as they stand for this customer at this moment."""

    opens: str
    closes: str
    #: Whether a call is allowed right now.
    allowed: bool
    #: The earliest moment at which it is.
    next: datetime
    made: int
    most: int
    do_not_call: bool
    #: What the person may promise alone, in the organisation's currency; 0: nothing.
    limit: Decimal


def before(ctx: Context, customer_id: int | None, *, do_not_call: bool) -> BeforeYouCall:
    """The rules for a customer; one statement."""
    house, zone = ctx.organisation.calling, ctx.organisation.tzinfo
    local = ctx.now.astimezone(zone)
    made = calls.calls_by_day(ctx, customer_id) if customer_id is not None else None
    next_allowed = calls.next_allowed(house, zone, ctx.now, made)
    return BeforeYouCall(
        opens=f"{house.from_:%H:%M}",
        closes=f"{house.until:%H:%M}",
        allowed=next_allowed == local and not do_not_call,
        next=next_allowed,
        made=made[local.date()] if made else 0,
        most=house.max_per_day,
        do_not_call=do_not_call,
        limit=ctx.organisation.compensation_limit(ctx.actor.roles),
    )
