"""Notes on a case, and whom they mention."""

from __future__ import annotations

import re

from sqlalchemy import insert, select

from engine.aftersales import cases
from engine.aftersales.tables import Note
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, Refusal
from engine.store.tables import Person

#: `@key` in a note; the group is the key.
MENTION = re.compile(r"(?<![\w.])@([\w][\w.-]*\w)")


class EmptyNote(Refusal):
    """A note without text."""

    code = "empty_note"
    sentence = "Write something first."


def add(ctx: Context, case_number: str, text: str) -> Note:
    """Put a note on a case; `@key` mentions people. Raises `NotFound`, `EmptyNote`."""
    case = cases.by_number(ctx, case_number)
    if case is None:
        raise NotFound(what="case", id=case_number)
    if not text.strip():
        raise EmptyNote()
    named = set(MENTION.findall(text))
    mentions = ctx.session.scalars(
        select(Person.key).where(Person.key.in_(named), Person.active).order_by(Person.key)
    ).all()
    return ctx.session.scalars(
        insert(Note).returning(Note),
        [
            {
                "case_id": case.id,
                "person": ctx.actor.key,
                "at": ctx.now,
                "text": text.strip(),
                "mentions": list(mentions),
            }
        ],
    ).one()


def of_case(ctx: Context, case_id: int) -> list[Note]:
    """The case's notes, oldest first."""
    return list(ctx.session.scalars(select(Note).where(Note.case_id == case_id).order_by(Note.at, Note.id)))
