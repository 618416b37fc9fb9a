"""Outcomes: how the instances of a case stand, read from the engine's tables and history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import select

from engine.conformance.helpers import Log
from engine.conformance.server import Server
from engine.store.tables import HistoryEvent, Incident, ProcessInstance


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a case has come to."""

    #: Ids of elements that completed, one a completion.
    completed: Sequence[str]
    #: The tokens that were logged, sorted.
    trace: list[str]
    instances: Sequence[ProcessInstance]
    incidents: Sequence[Incident]
    #: Codes of the errors that left an instance.
    errors: frozenset[str]
    handed_out: Log

    @property
    def variables(self) -> Mapping[str, Any]:
        """Variables of the instance that was started first."""
        return self.instances[0].variables if self.instances else {}

    def is_(self, outcome: str, case: Mapping[str, Any]) -> bool:
        """Whether it stands as an outcome of the suite says."""
        ended = all(each.ended_at is not None for each in self.instances)
        stuck = [each for each in self.incidents if each.element_id == case.get("element")]
        match outcome:
            case "completed":
                return bool(self.instances) and ended and not self.incidents
            case "waiting":
                return not ended and not self.incidents
            case "incident":
                return bool(stuck)
            case "error_thrown":
                codes = {each.params.get("error_code") for each in self.incidents} | self.errors
                return bool(stuck) and case["error_code"] in codes
        return False

    def overlapping(self, elements: Sequence[str]) -> bool:
        """Whether the jobs of these elements were all handed out before the first of them was done."""
        out: set[str] = set()
        for what, element in self.handed_out:
            if what == "done" and element in elements:
                break
            if what == "out":
                out.add(element)
        return set(elements) <= out

    def __str__(self) -> str:
        parts = [f"stopped at {each.element_id} ({each.message})" for each in self.incidents]
        active = [each.process_key for each in self.instances if each.ended_at is None]
        if active:
            parts.append(f"{', '.join(active)} waits")
        return "; ".join(parts) or ("completed" if self.instances else "never started")


def stand(server: Server, case: Mapping[str, Any], *, since: int, handed_out: Log) -> Standing:
    """How the instances stand that were started after the one with the id `since`."""
    with server.app.database.begin() as session:
        instances = session.scalars(
            select(ProcessInstance).where(ProcessInstance.id > since).order_by(ProcessInstance.id)
        ).all()
        incidents = session.scalars(
            select(Incident).where(Incident.instance_id > since).order_by(Incident.id)
        ).all()
        events = session.execute(
            select(HistoryEvent.type, HistoryEvent.element_id, HistoryEvent.payload)
            .where(HistoryEvent.stream > since, HistoryEvent.type.in_(("ElementCompleted", "ErrorThrown")))
            .order_by(HistoryEvent.id)
        ).all()
    payloads = [(type_, element, orjson.loads(payload)) for type_, element, payload in events]
    completed = [
        element
        for type_, element, payload in payloads
        if type_ == "ElementCompleted" and "frame" not in payload
    ]
    return Standing(
        completed=completed,
        trace=sorted(case["tokens"][element] for element in completed if element in case["tokens"]),
        instances=instances,
        incidents=incidents,
        errors=frozenset(payload["code"] for type_, _, payload in payloads if type_ == "ErrorThrown"),
        handed_out=handed_out,
    )
