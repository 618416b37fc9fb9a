"""Drafts: a process owner's working copy of a procedure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
import yaml
from lxml import etree
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from engine import safe_xml, safe_yaml
from engine.runtime import deployments, history, scenario_runs
from engine.runtime.bundles import SCENARIO, Bundle, Files
from engine.runtime.context import Context
from engine.runtime.refusals import (
    DraftSavedMeanwhile,
    DraftSubmitted,
    NotFound,
    ProcedureExists,
    Refusal,
    Stale,
    UnreadableFile,
)
from engine.store.tables import Draft, DraftResource, DraftVisit, Person, ProcessDefinition, Submission

#: Saves by one person within this of each other are one entry in the history: editors save as one goes.
SITTING = timedelta(minutes=15)
#: An editor says every few seconds that it is open; after this long without a word it is closed.
AWAY = timedelta(seconds=40)


@dataclass(frozen=True, kw_only=True)
class Saved:
    """Who saved a file of a draft last, and when."""

    by: str
    at: datetime
    revision: int


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody else who has an editor of the same procedure open."""

    name: str
    file: str


def find(ctx: Context, process_key: str) -> Draft | None:
    """The open draft of a procedure, if there is one."""
    return ctx.session.execute(
        select(Draft).where(Draft.process_key == process_key, Draft.state == "open")
    ).scalar_one_or_none()


def open_(ctx: Context, process_key: str) -> Draft:
    """The open draft of a procedure; begun from its current version unless somebody has one."""
    draft = find(ctx, process_key)
    if draft is not None:
        return draft
    current = deployments.current(ctx, process_key)
    if current is None:
        raise NotFound(what="procedure", id=process_key)
    return _begin(ctx, process_key, deployments.files(ctx, current), based_on=current)


def begin(ctx: Context, process_key: str, files: Files) -> Draft:
    """Begin the draft of a procedure that has never been deployed. Raises `ProcedureExists`, `UnreadableFile`."""
    deployments.one_at_a_time(ctx, process_key)
    known = select(ProcessDefinition.id).where(ProcessDefinition.process_key == process_key).limit(1)
    if find(ctx, process_key) is not None or ctx.session.execute(known).scalar() is not None:
        raise ProcedureExists(key=process_key)
    for (kind, name), content in files.items():
        check_readable(kind, name, content)
    return _begin(ctx, process_key, files, based_on=None, authors=[ctx.actor.key])


def _begin(
    ctx: Context, process_key: str, files: Files, *, based_on: int | None, authors: Sequence[str] = ()
) -> Draft:
    draft = Draft(
        process_key=process_key,
        based_on=based_on,
        state="open",
        revision=1,
        created_at=ctx.now,
        created_by=ctx.actor.key,
        updated_at=ctx.now,
        updated_by=ctx.actor.key,
        authors=list(authors),
    )
    ctx.session.add(draft)
    ctx.session.flush()
    rows = [
        {"draft_id": draft.id, "kind": kind, "name": name, "content": content}
        for (kind, name), content in files.items()
    ]
    if rows:
        ctx.session.execute(insert(DraftResource), rows)
    history.record_organisation(ctx, "DraftBegun", process=process_key, draft=draft.id)
    return draft


def files(ctx: Context, draft_id: int) -> dict[tuple[str, str], bytes]:
    """The files of a draft, by kind and name."""
    rows = ctx.session.execute(
        select(DraftResource.kind, DraftResource.name, DraftResource.content).where(
            DraftResource.draft_id == draft_id
        )
    )
    return {(kind, name): content for kind, name, content in rows}


def bundle(ctx: Context, draft: Draft) -> Bundle:
    """The draft as it would be deployed."""
    return Bundle(process_key=draft.process_key, files=files(ctx, draft.id))


def saved(ctx: Context, draft_id: int) -> dict[tuple[str, str], Saved]:
    """The files of a draft that were saved since it was begun, by kind and name."""
    rows = ctx.session.execute(
        select(
            DraftResource.kind,
            DraftResource.name,
            DraftResource.updated_by,
            DraftResource.updated_at,
            DraftResource.revision,
        ).where(DraftResource.draft_id == draft_id, DraftResource.updated_at.is_not(None))
    )
    return {(kind, name): Saved(by=by, at=at, revision=revision) for kind, name, by, at, revision in rows}


def save(ctx: Context, draft_id: int, changed: Mapping[tuple[str, str], bytes], *, revision: int) -> Draft:
    """Save changed or new files of a draft that was read at `revision`.

    Two people may work on different files. Raises `DraftSavedMeanwhile` where somebody saved one of these files
    since, and `UnreadableFile`.
    """
    for (kind, name), content in changed.items():
        check_readable(kind, name, content)
    draft = lock(ctx, draft_id)
    before = {key: row for key, row in saved(ctx, draft_id).items() if key in changed}
    for row in before.values():
        if row.revision > revision:
            raise DraftSavedMeanwhile(by=row.by, at=row.at)
    _touch(ctx, draft)
    statement = insert(DraftResource)
    kept = {"revision": draft.revision, "updated_at": ctx.now, "updated_by": ctx.actor.key}
    ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["draft_id", "kind", "name"],
            set_={name: statement.excluded[name] for name in ("content", *kept)},
        ),
        [
            {"draft_id": draft_id, "kind": kind, "name": name, "content": content, **kept}
            for (kind, name), content in changed.items()
        ],
    )
    ctx.session.flush()
    if not all(_same_sitting(ctx, before.get(key)) for key in changed):
        history.record_organisation(
            ctx,
            "DraftSaved",
            process=draft.process_key,
            draft=draft.id,
            revision=draft.revision,
            files=sorted(f"{kind}:{name}" for kind, name in changed),
        )
    scenario_runs.request(ctx, draft)
    return draft


def _touch(ctx: Context, draft: Draft) -> None:
    draft.revision, draft.updated_at, draft.updated_by = draft.revision + 1, ctx.now, ctx.actor.key
    draft.authors = sorted({*draft.authors, ctx.actor.key})


def _same_sitting(ctx: Context, before: Saved | None) -> bool:
    return before is not None and before.by == ctx.actor.key and ctx.now - before.at < SITTING


def stamp(draft: Draft | None, current_id: int) -> str:
    """Stands for exactly what somebody sees who opens a procedure now: its open draft, else its current version."""
    return f"draft {draft.id}.{draft.revision}" if draft else f"version {current_id}"


def keep(ctx: Context, process_key: str, changed: Mapping[tuple[str, str], bytes], *, seen: str) -> Draft:
    """Save files into the open draft of a procedure, begun if there is none, unless they are no longer as `seen`.

    Raises `DraftSavedMeanwhile`, `Stale` when another version became current, `UnreadableFile`, `NotFound`.
    """
    draft, revision = _as_seen(ctx, process_key, seen)
    return save(ctx, draft.id, changed, revision=revision)


def remove(ctx: Context, process_key: str, file: tuple[str, str], *, seen: str) -> Draft:
    """Take a file out of the open draft of a procedure, begun if there is none, unless it is no longer as `seen`.

    Raises `DraftSavedMeanwhile`, `Stale` when another version became current, `NotFound`, `DraftSubmitted`.
    """
    draft, revision = _as_seen(ctx, process_key, seen)
    draft = lock(ctx, draft.id)
    before = saved(ctx, draft.id).get(file)
    if before is not None and before.revision > revision:
        raise DraftSavedMeanwhile(by=before.by, at=before.at)
    kind, name = file
    gone = delete(DraftResource).where(
        DraftResource.draft_id == draft.id, DraftResource.kind == kind, DraftResource.name == name
    )
    if ctx.session.execute(gone.returning(DraftResource.name)).scalar() is None:
        raise NotFound(what="file", id=name)
    _touch(ctx, draft)
    ctx.session.flush()
    history.record_organisation(
        ctx,
        "DraftFileRemoved",
        process=process_key,
        draft=draft.id,
        revision=draft.revision,
        file=f"{kind}:{name}",
    )
    scenario_runs.request(ctx, draft)
    return draft


def _as_seen(ctx: Context, process_key: str, seen: str) -> tuple[Draft, int]:
    deployments.one_at_a_time(ctx, process_key)
    draft = open_(ctx, process_key)
    revision = revision_seen(draft, seen)
    if revision is None:
        raise Stale()
    return draft, revision


def revision_seen(draft: Draft, seen: str) -> int | None:
    """The revision of a draft that a stamp stands for; None where it stands for something else."""
    if seen == stamp(None, draft.based_on or 0):
        return 1
    id_, _, revision = seen.removeprefix("draft ").partition(".")
    return int(revision) if id_ == str(draft.id) and revision.isdigit() else None


def visit(ctx: Context, process_key: str, file: str) -> list[Visitor]:
    """Say that the actor has a file open; the others who have an editor of this procedure open now, by name."""
    statement = insert(DraftVisit).values(
        process_key=process_key, person_key=ctx.actor.key, file=file, seen_at=ctx.now
    )
    ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["process_key", "person_key"], set_={"file": file, "seen_at": ctx.now}
        )
    )
    others = ctx.session.execute(
        select(Person.name, DraftVisit.file)
        .join(Person, Person.key == DraftVisit.person_key)
        .where(
            DraftVisit.process_key == process_key,
            DraftVisit.person_key != ctx.actor.key,
            DraftVisit.seen_at > ctx.now - AWAY,
        )
        .order_by(Person.name)
    )
    return [Visitor(name=name, file=file) for name, file in others]


class DraftInTheWay(Refusal):
    """Somebody else is drafting what was sent from outside."""

    code = "draft_in_the_way"
    sentence = (
        "{process} is being drafted by {by} since {at}. Agree with them, or have the draft discarded, before you deploy "
        "over it."
    )


def completed(ctx: Context, given: Bundle) -> Bundle:
    """Files that came as a whole, with the scenarios there are where none came: a desktop modeller knows of none."""
    if given.scenarios:
        return given
    draft, current = find(ctx, given.process_key), deployments.current(ctx, given.process_key)
    there = files(ctx, draft.id) if draft else deployments.files(ctx, current) if current else {}
    kept = {place: content for place, content in there.items() if place[0] == SCENARIO}
    return Bundle(process_key=given.process_key, files={**given.files, **kept})


def put(ctx: Context, given: Bundle) -> Draft:
    """Make files that came as a whole (from git, say) the open draft of their procedure, which may be a new one.

    Raises `DraftInTheWay` where others have saved into an open draft, `DraftSubmitted`, `UnreadableFile`.
    """
    for (kind, name), content in given.files.items():
        check_readable(kind, name, content)
    deployments.one_at_a_time(ctx, given.process_key)
    draft = find(ctx, given.process_key)
    if draft is None:
        draft = _begin(ctx, given.process_key, {}, based_on=deployments.current(ctx, given.process_key))
    elif set(draft.authors) - {ctx.actor.key}:
        raise DraftInTheWay(process=given.process_key, by=draft.updated_by, at=draft.updated_at)
    lock(ctx, draft.id)
    ctx.session.execute(delete(DraftResource).where(DraftResource.draft_id == draft.id))
    return save(ctx, draft.id, given.files, revision=draft.revision)


def check_readable(kind: str, name: str, content: bytes) -> None:
    """What cannot be read at all never enters a draft; what reads but cannot run is the linter's to say."""
    try:
        if kind in ("bpmn", "dmn"):
            safe_xml.read(content)
        elif kind == SCENARIO:
            safe_yaml.nodes(content.decode())
        elif not isinstance(orjson.loads(content), dict):
            raise UnreadableFile(kind=kind, name=name, why="not a JSON object")
    except (etree.XMLSyntaxError, yaml.YAMLError, ValueError) as error:
        raise UnreadableFile(kind=kind, name=name, why=str(error)) from error


def discard(ctx: Context, draft_id: int) -> None:
    """Give a draft up; its files go. Raises `DraftSubmitted`."""
    draft = lock(ctx, draft_id)
    draft.state = "discarded"
    ctx.session.execute(delete(DraftResource).where(DraftResource.draft_id == draft_id))
    ctx.session.flush()
    history.record_organisation(ctx, "DraftDiscarded", process=draft.process_key, draft=draft.id)


def lock(ctx: Context, draft_id: int) -> Draft:
    """An open draft to be changed, nobody else changing it meanwhile. Raises `NotFound`, `DraftSubmitted`."""
    draft = ctx.session.execute(
        select(Draft).where(Draft.id == draft_id, Draft.state == "open").with_for_update()
    ).scalar_one_or_none()
    if draft is None:
        raise NotFound(what="open draft", id=draft_id)
    refusal = submitted(ctx, draft_id)
    if refusal is not None:
        raise refusal
    return draft


def submitted(ctx: Context, draft_id: int) -> DraftSubmitted | None:
    """Why nobody may change a draft now: it waits for approval. None where it does not."""
    submission = ctx.session.execute(
        select(Submission.submitted_by, Submission.submitted_at).where(
            Submission.draft_id == draft_id, Submission.state == "waiting"
        )
    ).one_or_none()
    return DraftSubmitted(by=submission.submitted_by, at=submission.submitted_at) if submission else None
