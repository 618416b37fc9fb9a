"""Notices to open pages: who should look again, sent by PostgreSQL's NOTIFY when the transaction commits."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from engine.store.batch import Batch

#: The NOTIFY channel that web processes listen to.
CHANNEL = "aftercare"
#: NOTIFY carries 8,000 bytes; beyond that everybody is asked to look.
_MOST = 7000


@dataclass
class Concerned:
    """Whom and what a command concerned."""

    people: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)


def send(batch: Batch, concerned: Concerned) -> None:
    """Tell open pages, once the transaction commits. Nothing concerned, nothing sent."""
    if not (concerned.people or concerned.groups or concerned.cases):
        return
    payload = orjson.dumps(
        {
            "people": sorted(concerned.people),
            "groups": sorted(concerned.groups),
            "cases": sorted(concerned.cases),
        }
    ).decode()
    if len(payload) > _MOST:
        payload = '{"all":true}'
    batch.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
