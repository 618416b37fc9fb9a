"""Notes on a case, and whom they mention."""

from __future__ import annotations

import re
from collections import Counter

from sqlalchemy import func, insert, or_, select

from engine.aftersales import cases, following, staff_notices
from engine.aftersales.tables import Note
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, Refusal
from engine.store.tables import Person

#: `@key` in a note; the group is the key. ASCII, since in Chinese no blank parts a name from what is said.
MENTION = re.compile(r"(?<![\w.])@(\w[\w.-]*\w)", re.ASCII)


class EmptyNote(Refusal):
    """A note without text."""

    code = "empty_note"
    of_form = True
    sentence = "Write something first."


def add(ctx: Context, case_number: str, text: str) -> Note:
    """Put a note on a case. `@key` or `@name` mentions people, who get a notice; whoever writes follows the case.

    Raises `NotFound`, `EmptyNote`.
    """
    case = cases.by_number(ctx, case_number)
    if case is None:
        raise NotFound(what="case", id=case_number)
    if not text.strip():
        raise EmptyNote()
    text, mentions = _resolve(ctx, text.strip())
    note = ctx.session.scalars(
        insert(Note).returning(Note),
        [
            {
                "case_id": case.id,
                "person": ctx.actor.key,
                "at": ctx.now,
                "text": text,
                "mentions": mentions,
            }
        ],
    ).one()
    staff_notices.mention(ctx, note, mentions)
    following.take_up(ctx, case.id)
    return note


def _resolve(ctx: Context, text: str) -> tuple[str, list[str]]:
    """The text with names turned into keys, and the keys of everybody mentioned. A name two people bear is nobody's."""
    if "@" not in text:
        return text, []
    named = func.strpos(text, "@" + Person.name) > 0
    people = ctx.session.execute(
        select(Person.key, Person.name).where(
            Person.active, or_(Person.key.in_(set(MENTION.findall(text))), named)
        )
    ).all()
    bearers = Counter(person.name for person in people)
    # The longest first: a name may begin with another.
    for key, name in sorted(people, key=lambda person: -len(person.name)):
        if bearers[name] == 1:
            text = re.sub(rf"@{re.escape(name)}(?!\w)", f"@{key}", text, flags=re.ASCII)
    found = set(MENTION.findall(text))
    return text, sorted(person.key for person in people if person.key in found)


def of_case(ctx: Context, case_id: int) -> list[Note]:
    """The case's notes, oldest first."""
    return list(ctx.session.scalars(select(Note).where(Note.case_id == case_id).order_by(Note.at, Note.id)))
