"""Timers."""

from collections.abc import Iterator
from datetime import UTC, datetime

from config.problem import Problem
from engine.bpmn import schedules
from engine.bpmn.problems import error
from engine.bpmn.reading.document import Document, Node, identify, kid, local, reference, text
from engine.bpmn.reading.events import TIMERS
from engine.bpmn.rules.events import events
from engine.bpmn.trouble import Trouble

_ANY_DAY = datetime(2024, 1, 1, tzinfo=UTC)


def timers(document: Document) -> Iterator[tuple[Node, str, list[tuple[str, str]]]]:
    """Every timer event with its position and its (kind, text) pairs."""
    for node, place, definitions in events(document):
        for kind, definition in definitions:
            if kind == "timer":
                yield (
                    node,
                    place,
                    [
                        (name, text(kid(definition, tag)))
                        for tag, name in TIMERS.items()
                        if kid(definition, tag) is not None
                    ],
                )


def says_when(document: Document) -> Iterator[Problem]:
    for node, _, given in timers(document):
        if len(given) != 1 or not given[0][1]:
            yield error(
                identify(node),
                "timer_empty",
                "The timer does not say when, or says it twice.",
                "Give it one date, duration or cycle.",
            )


def readable(document: Document) -> Iterator[Problem]:
    for node, _, given in timers(document):
        for kind, value in given:
            if not value or value.startswith("="):
                continue
            try:
                schedules.first(kind, value, _ANY_DAY, UTC)
            except Trouble as trouble:
                yield error(
                    identify(node),
                    f"timer_{kind}",
                    "The timer cannot be read: {reason}.",
                    "Write it in ISO 8601, for example 2026-12-24T18:00:00+08:00, PT24H or R3/PT10M.",
                    reason=trouble.message,
                )


def cycles_where_they_repeat(document: Document) -> Iterator[Problem]:
    """A cycle on an event that happens once would be half ignored."""
    for node, place, given in timers(document):
        if not any(kind == "cycle" for kind, _ in given):
            continue
        interrupts = (
            node.get("cancelActivity" if place == "boundary" else "isInterrupting", "true") != "false"
        )
        if place in ("boundary", "event sub-process start") and interrupts:
            yield error(
                identify(node),
                "cycle_interrupts",
                "A timer that interrupts cannot repeat.",
                "Use a duration, or make the event non-interrupting.",
            )
        elif place == "intermediate catch" and _is_target(document, node):
            yield error(
                identify(node),
                "cycle_after_gateway",
                "A timer after an event-based gateway cannot repeat.",
                "Use a date or a duration.",
            )
        elif place == "intermediate catch" and _endless(given):
            yield error(
                identify(node),
                "cycle_endless",
                "A cycle without an end in the middle of a flow never lets the process end.",
                "Say how often it repeats, for example R3/PT10M.",
            )


def _is_target(document: Document, node: Node) -> bool:
    sources = (
        document.ids.get(reference(f.get("sourceRef")) or "")
        for f in document.incoming.get(node.get("id"), [])
    )
    return any(source is not None and local(source) == "eventBasedGateway" for source in sources)


def _endless(given: list[tuple[str, str]]) -> bool:
    try:
        return any(
            not value.startswith("=") and schedules.first(kind, value, _ANY_DAY, UTC).repetitions is None
            for kind, value in given
        )
    except Trouble:
        return False


RULES = (says_when, readable, cycles_where_they_repeat)
