"""XES, the standard for event logs (IEEE 1849): a trace a case, an event an event of the history."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import quoteattr

from engine.mining.events import Case, Event
from engine.mining.reading import Reading

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<global scope="trace">
<string key="concept:name" value=""/>
</global>
<global scope="event">
<string key="concept:name" value=""/>
<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
<string key="lifecycle:transition" value="complete"/>
<string key="org:resource" value="system"/>
</global>
<classifier name="Activity" keys="concept:name"/>
<classifier name="Activity and transition" keys="concept:name lifecycle:transition"/>
<classifier name="Event of the history" keys="event"/>
<string key="concept:name" value="Aftercare"/>
<string key="lifecycle:model" value="standard"/>
"""
#: What XML 1.0 cannot hold.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(reading: Reading, traces: Iterable[tuple[Case, Iterable[Event]]]) -> Iterator[str]:
    """The log, piece by piece."""
    yield _HEAD
    for case, events in traces:
        yield "<trace>\n" + "".join(_case(case))
        for event in events:
            yield "<event>" + "".join(_event(event)) + "</event>\n"
        yield "</trace>\n"
    yield "</log>\n"


def _case(case: Case) -> Iterator[str]:
    yield _attribute("concept:name", case.number) + "\n"
    yield _attribute("procedure", case.process) + _attribute("version", case.version) + "\n"
    for name, value in case.attributes.items():
        yield _attribute(name, value) + "\n"


def _event(event: Event) -> Iterator[str]:
    yield _attribute("concept:name", event.activity)
    yield _attribute("lifecycle:transition", event.lifecycle)
    yield _attribute("time:timestamp", event.at)
    yield _attribute("org:resource", event.resource)
    if event.role:
        yield _attribute("org:role", event.role)
    if event.activity_id is not None:
        yield _attribute("concept:instance", f"{event.stream}-{event.activity_id}")
    yield _attribute("event", event.type)
    for name in ("element", "outcome", "service"):
        if value := getattr(event, name):
            yield _attribute(name, value)
    yield _attribute("process", event.process)
    yield _attribute("process_version", event.version)
    yield _attribute("number", event.id)


def _attribute(key: str, value: Any) -> str:
    match value:
        case int():
            kind, text = "int", str(value)
        case Decimal():
            kind, text = "float", str(value)
        case datetime():
            kind, text = "date", value.astimezone(UTC).isoformat(timespec="milliseconds")
        case _:
            kind, text = "string", _NOT_XML.sub("", value)
    return f"<{kind} key={quoteattr(key)} value={quoteattr(text)}/>"
