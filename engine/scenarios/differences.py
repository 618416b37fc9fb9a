"""What differed: a sentence with its values, so that it can be told in a reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.forms import FormErrors
from engine.runtime.refusals import Refusal

OTHERWISE = "{what}: expected {expected}, is {actual}"
NO_INCIDENT = "Nothing should have gone wrong, but {incidents}"
INCIDENT_ELSEWHERE = "Something should have gone wrong at {expected}; it did at: {actual}"
NOT_ENDED_AT = "It did not come to the end {end}"
NOT_HAPPENED = "{event} did not happen, or not in this order"
BROKEN_HISTORY = "The history does not verify: {reason} at {seq}"
REFUSED_OTHERWISE = "Refused as {actual}, expected {expected}"
NOT_REFUSED = "{person} could complete {task}; expected {expected}"
ENDLESS_TIMERS = "Timers keep firing: more than {most} until {until}"
NEVER_RESTS = "The case never comes to rest: more than {most} jobs"
NO_SUCH_INCIDENT = "Nothing has gone wrong at {element}"
NO_SUCH_PERSON = "There is no person {person}"
NOT_WAITING = "{task} is not waiting for anybody; waiting are: {waiting}"
FIELD = "{label}: {message}"
UNKNOWN = "{what} is not known"
ENGINE = "The engine could not do this: {why}"
LEAVES_THE_HOUSE = "Nothing leaves the house here: say what {type} answers"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is not as the scenario says."""

    #: A Python format over `params`, in English; one of the sentences above or a refusal's.
    sentence: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sentence.format_map(_Missing(self.params))


class _Missing(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


class Mismatch(Exception):
    """What happened is not what the scenario says."""

    def __init__(self, *differences: Difference) -> None:
        super().__init__("; ".join(map(str, differences)))
        self.differences = differences


def mismatch(sentence: str, **params: Any) -> Mismatch:
    """A mismatch in one thing."""
    return Mismatch(Difference(sentence=sentence, params=params))


def of(error: Exception) -> tuple[Difference, ...]:
    """What an act that could not be done says of it."""
    match error:
        case Mismatch():
            return error.differences
        case Refusal():
            return (Difference(sentence=error.sentence, params=error.params),)
        case FormErrors():
            return tuple(
                Difference(sentence=FIELD, params={"label": each.label or each.path, "message": each.message})
                for each in error.errors
            )
        case LookupError():
            return (Difference(sentence=UNKNOWN, params={"what": str(error).strip("'")}),)
        case _:
            return (Difference(sentence=ENGINE, params={"why": _first_line(error)}),)


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
