"""Why a token left an element the way it did: each condition with the values it saw, by replay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.bpmn import Element, Flow, Process
from engine.bpmn import effects as fx
from engine.feel import FeelError
from engine.runtime.context import Engine
from engine.runtime.definitions import Definition
from engine.runtime.explaining.readings import Reading, readings
from engine.runtime.replay import Asked, Moment, Past, effect_of, leading_to


@dataclass(frozen=True, kw_only=True)
class Way:
    """One flow that leaves the element."""

    flow: Flow
    taken: bool
    #: Taken where no condition holds.
    is_default: bool
    #: Whether its condition was evaluated: after one that holds, an exclusive gateway looks at no further.
    asked: bool = False
    #: Whether its condition held, or would have; None for a flow without one.
    held: bool | None = None
    #: What the condition read, as it was then.
    read: tuple[Reading, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What was chosen at an element with conditions."""

    definition: Definition
    element: Element
    ways: tuple[Way, ...]


def has_choice(element: Element, process: Process) -> bool:
    """Whether leaving the element asks a condition."""
    return any(True for _ in _conditional(element, process))


def choice(session: Session, engine: Engine, instance_id: int, event: Past) -> Choice | None:
    """What was chosen at an `ElementCompleted`; None where there was nothing to choose.

    Raises `replay.Diverged` where the history cannot be replayed up to there.
    """
    moment = leading_to(session, engine, instance_id, event.seq)
    if moment is None:
        return None
    completed = effect_of(moment, event, fx.ElementCompleted)
    if completed is None:
        return None
    process = moment.definition.process
    element = process.elements[completed.element_id]
    if not has_choice(element, process):
        return None
    saw = _asked_at(moment, completed)
    ways = tuple(
        _way(engine, moment, element, process.flows[flow_id], completed, saw) for flow_id in element.outgoing
    )
    return Choice(definition=moment.definition, element=element, ways=ways)


def _asked_at(moment: Moment, wanted: fx.ElementCompleted) -> Sequence[Asked]:
    """The conditions that were asked when the token left.

    Expressions were noted in the order they were evaluated and completions in the order they came, so that each
    completion's conditions are the next ones of theirs.
    """
    process, begin = moment.definition.process, 0
    for effect in moment.effects:
        if not isinstance(effect, fx.ElementCompleted) or effect.element_id not in process.elements:
            continue
        expected = list(_expected(process.elements[effect.element_id], process, effect.taken))
        if not expected:
            continue
        found = _find(moment.asked, expected, begin)
        if found is not None:
            begin = found + len(expected)
        if effect is wanted:
            return moment.asked[found:begin] if found is not None else ()
    return ()


def _expected(element: Element, process: Process, taken: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """(condition, whether it held) of those that leaving by `taken` asked."""
    for flow in _conditional(element, process):
        held = flow.id in taken
        yield flow.condition or "", held
        if held and element.type == "exclusiveGateway":
            return


def _find(asked: Sequence[Asked], expected: Sequence[tuple[str, bool]], begin: int) -> int | None:
    for at in range(begin, len(asked) - len(expected) + 1):
        if [(each.text, each.value) for each in asked[at : at + len(expected)]] == expected:
            return at
    return None


def _conditional(element: Element, process: Process) -> Iterator[Flow]:
    for flow_id in element.outgoing:
        flow = process.flows[flow_id]
        if flow.condition and flow.id != element.default and element.type != "parallelGateway":
            yield flow


def _way(
    engine: Engine,
    moment: Moment,
    element: Element,
    flow: Flow,
    completed: fx.ElementCompleted,
    saw: Sequence[Asked],
) -> Way:
    is_default, taken = flow.id == element.default, flow.id in completed.taken
    if is_default or not flow.condition or not saw:
        return Way(flow=flow, taken=taken, is_default=is_default)
    variables = saw[0].variables
    asked = next((each for each in saw if each.text == flow.condition), None)
    return Way(
        flow=flow,
        taken=taken,
        is_default=False,
        asked=asked is not None,
        held=asked.value if asked is not None else _would_hold(engine, moment, flow.condition, saw[0]),
        read=readings(engine.feel, flow.condition, variables),
    )


def _would_hold(engine: Engine, moment: Moment, condition: str, saw: Asked) -> bool | None:
    try:
        given = engine.feel.value(condition, saw.variables, now=moment.event.at)
    except FeelError:
        return None
    return given if isinstance(given, bool) else None
