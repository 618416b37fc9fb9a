"""Functions of our own that expressions may call: Python callables, described by their signatures."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import isodate

from engine.feel.values import instant, tagged


@dataclass(frozen=True, kw_only=True)
class Function:
    """`add_working_time(from_: datetime, duration: timedelta)` is called with `from` and `duration` in FEEL.

    An argument arrives as its parameter is annotated: `datetime` and `timedelta` accept FEEL's own values and
    ISO strings. A datetime without an offset is meant in the business zone.
    """

    call: Callable[..., Any]
    #: FEEL's parameter name to Python's annotation.
    parameters: Mapping[str, Any]

    @classmethod
    def of(cls, call: Callable[..., Any]) -> "Function":
        parameters = inspect.signature(call, eval_str=True).parameters.values()
        return cls(
            call=call,
            parameters={each.name.rstrip("_").replace("_", " "): each.annotation for each in parameters},
        )

    def answer(self, arguments: list[Any], zone: ZoneInfo) -> Any:
        """Call with what FEEL passed; the result as tagged JSON. Raises whatever the callable raises."""
        return tagged(self.call(*self.taken(arguments, zone)))

    def taken(self, arguments: list[Any], zone: ZoneInfo) -> list[Any]:
        """What FEEL passed, as the callable takes it."""
        wanted = zip(arguments, self.parameters.values(), strict=False)
        return [_argument(untagged(value), kind, zone) for value, kind in wanted]


def _argument(value: Any, kind: Any, zone: ZoneInfo) -> Any:
    if kind is datetime and isinstance(value, (str, date)):
        return instant(value, zone)
    if kind is date and isinstance(value, str):
        return date.fromisoformat(value[:10])
    if kind is timedelta and isinstance(value, str):
        return isodate.parse_duration(value)
    return value


def untagged(value: Any) -> Any:
    """`{"@": "date", "iso": "2026-11-22"}` and its like as Python values; everything else as it is."""
    if not isinstance(value, dict) or "@" not in value:
        return value
    kind, iso = value["@"], value["iso"].partition("@")[0]
    if kind == "date":
        return date.fromisoformat(iso)
    if kind == "date and time":
        return datetime.fromisoformat(iso)
    if kind == "time":
        return time.fromisoformat(iso)
    return isodate.parse_duration(iso)
