"""The history: recording events, chained by hash, and reading them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine.runtime.context import Context
from engine.store.tables import HistoryEvent, OrganisationStream, ProcessInstance

#: Format of payloads. A stream says it in its first event; an event of a later format says so itself.
FORMAT = 1
#: Hash before the first event of a stream.
GENESIS = bytes(32)
#: The stream of what concerns the organisation and no single instance.
ORGANISATION = 0


class UnreadablePayload(ValueError):
    """The payload of an event is of a format this release does not know."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """An event as it was recorded."""

    type: str
    actor: str
    at: datetime
    element_id: str | None
    activity_id: int | None
    payload: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Head:
    """Where a stream ends."""

    stream: int
    seq: int
    hash: bytes
    case: str | None


def canonical(payload: Mapping[str, Any]) -> str:
    """The one JSON text of a payload: no spaces, dates as ISO 8601, decimals as strings.

    Keys stay in their order: what FEEL makes of an object's entries depends on it, and replaying has to give the same.
    """
    return orjson.dumps(payload, default=_plain, option=orjson.OPT_UTC_Z).decode()


def read(payload: str) -> dict[str, Any]:
    """A payload as it was recorded. Raises `UnreadablePayload` for one that a newer release wrote."""
    found: dict[str, Any] = orjson.loads(payload)
    if found.get("format", FORMAT) > FORMAT:
        raise UnreadablePayload(
            f"This history was written by a newer release (format {found['format']}; this one reads up to {FORMAT})."
            " Update Aftercare."
        )
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def link(
    previous: bytes,
    *,
    stream: int,
    seq: int,
    at: datetime,
    type: str,
    actor: str,
    element_id: str | None,
    activity_id: int | None,
    business_key: str | None,
    payload: str,
) -> bytes:
    """The hash of an event: SHA-256 over the previous hash and every field, each length-prefixed so none can flow over."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [previous]
    for part in (stream, seq, moment, type, actor, element_id, activity_id, business_key, payload):
        raw = b"\xff" if part is None else str(part).encode()
        parts += (len(raw).to_bytes(4, "big"), raw)
    return hashlib.sha256(b"".join(parts)).digest()


class Recorder:
    """Appends events to one instance's stream within one command; `rows` are written by the unit of work."""

    def __init__(self, ctx: Context, instance: ProcessInstance) -> None:
        self._ctx = ctx
        self._instance = instance
        self.rows: list[dict[str, Any]] = []

    def record(
        self,
        type_: str,
        /,
        *,
        element_id: str | None = None,
        activity_id: int | None = None,
        actor: str | None = None,
        **payload: Any,
    ) -> Recorded:
        """Append one event and tell its listeners."""
        instance = self._instance
        row = _row(
            stream=instance.id,
            seq=instance.history_seq + 1,
            previous=instance.history_hash,
            at=self._ctx.now,
            type=type_,
            actor=actor or self._ctx.actor.key,
            element_id=element_id,
            activity_id=activity_id,
            business_key=instance.business_key,
            payload=canonical(payload),
        )
        instance.history_seq, instance.history_hash = row["seq"], row["hash"]
        self.rows.append(row)
        recorded = Recorded(
            type=type_,
            actor=row["actor"],
            at=self._ctx.now,
            element_id=element_id,
            activity_id=activity_id,
            payload=payload,
        )
        for listener in self._ctx.engine.registry.listeners(type_):
            listener(self._ctx, instance, recorded)
        return recorded


def _row(*, previous: bytes, **fields: Any) -> dict[str, Any]:
    return {**fields, "hash": link(previous, **fields)}


def record_organisation(
    ctx: Context, type_: str, /, *, business_key: str | None = None, **payload: Any
) -> None:
    """Append one event to the organisation's stream (deployments, drafts, people, imports); it says where from."""
    head = ctx.session.execute(
        select(OrganisationStream.seq, OrganisationStream.hash)
        .where(OrganisationStream.id == 0)
        .with_for_update()
    ).one()
    row = _row(
        stream=ORGANISATION,
        seq=head.seq + 1,
        previous=head.hash,
        at=ctx.now,
        type=type_,
        actor=ctx.actor.key,
        element_id=None,
        activity_id=None,
        business_key=business_key,
        payload=canonical({**payload, **ctx.actor.whence}),
    )
    ctx.session.execute(insert(HistoryEvent), [row])
    ctx.session.execute(update(OrganisationStream).values(seq=row["seq"], hash=row["hash"]))
    for listener in ctx.engine.registry.organisation_listeners(type_):
        listener(ctx, payload)


def events(
    session: Session,
    *,
    business_key: str | None = None,
    stream: int | None = None,
    after: int = 0,
    limit: int = 200,
) -> list[HistoryEvent]:
    """Events of a case (all its instances) or of one stream, oldest first, after the event id `after`."""
    query = select(HistoryEvent).where(HistoryEvent.id > after).order_by(HistoryEvent.id).limit(limit)
    if business_key is not None:
        query = query.where(HistoryEvent.business_key == business_key)
    if stream is not None:
        query = query.where(HistoryEvent.stream == stream)
    return list(session.execute(query).scalars())
