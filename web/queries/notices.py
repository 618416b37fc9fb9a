"""A person's notices, a page at a time."""

from __future__ import annotations

from sqlalchemy import case, func, select

from engine.aftersales import staff_notices
from engine.aftersales.tables import AftersalesCase, Customer, Note, StaffNotice
from engine.runtime.context import Context
from engine.store.tables import Person
from web import lists
from web.queries import people


def rows(ctx: Context, *, after: str | None, size: int = lists.PAGE) -> lists.Page:
    """The actor's notices, those not read first, each newest first, in one statement."""
    unread = case((staff_notices.read(ctx), 0), else_=1)
    query = (
        select(
            StaffNotice.id,
            StaffNotice.texts,
            StaffNotice.code,
            StaffNotice.params,
            StaffNotice.created_at,
            AftersalesCase.number,
            Customer.name.label("customer"),
            Customer.tier,
            Note.text.label("note"),
            people.names_of(Note.mentions).label("names"),
            func.coalesce(Person.name, Note.person).label("who"),
            unread.label("unread"),
        )
        .outerjoin(AftersalesCase, AftersalesCase.id == StaffNotice.case_id)
        .outerjoin(Customer, Customer.id == AftersalesCase.customer_id)
        .outerjoin(Note, Note.id == StaffNotice.note_id)
        .outerjoin(Person, Person.key == Note.person)
        .where(staff_notices.own(ctx))
    )
    query = lists.seek(query, by=unread, key=StaffNotice.id, descending=True, after=after)
    found = ctx.session.execute(query.limit(size + 1)).all()
    return lists.page(found, value=lambda row: row.unread, key=lambda row: row.id, size=size, after=after)
