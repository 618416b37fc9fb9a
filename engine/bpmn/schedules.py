"""When a timer is due: ISO 8601 dates, durations and cycles, and cron."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

import isodate
from cronsim import CronSim, CronSimError

from engine.bpmn.trouble import Trouble

_CYCLE = re.compile(r"^R(-1|\d*)/(?:([^/]+)/)?(P[^/]+)$")
_ONCE_A = {"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0"}
_ONCE_A |= {"@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *"}


@dataclass(frozen=True, slots=True)
class Due:
    #: Timezone-aware.
    at: datetime
    #: Firings left, this one included; None means without end.
    repetitions: int | None = 1


def first(kind: str, text: object, now: datetime, zone: tzinfo) -> Due:
    """The first firing of a timer that is set at ``now``. Raises ``Trouble`` when the text says no time."""
    if kind == "date":
        return Due(instant(text, zone))
    if kind == "duration":
        return Due(_after(now, text))
    text = _text(text)
    cycle = _CYCLE.match(text)
    if not cycle:
        return Due(_cron(text, now, zone), None)
    times, start, every = cycle.groups()
    repetitions = None if times in ("", "-1") else int(times)
    return Due(instant(start, zone) if start else _after(now, every), repetitions)


def following(text: object, due: Due, now: datetime, zone: tzinfo) -> Due | None:
    """The firing of a cycle after ``due``, or None when it was the last."""
    left = None if due.repetitions is None else due.repetitions - 1
    if left is not None and left <= 0:
        return None
    text = _text(text)
    cycle = _CYCLE.match(text)
    if not cycle:
        return Due(_cron(text, max(due.at, now), zone), left)
    return Due(_after(due.at, cycle[3]), left)


def instant(value: object, zone: tzinfo) -> datetime:
    """An ISO date or date and time as an aware datetime; without an offset it is meant in the business zone."""
    if isinstance(value, datetime):
        parsed: datetime = value
    elif isinstance(value, date):
        parsed = datetime.combine(value, time())
    else:
        text = _text(value)
        try:
            parsed = datetime.fromisoformat(re.sub(r"[@\[].*$", "", text))
        except ValueError:
            raise Trouble("timer", f"{text!r} is no date or date and time", text=text) from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)


def duration(value: object, start: datetime) -> timedelta:
    """An ISO duration counted from ``start`` (months and years differ in length)."""
    text = _text(value)
    try:
        parsed = isodate.parse_duration(text)
        return parsed.totimedelta(start=start) if isinstance(parsed, isodate.Duration) else parsed
    except (isodate.ISO8601Error, ValueError, OverflowError):
        raise Trouble("timer", f"{text!r} is no ISO 8601 duration", text=text) from None


def _after(start: datetime, text: object) -> datetime:
    try:
        return start + duration(text, start)
    except OverflowError:
        raise Trouble("timer", f"{text!r} leads beyond the calendar", text=text) from None


def _cron(text: str, after: datetime, zone: tzinfo) -> datetime:
    try:
        return next(CronSim(_ONCE_A.get(text, text), after.astimezone(zone)))
    except (CronSimError, StopIteration):
        raise Trouble(
            "timer", f"{text!r} is neither an ISO 8601 cycle nor a cron expression", text=text
        ) from None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Trouble("timer", f"a timer needs a text, not {value!r}", text=repr(value))
    return value.strip()
