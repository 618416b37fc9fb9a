"""A procedure that does nothing: it carries files that are deployed or kept only with one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from engine.runtime.bundles import Bundle

KEY = "carrier"
FILE = "carrier.bpmn"

_DIAGRAM = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="carried" targetNamespace="carrier">'
    '<process id="{key}" isExecutable="true"><startEvent id="start"/><endEvent id="end"/>'
    '<sequenceFlow id="flow" sourceRef="start" targetRef="end"/></process></definitions>'
)


def key(name: str) -> str:
    """An id for the carrier of what is called `name`, whatever it is called."""
    return f"{KEY}_{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def bundle(process_key: str, tables: Mapping[str, bytes]) -> Bundle:
    """The procedure `process_key` with decision models, by file name."""
    files = {("bpmn", FILE): _DIAGRAM.format(key=process_key).encode()}
    return Bundle(process_key=process_key, files=files | {("dmn", name): xml for name, xml in tables.items()})
