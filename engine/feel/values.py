"""Values on their way between Python and FEEL.

Variables are JSON: FEEL's dates, times and durations leave as ISO 8601 strings, whole numbers as int.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson

#: A key that FEEL cannot read as one identifier; it can only be parsed by knowing that it exists.
_SPECIAL_KEY = re.compile(r'(?<!\\)"(?=[^"\\]*[^"\\\w])[^"\\]*(?:\\.[^"\\]*)*":')
_LARGEST_EXACT = 2**53


def dump(variables: Mapping[str, Any]) -> str:
    """Variables as JSON; Python's dates, times and durations become FEEL's. Raises TypeError for what has no form."""
    return orjson.dumps(dict(variables), default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()


def tagged(value: Any) -> Any:
    """A date, time or duration as `{"@": type, "iso": text}`; everything else as it is."""
    if isinstance(value, datetime):
        return {"@": "date and time", "iso": value.isoformat()}
    if isinstance(value, date):
        return {"@": "date", "iso": value.isoformat()}
    if isinstance(value, time):
        return {"@": "time", "iso": value.isoformat()}
    if isinstance(value, timedelta):
        return {"@": "duration", "iso": _duration(value)}
    return value


def _duration(value: timedelta) -> str:
    # FEEL's durations have no weeks, and their sign stands before the P.
    sign, size = ("-", -value) if value < timedelta() else ("", value)
    return f"{sign}P{size.days}DT{size.seconds}.{size.microseconds:06d}S"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (date, time, timedelta)):
        return tagged(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def unpack(result: Any) -> Any:
    """What web/assets/feel/main.js packed: null, booleans and numbers bare, `s` and a string, `j` and JSON."""
    if result is None or isinstance(result, bool):
        return result
    if isinstance(result, str):
        return result[1:] if result[0] == "s" else orjson.loads(result[1:])
    return number(result)


def number(value: float) -> int | float | None:
    """An int where there is no fraction; None for what is no number (FEEL has neither NaN nor infinity)."""
    if isinstance(value, int):
        return value
    if value.is_integer() and abs(value) < _LARGEST_EXACT:
        return int(value)
    return value if value - value == 0 else None


def has_special_keys(encoded: str) -> bool:
    """Whether JSON has a key that the parser has to be told of."""
    return _SPECIAL_KEY.search(encoded) is not None


def shape(value: Any) -> Any:
    """The keys in a value without its data: what the parser must know to recognise names like `unit-price`.

    A list has the shape of all its elements together.
    """
    if isinstance(value, Mapping):
        return {str(key): shape(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        merged: Any = 1
        for element in value:
            merged = _merge(merged, shape(element))
        return merged
    return 1


def _merge(one: Any, other: Any) -> Any:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other if isinstance(other, dict) else one
    return one | {key: _merge(one.get(key, 1), entry) for key, entry in other.items()}


def instant(value: str | date | datetime, zone: ZoneInfo) -> datetime:
    """A FEEL date or date and time as an aware datetime; without an offset it is meant in `zone`.

    Raises ValueError for a string that is neither.
    """
    if isinstance(value, str):
        value = datetime.fromisoformat(value.partition("@")[0])
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value if value.tzinfo else value.replace(tzinfo=zone)
