"""OCEL 2.0 (JSON): events with every object they are about: the case, its order, the goods they moved, who acted.

Source: https://www.ocel-standard.org, JSON format. The members of the document stand in the order they become known in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson

from engine.mining.events import COMPLETE, Case, Event
from engine.mining.reading import Reading

#: Attributes of every type of event.
_OF_EVENTS = {
    "event": "string",
    "lifecycle": "string",
    "element": "string",
    "outcome": "string",
    "service": "string",
    "process": "string",
    "version": "integer",
}
#: Attributes by type of object.
_OF_OBJECTS: Mapping[str, Mapping[str, str]] = {
    "case": {
        "procedure": "string",
        "version": "integer",
        "state": "string",
        "outcome": "string",
        "reason": "string",
        "channel": "string",
        "urgency": "string",
        "category": "string",
        "cause": "string",
        "department": "string",
        "refunded": "float",
        "compensated": "float",
        "closed": "time",
        "tier": "string",
        "customer": "string",
        "shop": "string",
    },
    "order": {"state": "string", "paid": "float", "shop": "string", "customer": "string"},
    "part": {"name": "string", "kind": "string", "model": "string"},
    "person": {"team": "string", "roles": "string"},
}


def write(reading: Reading, traces: Iterable[tuple[Case, Iterable[Event]]]) -> Iterator[str]:
    """The log, piece by piece. What is kept meanwhile is bounded by the kinds of events, the people and the products."""
    people = {person.key: person for person in reading.people()}
    types: set[str] = set()
    parts: set[str] = set()

    def events() -> Iterator[dict[str, Any]]:
        goods = _by_case(reading.goods())
        for case, trace in traces:
            # A case begins with its goods: tools pass over objects that nothing ever happened to.
            begun_with = [sku for _, sku in goods(case.number)]
            for event in trace:
                types.add(_type(event))
                parts.update(event.parts, begun_with)
                yield _event(case, event, event.resource in people, begun_with)
                begun_with = []

    yield '{"events": [\n'
    yield from _joined(events())
    yield '],\n"objects": [\n'
    yield from _joined(_objects(reading, people, parts))
    yield '],\n"eventTypes": [\n'
    yield from _joined({"name": name, "attributes": _declared(_OF_EVENTS)} for name in sorted(types))
    yield '],\n"objectTypes": [\n'
    yield from _joined(
        {"name": name, "attributes": _declared(attributes)} for name, attributes in _OF_OBJECTS.items()
    )
    yield "]}\n"


def _joined(documents: Iterable[dict[str, Any]]) -> Iterator[str]:
    between = ""
    for document in documents:
        yield between + orjson.dumps(document).decode()
        between = ",\n"
    yield "\n"


def _declared(attributes: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": type_} for name, type_ in attributes.items()]


def _type(event: Event) -> str:
    """A finished element is called by its name; whatever else happened to it, with what it was."""
    if event.lifecycle == COMPLETE or not event.element:
        return event.activity
    return f"{event.activity} ({event.type})"


def _event(case: Case, event: Event, by_person: bool, begun_with: Iterable[str]) -> dict[str, Any]:
    about = [_related(_id("case", case.number), "case")]
    if order := case.attributes.get("order"):
        about.append(_related(_id("order", order), "order"))
    if by_person:
        about.append(_related(_id("person", event.resource), "actor"))
    about += [_related(_id("part", sku), "goods") for sku in begun_with]
    about += [_related(_id("part", sku), "moved") for sku in event.parts]
    said = {
        "event": event.type,
        "lifecycle": event.lifecycle,
        "element": event.element,
        "outcome": event.outcome,
        "service": event.service,
        "process": event.process,
        "version": event.version,
    }
    return {
        "id": f"event:{event.id}",
        "type": _type(event),
        "time": _moment(event.at),
        "attributes": [{"name": name, "value": value} for name, value in said.items() if value != ""],
        "relationships": about,
    }


def _objects(reading: Reading, people: Mapping[str, Any], parts: set[str]) -> Iterator[dict[str, Any]]:
    goods = _by_case(reading.goods())
    links = _by_case(reading.links())
    for case in reading.cases():
        named = {"procedure": case.process, "version": case.version, **case.attributes}
        order = named.pop("order", None)
        about = [_related(_id("order", order), "about")] if order else []
        for _, sku in goods(case.number):
            about.append(_related(_id("part", sku), "goods"))
        about += [_related(_id("case", other), kind) for _, other, kind in links(case.number)]
        yield _object("case", case.number, case.started_at, named, about)
    for order in reading.orders():
        named = {
            "state": order.state,
            "paid": order.paid_total,
            "shop": order.shop,
            "customer": order.customer,
        }
        yield _object("order", order.number, order.placed_at, named)
    for part in reading.products(parts):
        yield _object("part", part.sku, _EVER, {"name": part.name, "kind": part.kind, "model": part.model})
    for person in people.values():
        named = {"team": person.team, "roles": ", ".join(person.roles)}
        yield _object("person", person.key, _EVER, named)


#: What has been so as long as anybody knows.
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def _by_case(rows: Iterator[Any]) -> Any:
    """A look-up of rows by case number, for one who asks in the order the rows are in."""
    grouped = groupby(rows, key=itemgetter(0))
    state: list[Any] = [next(grouped, None)]

    def of(number: str) -> list[Any]:
        if state[0] is None or state[0][0] != number:
            return []
        found = list(state[0][1])
        state[0] = next(grouped, None)
        return found

    return of


def _object(
    type_: str, key: str, since: datetime, named: Mapping[str, Any], about: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    return {
        "id": _id(type_, key),
        "type": type_,
        "attributes": [
            {"name": name, "time": _moment(since), "value": _plain(value)}
            for name, value in named.items()
            if value not in (None, "")
        ],
        "relationships": about or [],
    }


def _related(object_id: str, qualifier: str) -> dict[str, str]:
    return {"objectId": object_id, "qualifier": qualifier}


def _id(type_: str, key: str) -> str:
    return f"{type_}:{key}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _moment(value)
    return float(value) if isinstance(value, Decimal) else value
