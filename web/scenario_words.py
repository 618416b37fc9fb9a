"""What scenarios and plays say, in the reader's language: what differed, why a step is not possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from engine.runtime.refusals import Refusal
from engine.scenarios import differences as sentences
from engine.scenarios.differences import Difference
from engine.scenarios.files import BadScenario
from web import i18n
from web.errors import sentence
from web.i18n import mark
from web.problems import told
from web.render import looked_at, say
from web.visitor import Visitor

#: The sentences of `engine.scenarios.differences`, and the names of what they compare.
SAID = (
    mark("{what}: expected {expected}, is {actual}"),
    mark("Nothing should have gone wrong, but {incidents}"),
    mark("Something should have gone wrong at {expected}; it did at: {actual}"),
    mark("It did not come to the end {end}"),
    mark("{event} did not happen, or not in this order"),
    mark("The history does not verify: {reason} at {seq}"),
    mark("Refused as {actual}, expected {expected}"),
    mark("{person} could complete {task}; expected {expected}"),
    mark("Timers keep firing: more than {most} until {until}"),
    mark("The case never comes to rest: more than {most} jobs"),
    mark("Nothing has gone wrong at {element}"),
    mark("There is no person {person}"),
    mark("{task} is not waiting for anybody; waiting are: {waiting}"),
    mark("{label}: {message}"),
    mark("{what} is not known"),
    mark("The engine could not do this: {why}"),
    mark("Nothing leaves the house here: say what {type} answers"),
    mark("open user tasks"),
    mark("open user tasks of linked cases"),
    mark("state"),
    mark("messages to the customer"),
    mark("ended"),
    mark("refund ledger"),
    mark("shipping refunded"),
    mark("charges"),
    mark("compensation"),
    mark("stock movements"),
    mark("none"),
)
NOT_SO = mark("This is not how it is written. Look at it again.")


def differences(visitor: Visitor, found: Iterable[Difference]) -> tuple[str, ...]:
    """A sentence each."""
    return tuple(document(visitor, {"sentence": each.sentence, "params": each.params}) for each in found)


def document(visitor: Visitor, difference: Mapping[str, Any], translate: Callable[[str], str] = str) -> str:
    """A difference as it is kept, told; `translate` knows the procedure's own words."""
    with looked_at(visitor):
        params = {name: _translated(value, translate) for name, value in difference["params"].items()}
        template = difference["sentence"]
        return i18n.gettext(template).format_map(_Known(params))


def _translated(value: Any, translate: Callable[[str], str]) -> Any:
    if not isinstance(value, str) or not value:
        return value
    own = translate(value)
    return own if own != value else i18n.gettext(value)


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def refusal(visitor: Visitor, refused: Refusal) -> str:
    """Why somebody may not act."""
    return sentence(visitor, refused)


def trouble(visitor: Visitor, error: Exception) -> tuple[str, ...]:
    """Why a step is not possible."""
    match error:
        case BadScenario():
            return tuple(f"{each.message} {each.remedy}" for each in told(error.problems, visitor.language))
        case Refusal():
            return (sentence(visitor, error),)
        case ValidationError():
            return (say(visitor, NOT_SO),)
        case _:
            return differences(visitor, sentences.of(error))
