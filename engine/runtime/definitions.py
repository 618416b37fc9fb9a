"""Process definitions as the engine runs them: read once from their immutable version, then shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import bpmn, dmn, forms
from engine.runtime.bundles import tables
from engine.runtime.refusals import NotFound, NothingCurrent, ProcedureRetired, VersionSuspended
from engine.store.tables import (
    DefinitionResource,
    ProcessDefinition,
    Resource,
    RetiredProcedure,
    SuspendedVersion,
)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One version of a procedure, parsed."""

    id: int
    key: str
    version: int
    name: str
    process: bpmn.Process
    bpmn_xml: bytes
    #: Decision id -> the parsed table file that holds it.
    decisions: Mapping[str, dmn.Decisions]
    #: Form id -> form.
    forms: Mapping[str, forms.Form]
    #: Language -> source text -> translation.
    words: Mapping[str, Mapping[str, str]]

    def translate(self, text: str, language: str) -> str:
        """A text of the diagram, a form or a decision table in a person's language; itself where there is no translation."""
        return self.words.get(language, {}).get(text) or text


class Definitions:
    """All versions this process has needed so far. A version never changes, so nothing is ever invalidated."""

    def __init__(self) -> None:
        self._by_id: dict[int, Definition] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, session: Session, definition_id: int) -> Definition:
        """A version by its id. Raises `NotFound`."""
        found = self._by_id.get(definition_id)
        if found is None:
            found = _read(session, definition_id)
            with self._lock:
                found = self._by_id.setdefault(definition_id, found)
        return found

    def current(self, session: Session, process_key: str) -> Definition:
        """The version new cases start on. Raises `NothingCurrent`, `ProcedureRetired`, `VersionSuspended`."""
        definition_id = self._current(session, process_key)
        if definition_id is None:
            retired = session.get(RetiredProcedure, process_key)
            if retired is not None:
                raise ProcedureRetired(process=process_key, at=retired.retired_at, reason=retired.reason)
            raise NothingCurrent(process=process_key)
        _check_not_suspended(session, definition_id)
        return self.get(session, definition_id)

    def called(self, session: Session, process_key: str) -> Definition:
        """The version that a running case calls: the current one, or the last of a retired procedure, since a call is
        part of the case that makes it. Raises `NothingCurrent`, `VersionSuspended`."""
        definition_id = self._current(session, process_key)
        if definition_id is None:
            retired = session.get(RetiredProcedure, process_key)
            if retired is None:
                raise NothingCurrent(process=process_key)
            definition_id = retired.definition_id
        _check_not_suspended(session, definition_id)
        return self.get(session, definition_id)

    def _current(self, session: Session, process_key: str) -> int | None:
        return session.execute(
            select(ProcessDefinition.id).where(
                ProcessDefinition.process_key == process_key, ProcessDefinition.is_current
            )
        ).scalar()


def _check_not_suspended(session: Session, definition_id: int) -> None:
    held = session.get(SuspendedVersion, definition_id)
    if held is not None:
        raise VersionSuspended(version=held.version, at=held.suspended_at, reason=held.reason)


def _read(session: Session, definition_id: int) -> Definition:
    row = session.get(ProcessDefinition, definition_id)
    if row is None:
        raise NotFound(what="process definition", id=definition_id)
    resources = session.execute(
        select(DefinitionResource.kind, DefinitionResource.name, Resource.content)
        .join(Resource, Resource.digest == DefinitionResource.digest)
        .where(DefinitionResource.definition_id == definition_id)
    )
    files = {(kind, name): content for kind, name, content in resources}
    return build(row.id, row.process_key, row.version, files)


def build(definition_id: int, key: str, version: int, files: Mapping[tuple[str, str], bytes]) -> Definition:
    """Parse the files of one version. Raises what the parsers raise on files that were never linted."""
    decisions: dict[str, dmn.Decisions] = {}
    parsed_forms: dict[str, forms.Form] = {}
    words: dict[str, dict[str, Any]] = {}
    bpmn_xml = b""
    for (kind, name), content in sorted(files.items()):
        match kind:
            case "bpmn":
                bpmn_xml = content
            case "form":
                parsed_forms[name.removesuffix(".form")] = forms.load(content)
            case "words":
                language = name.removesuffix(".json").rpartition(".")[2]
                words.setdefault(language, {}).update(orjson.loads(content))
    for table in tables(files):
        model = dmn.parse(table.content, table.imports)
        decisions |= dict.fromkeys(model.ids, model)
    process = bpmn.parse(bpmn_xml).processes[key]
    return Definition(
        id=definition_id,
        key=key,
        version=version,
        name=process.name or key,
        process=process,
        bpmn_xml=bpmn_xml,
        decisions=decisions,
        forms=parsed_forms,
        words=words,
    )
