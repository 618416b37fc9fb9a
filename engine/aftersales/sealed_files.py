"""A case as one sealed file: history, the versions it ran on, attachments, pages to read, and what checks it all offline.

The same case under the same seal always gives the same bytes.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import IO, Any, BinaryIO

import orjson
from sqlalchemy import Integer, cast, select, union
from sqlalchemy.dialects.postgresql import JSONB

from engine.aftersales import attachments, cases, verify_sealed_file
from engine.aftersales.tables import Attachment
from engine.runtime import history, seals
from engine.runtime.context import Context
from engine.runtime.merkle import Step, Tree
from engine.runtime.refusals import NotFound
from engine.store.tables import (
    DefinitionResource,
    HistoryEvent,
    ProcessDefinition,
    ProcessInstance,
    Receipt,
    Resource,
)

FORMAT = 1
#: Event of the organisation's history that tells of an export.
EVENT = "CaseExported"
#: ZIP keeps a moment for each file; one for all keeps the bytes the same.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the last seal says of a history."""

    seal: int
    #: Its line in the seal's list, and how many events it had.
    leaf: bytes
    events: int
    way: Sequence[Step]


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """The last seal whose list is kept, and what it says of a case's histories."""

    #: The seal's document; None where there is no seal yet.
    document: bytes | None
    #: Stream -> what the seal says; a history that began later is not in it.
    standings: Mapping[int, Standing]


class _Packing:
    """A ZIP being written: every file's digest is noted for the manifest."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed
        self.digests: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        """A file that is in memory."""
        self._packed.writestr(_info(name), content)
        self.digests[name] = hashlib.sha256(content).hexdigest()

    def add_lines(self, name: str, lines: Iterator[bytes]) -> None:
        """A file line by line."""
        digest = hashlib.sha256()
        with self._packed.open(_info(name), "w", force_zip64=True) as file:
            for each in lines:
                file.write(each + b"\n")
                digest.update(each + b"\n")
        self.digests[name] = digest.hexdigest()

    def add_stream(self, name: str, content: BinaryIO) -> None:
        """A file of any size."""
        with self._packed.open(_info(name), "w", force_zip64=True) as file:
            shutil.copyfileobj(_Counted(content, digest := hashlib.sha256()), file)
        self.digests[name] = digest.hexdigest()


class _Counted:
    """A stream whose bytes are hashed as they are read."""

    def __init__(self, content: BinaryIO, digest: Any) -> None:
        self._content, self._digest = content, digest

    def read(self, size: int = -1) -> bytes:
        """See `BinaryIO.read`."""
        chunk = self._content.read(size)
        self._digest.update(chunk)
        return chunk


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _MOMENT)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def sealed(ctx: Context, streams: Sequence[int]) -> Sealed:
    """What the last seal says of these histories: one pass over its list."""
    kept = seals.folder(ctx.engine)
    documents = kept.documents()
    for number in kept.listed():
        tree = Tree(streams)
        if seals.root(kept, number, tree) == seals.read(documents[number]).root:
            standings = {
                stream: Standing(seal=number, leaf=leaf, events=orjson.loads(leaf)[1], way=tree.ways[stream])
                for stream, leaf in tree.leaves.items()
            }
            return Sealed(document=documents[number], standings=standings)
    return Sealed(document=None, standings={})


def instances(ctx: Context, number: str) -> list[ProcessInstance]:
    """The instances whose histories make the case's. Raises `NotFound`."""
    found = list(
        ctx.session.scalars(
            select(ProcessInstance).where(ProcessInstance.business_key == number).order_by(ProcessInstance.id)
        )
    )
    if not found:
        raise NotFound(what="case", id=number)
    return found


def write(ctx: Context, number: str, file: IO[bytes], pages: Mapping[str, bytes], standing: Sealed) -> str:
    """Write the sealed file of a case; note it in the organisation's history. The digest of its manifest.

    `pages`: what people read, by name. Raises `NotFound`.
    """
    digest = pack(ctx, number, file, pages, standing)
    history.record_organisation(ctx, EVENT, business_key=number, manifest=digest)
    return digest


def pack(ctx: Context, number: str, file: IO[bytes], pages: Mapping[str, bytes], standing: Sealed) -> str:
    """Write the sealed file of a case; the digest of its manifest. See `write`."""
    running = instances(ctx, number)
    with zipfile.ZipFile(file, "w") as packed:
        packing = _Packing(packed)
        for name, content in pages.items():
            packing.add(name, content)
        packing.add_lines("history.jsonl", _events(ctx, running))
        packing.add("proof.json", _json(_proof(number, running, standing)))
        if standing.document is not None:
            packing.add("seal.json", standing.document)
        _add_receipts(ctx, packing, running)
        _add_versions(ctx, packing, running)
        _add_attachments(ctx, packing, number)
        packing.add("verify.py", Path(verify_sealed_file.__file__).read_bytes())
        manifest = _json({"format": FORMAT, "case": number, "files": packing.digests})
        packing.add("manifest.json", manifest)
    return hashlib.sha256(manifest).hexdigest()


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2)


_FIELDS = ("type", "actor", "element_id", "activity_id", "business_key", "payload")


def _events(ctx: Context, running: Sequence[ProcessInstance]) -> Iterator[bytes]:
    """Every event as it is stored, by history and number; moments and hashes as the chain reads them.

    Up to the heads that were read: the case may go on meanwhile."""
    heads = {each.id: each.history_seq for each in running}
    query = (
        select(HistoryEvent.__table__)
        .where(HistoryEvent.stream.in_(heads))
        .order_by(HistoryEvent.stream, HistoryEvent.seq)
        .execution_options(yield_per=_AT_ONCE)
    )
    for row in ctx.session.execute(query):
        if row.seq > heads[row.stream]:
            continue
        yield orjson.dumps(
            {
                "stream": row.stream,
                "seq": row.seq,
                "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
                **{name: getattr(row, name) for name in _FIELDS},
                "hash": row.hash.hex(),
            }
        )


def _proof(number: str, running: Sequence[ProcessInstance], standing: Sealed) -> dict[str, Any]:
    def of(stream: int) -> dict[str, Any] | None:
        found = standing.standings.get(stream)
        return found and {
            "seal": found.seal,
            "events": found.events,
            "leaf": found.leaf.decode(),
            "way": [[side, other.hex()] for side, other in found.way],
        }

    return {
        "format": FORMAT,
        "case": number,
        "streams": [
            {
                "stream": each.id,
                "process": each.process_key,
                "events": each.history_seq,
                "hash": each.history_hash.hex(),
                "sealed": of(each.id),
            }
            for each in running
        ],
    }


def _add_receipts(ctx: Context, packing: _Packing, running: Sequence[ProcessInstance]) -> None:
    """The receipts with which something personal was erased from these histories."""
    own = [each.id for each in running]
    for row in ctx.session.scalars(
        select(Receipt)
        .where(Receipt.kind == "erasure", Receipt.streams.overlap(own))
        .order_by(Receipt.number)
    ):
        packing.add(f"receipts/{row.number:06}.json", row.document.encode())


def versions(ctx: Context, running: Sequence[ProcessInstance]) -> list[ProcessDefinition]:
    """The versions the case ran on, those it was moved from too, by procedure and number."""
    payload = cast(HistoryEvent.payload, JSONB)
    told = [
        select(cast(payload[name].astext, Integer)).where(
            HistoryEvent.stream.in_([each.id for each in running]),
            HistoryEvent.type.in_(
                ("ProcessInstanceStarted", "ProcessInstanceMoved", "ProcessInstanceMovedBack")
            ),
            payload[name].astext.is_not(None),
        )
        for name in ("definition_id", "from_definition_id")
    ]
    ids = {each.definition_id for each in running} | set(ctx.session.scalars(union(*told)))
    return list(
        ctx.session.scalars(
            select(ProcessDefinition)
            .where(ProcessDefinition.id.in_(ids))
            .order_by(ProcessDefinition.process_key, ProcessDefinition.version)
        )
    )


def _add_versions(ctx: Context, packing: _Packing, running: Sequence[ProcessInstance]) -> None:
    """Diagrams, decision tables, forms and words, and which version they make."""
    said = []
    for each in versions(ctx, running):
        folder = f"procedures/{each.process_key}-v{each.version}"
        files = ctx.session.execute(
            select(DefinitionResource.kind, DefinitionResource.name, Resource.content)
            .join(Resource, Resource.digest == DefinitionResource.digest)
            .where(DefinitionResource.definition_id == each.id)
            .order_by(DefinitionResource.kind, DefinitionResource.name)
        ).all()
        for file in files:
            packing.add(f"{folder}/{file.kind}/{file.name}", file.content)
        said.append(
            {
                "process": each.process_key,
                "version": each.version,
                "name": each.name,
                "digest": each.digest,
                "deployed_at": each.deployed_at.astimezone(UTC).isoformat(),
                "deployed_by": each.deployed_by,
                "folder": folder,
            }
        )
    packing.add("procedures/versions.json", _json(said))


def files(ctx: Context, number: str) -> list[Attachment]:
    """The case's attachments; none where it is no case of the business."""
    case = cases.by_number(ctx, number)
    return attachments.of_case(ctx, case.id) if case else []


def _add_attachments(ctx: Context, packing: _Packing, number: str) -> None:
    said = []
    for each in files(ctx, number):
        name: str | None = None
        with suppress(NotFound), attachments.content(ctx, each) as content:
            packing.add_stream(name := f"attachments/{each.id}-{each.name}", content)
        said.append(
            {
                "file": name,
                "name": each.name,
                "type": each.type,
                "size": each.size,
                "digest": each.digest,
                "person": each.person,
                "at": each.at.astimezone(UTC).isoformat(),
            }
        )
    packing.add("attachments.json", _json(said))
