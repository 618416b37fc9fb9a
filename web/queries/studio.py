"""Procedures as their owner sees them: what is live, what is being drafted, how many cases run on which version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from config.problem import Problem
from engine import bpmn, dmn
from engine.runtime import deployments, drafts, texts
from engine.runtime.bundles import Bundle, Files
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.runtime.refusals import NotFound
from engine.store.tables import Draft, Incident, Person, ProcessDefinition, ProcessInstance
from web.queries import procedures

#: The one language besides the source that words are kept in.
TRANSLATED = "zh"


@dataclass(frozen=True, kw_only=True)
class Card:
    """A procedure in a line."""

    definition: Definition
    live: ProcessDefinition
    running: int
    incidents: int
    draft: Draft | None
    #: Keys of the procedures whose diagrams call this one.
    called_by: tuple[str, ...]

    @property
    def registered(self) -> bool:
        """Whether people begin it by a form."""
        return any(event.form_id for event in self.definition.process.start_events())


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """A procedure that has never been deployed: nothing but a draft."""

    draft: Draft
    name: str


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A procedure as it lies on its owner's desk: the open draft, else what is live."""

    key: str
    #: None for a procedure that has never been deployed.
    live: ProcessDefinition | None
    draft: Draft | None
    files: Files

    @property
    def name(self) -> str:
        """Name in the source language: the live version's, else as drawn."""
        return self.live.name if self.live else _drawn_name(self.files, self.key)

    @property
    def seen(self) -> str:
        """What a save has to name, so that nobody overwrites another unknowingly."""
        return drafts.stamp(self.draft, self.live.id if self.live else 0)

    @property
    def bundle(self) -> Bundle:
        """The files as they would be deployed."""
        return Bundle(process_key=self.key, files=self.files)

    def names(self, kind: str) -> list[str]:
        """Names of the files of one kind."""
        return sorted(name for each, name in self.files if each == kind)

    def file(self, kind: str, name: str) -> bytes:
        """Raises `NotFound`."""
        try:
            return self.files[kind, name]
        except KeyError:
            raise NotFound(what="file", id=name) from None

    def translate(self, text: str, language: str) -> str:
        """A text of the diagram, tables or forms in a person's language."""
        return self.words(language).get(text) or text

    def words(self, language: str) -> Mapping[str, str]:
        """All translations into a language."""
        return texts.shared(self.bundle, language) | texts.own(self.bundle, language)


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version and the cases on it."""

    definition: ProcessDefinition
    by: str
    running: int


def cards(ctx: Context) -> list[Card]:
    """All procedures, sorted by key, in five statements."""
    definitions = procedures.current(ctx)
    live = {
        row.id: row
        for row in ctx.session.scalars(select(ProcessDefinition).where(ProcessDefinition.is_current))
    }
    running = _counted(ctx, ProcessInstance.process_key, ProcessInstance.ended_at.is_(None))
    incidents = _counted(ctx, Incident.process_key, Incident.resolved_at.is_(None))
    open_drafts = {
        draft.process_key: draft for draft in ctx.session.scalars(select(Draft).where(Draft.state == "open"))
    }
    callers: dict[str, list[str]] = {}
    for definition in definitions:
        for called in definition.process.called_processes:
            callers.setdefault(called, []).append(definition.key)
    return [
        Card(
            definition=each,
            live=live[each.id],
            running=running.get(each.key, 0),
            incidents=incidents.get(each.key, 0),
            draft=open_drafts.get(each.key),
            called_by=tuple(callers.get(each.key, ())),
        )
        for each in definitions
    ]


def _counted(ctx: Context, column, condition) -> dict[str, int]:  # type: ignore[no-untyped-def]
    return dict(ctx.session.execute(select(column, func.count()).where(condition).group_by(column)).all())


def desk(ctx: Context, process_key: str) -> Desk:
    """The procedure's desk. Raises `NotFound`."""
    live = ctx.session.execute(
        select(ProcessDefinition).where(
            ProcessDefinition.process_key == process_key, ProcessDefinition.is_current
        )
    ).scalar_one_or_none()
    draft = drafts.find(ctx, process_key)
    if draft is not None:
        files = drafts.files(ctx, draft.id)
    elif live is not None:
        files = deployments.files(ctx, live.id)
    else:
        raise NotFound(what="procedure", id=process_key)
    return Desk(key=process_key, live=live, draft=draft, files=files)


def beginnings(ctx: Context) -> list[Beginning]:
    """Drafts of procedures that have never been deployed, sorted by name."""
    new = select(Draft).where(Draft.state == "open", Draft.based_on.is_(None))
    found = [
        Beginning(draft=draft, name=_drawn_name(drafts.files(ctx, draft.id), draft.process_key))
        for draft in ctx.session.scalars(new)
    ]
    return sorted(found, key=lambda each: each.name)


def _drawn_name(files: Files, process_key: str) -> str:
    process = _process(files, process_key)
    return (process.name if process else "") or process_key


def drawn(at: Desk) -> bpmn.Process | None:
    """The process as drafted, else as live; None while its diagram cannot be read."""
    return _process(at.files, at.key)


def _process(files: Files, process_key: str) -> bpmn.Process | None:
    diagram = next((content for (kind, _), content in files.items() if kind == "bpmn"), b"")
    try:
        return bpmn.parse(diagram).processes.get(process_key)
    except bpmn.InvalidDiagram:
        return None


def called_by(ctx: Context, process_key: str) -> list[str]:
    """Keys of the procedures whose live diagrams call this one."""
    return [each.key for each in procedures.current(ctx) if process_key in each.process.called_processes]


def findings(at: Desk) -> dict[str, list[dmn.Finding]]:
    """What the decision tables leave open, by decision; tables that cannot be read are left out."""
    found: dict[str, list[dmn.Finding]] = {}
    for table in at.bundle.tables:
        try:
            found |= dmn.analyse(dmn.parse(table.content, table.imports))
        except dmn.InvalidDecision:
            continue
    return found


def live_files(ctx: Context, at: Desk) -> Files:
    """The files of the live version; none of a procedure that has never been deployed."""
    if at.live is None:
        return {}
    return deployments.files(ctx, at.live.id) if at.draft else at.files


def problems(ctx: Context, at: Desk) -> list[Problem]:
    """What keeps the open draft from being deployed, and what its owner should know; nothing without a draft."""
    return deployments.check(ctx, at.bundle) if at.draft else []


def versions(ctx: Context, process_key: str) -> list[Version]:
    """All versions of a procedure, newest first."""
    return all_versions(ctx, process_key).get(process_key, [])


def all_versions(ctx: Context, process_key: str | None = None) -> Mapping[str, Sequence[Version]]:
    """Versions by procedure, newest first, in one statement."""
    running = (
        select(ProcessInstance.definition_id, func.count().label("n"))
        .where(ProcessInstance.ended_at.is_(None))
        .group_by(ProcessInstance.definition_id)
        .subquery()
    )
    query = (
        select(ProcessDefinition, Person.name, func.coalesce(running.c.n, 0))
        .outerjoin(running, running.c.definition_id == ProcessDefinition.id)
        .outerjoin(Person, Person.key == ProcessDefinition.deployed_by)
        .order_by(ProcessDefinition.process_key, ProcessDefinition.version.desc())
    )
    if process_key is not None:
        query = query.where(ProcessDefinition.process_key == process_key)
    found: dict[str, list[Version]] = {}
    for definition, name, n in ctx.session.execute(query):
        version = Version(definition=definition, by=name or "", running=n)
        found.setdefault(definition.process_key, []).append(version)
    return found
