"""Dates and times of datetime components: ISO 8601 in values, what browsers' inputs need on the page."""

import re
import unicodedata
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from engine.forms.components import Component

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"(\d{1,2})[:.时](\d{2})分?(?::(\d{2})(?:\.\d+)?)?")

_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?")


def read(component: Component, text: str, zone: str) -> str | None:
    """The ISO 8601 value of what was typed, None when it is no date or time.

    A date is ``2026-11-22``; times and date-times follow the component's ``timeSerializingFormat``: with the
    business zone's offset (default), normalised to UTC, or without zone.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    kind = subtype(component)
    if kind == "date":
        day = _date(text)
        return day and day.isoformat()
    if kind == "time":
        moment = _time(text)
        if moment is None:
            return None
        # A bare time has the offset of the zone at a fixed day: summer time cannot be known without a date.
        stamped = datetime.combine(date(2000, 1, 1), moment)
        return _serialise(component, stamped, zone).split("T")[1]
    day_text, _, time_text = text.replace("T", " ").rpartition(" ")
    day, moment = _date(day_text.strip()), _time(time_text)
    if day is None or moment is None:
        return None
    return _serialise(component, datetime.combine(day, moment), zone)


def typed(component: Component, value: str, zone: str) -> str:
    """An ISO value as the component's input holds it, in the business zone; "" when it is no such value."""
    kind = subtype(component)
    stamped = _in_zone(f"2000-01-01T{value}" if kind == "time" else value, zone)
    if stamped is None:
        return ""
    day, minute = stamped.isoformat(timespec="minutes").split("T")
    return {"date": day, "time": minute, "datetime": f"{day}T{minute}"}[kind]


def spoken(component: Component, value: str, zone: str) -> str:
    """An ISO value as it is read, in the business zone; an unreadable one as it is."""
    return typed(component, value, zone).replace("T", " ") or value


def local(text: str, zone: str) -> str:
    """A text as it is read: an ISO date-time in the business zone, anything else as it is."""
    stamped = _in_zone(text, zone) if _STAMP.fullmatch(text) else None
    return stamped.isoformat(" ", timespec="minutes") if stamped else text


def comparable(value: str, zone: str) -> datetime | None:
    """An ISO value to compare with others of its kind; one without zone counts in the business zone."""
    try:
        stamped = datetime.fromisoformat(f"2000-01-01T{value}" if value[2:3] == ":" else value)
    except ValueError:
        return None
    return stamped if stamped.tzinfo else stamped.replace(tzinfo=ZoneInfo(zone))


def subtype(component: Component) -> str:
    """ "date", "time" or "datetime"."""
    return component.settings.get("subtype") or "date"


def _in_zone(text: str, zone: str) -> datetime | None:
    """An ISO text as naive time of the zone."""
    try:
        stamped = datetime.fromisoformat(text)
        return stamped.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if stamped.tzinfo else stamped
    except (ValueError, OverflowError):
        return None


def _serialise(component: Component, local: datetime, zone: str) -> str:
    style = component.settings.get("timeSerializingFormat")
    if style == "no_timezone":
        return local.isoformat()
    aware = local.replace(tzinfo=ZoneInfo(zone))
    if style == "utc_normalized":
        return aware.astimezone(ZoneInfo("UTC")).isoformat().replace("+00:00", "Z")
    return aware.isoformat()


def _date(text: str) -> date | None:
    if not (match := _DATE.fullmatch(text)):
        return None
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return None


def _time(text: str) -> time | None:
    if not (match := _TIME.fullmatch(text)):
        return None
    try:
        return time(int(match[1]), int(match[2]), int(match[3] or 0))
    except ValueError:
        return None
