"""Drafts: a process owner's working copy of a procedure."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from lxml import etree
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from engine.runtime import deployments, history
from engine.runtime.bundles import Bundle
from engine.runtime.context import Context
from engine.runtime.refusals import (
    DraftSavedMeanwhile,
    DraftSubmitted,
    NotFound,
    Refusal,
    Stale,
    UnreadableFile,
)
from engine.store.tables import Draft, DraftResource, ProcessDefinition, Submission


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
    current = ctx.session.execute(
        select(ProcessDefinition.id).where(
            ProcessDefinition.process_key == process_key, ProcessDefinition.is_current
        )
    ).scalar()
    if current is None:
        raise NotFound(what="procedure", id=process_key)
    draft = _begin(ctx, process_key, current)
    rows = [
        {"draft_id": draft.id, "kind": kind, "name": name, "content": content}
        for (kind, name), content in deployments.files(ctx, current).items()
    ]
    ctx.session.execute(insert(DraftResource), rows)
    return draft


def _begin(ctx: Context, process_key: str, based_on: int | None) -> Draft:
    draft = Draft(
        process_key=process_key,
        based_on=based_on,
        state="open",
        revision=1,
        created_at=ctx.now,
        created_by=ctx.actor.key,
        updated_at=ctx.now,
        updated_by=ctx.actor.key,
    )
    ctx.session.add(draft)
    ctx.session.flush()
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


def save(ctx: Context, draft_id: int, changed: Mapping[tuple[str, str], bytes], *, revision: int) -> Draft:
    """Save changed or new files of a draft that was read at `revision`.

    Raises `DraftSavedMeanwhile` and `UnreadableFile`.
    """
    for (kind, name), content in changed.items():
        check_readable(kind, name, content)
    draft = lock(ctx, draft_id)
    if draft.revision != revision:
        raise DraftSavedMeanwhile(by=draft.updated_by, at=draft.updated_at)
    statement = insert(DraftResource)
    ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["draft_id", "kind", "name"], set_={"content": statement.excluded.content}
        ),
        [
            {"draft_id": draft_id, "kind": kind, "name": name, "content": content}
            for (kind, name), content in changed.items()
        ],
    )
    draft.revision, draft.updated_at, draft.updated_by = draft.revision + 1, ctx.now, ctx.actor.key
    draft.authors = sorted({*draft.authors, ctx.actor.key})
    ctx.session.flush()
    history.record_organisation(
        ctx,
        "DraftSaved",
        process=draft.process_key,
        draft=draft.id,
        revision=draft.revision,
        files=sorted(f"{kind}:{name}" for kind, name in changed),
    )
    return draft


def stamp(draft: Draft | None, current_id: int) -> str:
    """Stands for exactly what somebody sees who opens a procedure now: its open draft, else its current version."""
    return f"draft {draft.id}.{draft.revision}" if draft else f"version {current_id}"


def keep(ctx: Context, process_key: str, changed: Mapping[tuple[str, str], bytes], *, seen: str) -> Draft:
    """Save files into the open draft of a procedure, begun if there is none, unless it is no longer as `seen`.

    Raises `DraftSavedMeanwhile`, `Stale` when another version became current, `UnreadableFile`, `NotFound`.
    """
    deployments.one_at_a_time(ctx, process_key)
    draft = find(ctx, process_key)
    if draft is None:
        draft = open_(ctx, process_key)
        if seen != stamp(None, draft.based_on or 0):
            raise Stale()
    elif seen != stamp(draft, 0):
        raise DraftSavedMeanwhile(by=draft.updated_by, at=draft.updated_at)
    return save(ctx, draft.id, changed, revision=draft.revision)


class DraftInTheWay(Refusal):
    """Somebody else is drafting what was sent from outside."""

    code = "draft_in_the_way"
    sentence = (
        "{process} is being drafted by {by} since {at}. Agree with them, or have the draft discarded, before you deploy "
        "over it."
    )


def put(ctx: Context, given: Bundle) -> Draft:
    """Make files that came as a whole (from git, say) the open draft of their procedure, which may be a new one.

    Raises `DraftInTheWay` where others have saved into an open draft, `DraftSubmitted`, `UnreadableFile`.
    """
    for (kind, name), content in given.files.items():
        check_readable(kind, name, content)
    deployments.one_at_a_time(ctx, given.process_key)
    draft = find(ctx, given.process_key)
    if draft is None:
        current = ctx.session.execute(
            select(ProcessDefinition.id).where(
                ProcessDefinition.process_key == given.process_key, ProcessDefinition.is_current
            )
        ).scalar()
        draft = _begin(ctx, given.process_key, current)
    elif set(draft.authors) - {ctx.actor.key}:
        raise DraftInTheWay(process=given.process_key, by=draft.updated_by, at=draft.updated_at)
    lock(ctx, draft.id)
    ctx.session.execute(delete(DraftResource).where(DraftResource.draft_id == draft.id))
    return save(ctx, draft.id, given.files, revision=draft.revision)


def check_readable(kind: str, name: str, content: bytes) -> None:
    """What cannot be read at all never enters a draft; what reads but cannot run is the linter's to say."""
    try:
        if kind in ("bpmn", "dmn"):
            etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
        elif not isinstance(orjson.loads(content), dict):
            raise UnreadableFile(kind=kind, name=name, why="not a JSON object")
    except (etree.XMLSyntaxError, orjson.JSONDecodeError) as error:
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
    submission = ctx.session.execute(
        select(Submission.submitted_by, Submission.submitted_at).where(
            Submission.draft_id == draft_id, Submission.state == "waiting"
        )
    ).one_or_none()
    if submission is not None:
        raise DraftSubmitted(by=submission.submitted_by, at=submission.submitted_at)
    return draft
