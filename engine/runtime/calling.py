"""When customers may be called."""

from __future__ import annotations

from datetime import datetime, timedelta

from config.organisation import Organisation


def next_calling_time(organisation: Organisation, from_: datetime) -> datetime:
    """The earliest moment from `from_` on at which consumers may be called. Source: procedures, "Calling customers"."""
    calling, local = organisation.calling, from_.astimezone(organisation.tzinfo)
    opens = local.replace(hour=calling.from_.hour, minute=calling.from_.minute, second=0, microsecond=0)
    if local < opens:
        return opens
    if local.time() < calling.until:
        return local
    return opens + timedelta(days=1)
