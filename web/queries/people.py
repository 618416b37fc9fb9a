"""Colleagues: names by key, and whom work can be given to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, ScalarSelect, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from engine.runtime.assignment import works_for
from engine.runtime.context import Context
from engine.store.question import Question
from engine.store.tables import Person


def names_of(keys: Any) -> ScalarSelect[Any]:
    """For a column that holds keys of people: a JSON object of key to name; NULL for none."""
    named = aliased(Person)
    return (
        select(func.jsonb_object_agg(named.key, named.name))
        .where(named.key == func.any(keys))
        .correlate(keys.class_)
        .scalar_subquery()
    )


def colleagues(ctx: Context) -> Sequence[Row[Any]]:
    """Everybody a note can mention: (key, name)."""
    return ctx.session.execute(
        select(Person.key, Person.name)
        .where(Person.active, Person.key != ctx.actor.key)
        .order_by(Person.name)
    ).all()


_WITH_ROLES = Question(
    select(Person.key, Person.name)
    .where(Person.active, Person.roles.op("&&")(bindparam("roles", type_=ARRAY(Text))))
    .order_by(Person.name)
)


def sharing_work(ctx: Context) -> Sequence[Any]:
    """People who do steps of the actor's groups: (key, name), the actor among them."""
    roles = {role for group in works_for(ctx, ctx.actor) for role in ctx.organisation.workers_of(group)}
    return _WITH_ROLES.all(ctx.session, roles=sorted(roles))
