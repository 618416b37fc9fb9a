"""Small executable diagrams of our own, in the shape of a suite of executable diagrams: every script logs its id."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from lxml import etree

from tests.bpmn.drawing import HEAD, diagram, job, message, node, script

SIGNAL = node("signal", "sig", name="sig")
TOP = (
    SIGNAL
    + node("error", "err", errorCode="E1")
    + node("error", "other", errorCode="E2")
    + node("escalation", "esc", escalationCode="C1")
    + message("msg", '="k"')
    + message("msg2", '="k"')
)


@dataclass(frozen=True, kw_only=True)
class Story:
    """One diagram and what has to happen."""

    name: str
    xml: bytes
    #: Ids of scripts that log, one a completion.
    trace: list[str]
    outcome: str = "completed"
    more: dict[str, Any] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        """As in a `cases.json`."""
        root = etree.fromstring(self.xml)
        logs = [each.get("id") for each in root.iter("{*}scriptTask", "{*}globalScriptTask")]
        first = next(each.get("id") for each in root.iter("{*}process"))
        return {
            "name": self.name,
            "group": "drawn",
            "bpmn": f"{self.name}.bpmn",
            "description": self.name,
            "process": [first],
            "other_processes": [],
            "parallel": False,
            "variables": {},
            "tokens": {id_: id_ for id_ in logs},
            "setup": [],
            "trace": self.trace,
            "outcome": self.outcome,
            "jobs": [],
            "delay_ms": 0,
            "timeout_ms": 60_000,
            **self.more,
        }


def suite(folder: Path, stories: list[Story], kind: str = "betsy") -> Path:
    """Write a folder that `aftercare conformance` runs."""
    folder.mkdir(parents=True, exist_ok=True)
    for story in stories:
        (folder / f"{story.name}.bpmn").write_bytes(story.xml)
    cases = {"suite": kind, "half": "own", "cases": [story.entry() for story in stories]}
    (folder / "cases.json").write_bytes(orjson.dumps(cases))
    return folder


def log(id_: str, *inside: str, **attributes: str) -> str:
    """A script that logs its id."""
    return script(id_, f'="{id_}"', f"log_{id_}", *inside, **attributes)


def process(name: str, *body: str, top: str = TOP) -> bytes:
    """A file whose process has this id."""
    return diagram(*body, top=top, process=name)


def processes(**bodies: str) -> bytes:
    """A file of several executable processes; the first is started."""
    drawn = "".join(
        f'<bpmn:process id="{name}" isExecutable="true">{body}</bpmn:process>'
        for name, body in bodies.items()
    )
    return f"{HEAD}{TOP}{drawn}</bpmn:definitions>".encode()


def sends(id_: str, type_: str) -> str:
    """A service task whose job publishes a message."""
    return job(id_, type_=type_)


def publishing(element: str, type_: str, name: str) -> dict[str, Any]:
    """The runner's part of it."""
    order = {"type": type_, "element": element, "do": "publish_message_then_complete"}
    return {"jobs": [{**order, "message": name, "correlation_key": "k"}]}
