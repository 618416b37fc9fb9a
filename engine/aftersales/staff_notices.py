"""Notices to staff: what procedures tell a role or a person, and who mentions whom. Each person reads for themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text, any_, cast, insert, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from engine.aftersales import cases, messages
from engine.aftersales.tables import AftersalesCase, Note, StaffNotice, StaffNoticeRead
from engine.runtime.context import Context
from engine.runtime.jobs import Job
from engine.runtime.refusals import NotFound
from engine.runtime.unit import Unit

#: Diagrams are written in English; their words translate from it.
SOURCE_LANGUAGE = "en"


def notify(ctx: Context, job: Job) -> dict[str, Any]:
    """`staff.notify`: headers text, role or person (either may be `=FEEL`) -> {}.

    Raises `FeelError`, `ValueError`.
    """
    role, person = (_header(ctx, job, name) for name in ("role", "person"))
    if not role and not person:
        raise ValueError("staff.notify needs the header role or person")
    if role:
        role = ctx.organisation.role_of_lane(role) or role
    definition = ctx.engine.definitions.get(ctx.session, job.definition_id)
    case = cases.of(ctx, job)
    languages = (SOURCE_LANGUAGE, *definition.words)
    ctx.session.execute(
        insert(StaffNotice).values(
            role=None if person else role,
            person=person or None,
            case_id=case.id if case else None,
            texts={language: messages.text_of(ctx, job, language) for language in languages},
            created_at=ctx.now,
            idempotency_key=job.idempotency_key,
        )
    )
    with Unit.of(ctx) as unit:
        (unit.rows.concerned.people if person else unit.rows.concerned.groups).add(person or role)
    return {}


def _header(ctx: Context, job: Job, name: str) -> str:
    value = ctx.engine.feel.value(job.headers.get(name) or "", job.inputs, now=ctx.now)
    return str(value or "")


def mention(ctx: Context, note: Note, people: Collection[str]) -> None:
    """Tell people that a note names them; whoever wrote it knows."""
    told = sorted(set(people) - {ctx.actor.key})
    if not told:
        return
    ctx.session.execute(
        insert(StaffNotice),
        [
            {
                "person": person,
                "case_id": note.case_id,
                "note_id": note.id,
                "texts": {},
                "created_at": ctx.now,
                "idempotency_key": f"note-{note.id}-{person}",
            }
            for person in told
        ],
    )
    with Unit.of(ctx) as unit:
        unit.rows.concerned.people.update(told)


def tell(
    ctx: Context,
    code: str,
    params: Mapping[str, Any],
    *,
    key: str,
    path: str,
    people: Collection[str] = (),
    roles: Collection[str] = (),
) -> None:
    """Tell people or roles something of the product itself: the sentence is `code`'s, `path` is where it leads.

    `key` makes it once: told again under the same key it stays one notice for each."""
    told = [{"person": person} for person in people] + [{"role": role} for role in roles]
    if not told:
        return
    ctx.session.execute(
        upsert(StaffNotice).on_conflict_do_nothing(),
        [
            {
                "role": each.get("role"),
                "person": each.get("person"),
                "texts": {},
                "code": code,
                "params": dict(params),
                "path": path,
                "created_at": ctx.now,
                "idempotency_key": f"{key}-{each.get('role') or each.get('person')}",
            }
            for each in told
        ],
    )
    with Unit.of(ctx) as unit:
        unit.rows.concerned.people.update(people)
        unit.rows.concerned.groups.update(roles)


def own(ctx: Context) -> ColumnElement[bool]:
    """Notices to the acting person or to a role of theirs."""
    return addressed_to(literal(ctx.actor.key), cast(sorted(ctx.actor.roles), ARRAY(Text)))


def addressed_to(person: ColumnElement[str], roles: ColumnElement[list[str]]) -> ColumnElement[bool]:
    """The same for any person and their roles."""
    return or_(StaffNotice.person == person, StaffNotice.role == any_(roles))


def read(ctx: Context) -> ColumnElement[bool]:
    """Whether the acting person has read the notice."""
    return read_by(literal(ctx.actor.key))


def read_by(person: ColumnElement[str]) -> ColumnElement[bool]:
    """The same for any person."""
    return (
        select(literal(1))
        .where(StaffNoticeRead.notice_id == StaffNotice.id, StaffNoticeRead.person == person)
        .correlate(StaffNotice)
        .exists()
    )


def mark_read(ctx: Context, notice_id: int) -> str | None:
    """The acting person has read a notice; the page it leads to, if any. Raises `NotFound` for another's."""
    found = ctx.session.execute(
        select(AftersalesCase.number, StaffNotice.path)
        .select_from(StaffNotice)
        .outerjoin(AftersalesCase, AftersalesCase.id == StaffNotice.case_id)
        .where(StaffNotice.id == notice_id, own(ctx))
    ).one_or_none()
    if found is None:
        raise NotFound(what="notice", id=notice_id)
    _keep_read(ctx, StaffNotice.id == notice_id)
    return f"/cases/{found.number}" if found.number else found.path


def mark_all_read(ctx: Context) -> int:
    """The acting person has read all there is; how many they had not."""
    return _keep_read(ctx, ~read(ctx))


def _keep_read(ctx: Context, which: ColumnElement[bool]) -> int:
    """Note which of one's notices one has read, and let one's other pages know."""
    chosen = select(StaffNotice.id, literal(ctx.actor.key), literal(ctx.now)).where(own(ctx), which)
    kept = ctx.session.execute(
        upsert(StaffNoticeRead)
        .from_select(["notice_id", "person", "read_at"], chosen)
        .on_conflict_do_nothing()
        .returning(StaffNoticeRead.notice_id)
    ).all()
    if kept:
        with Unit.of(ctx) as unit:
            unit.rows.concerned.people.add(ctx.actor.key)
    return len(kept)
