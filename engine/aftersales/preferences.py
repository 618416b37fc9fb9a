"""How people keep their lists: the columns they chose, the filters they saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, and_, any_, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from engine.aftersales.tables import ListPreference, SavedFilter
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, Refusal
from engine.store.question import Question


class FilterWithoutName(Refusal):
    """A filter is saved under a name."""

    code = "filter_without_name"
    sentence = "Give the filter a name."


@dataclass(frozen=True, kw_only=True)
class Columns:
    """A person's choice of columns for one list."""

    #: Keys in their order; empty means the list's own choice.
    keys: tuple[str, ...] = ()
    #: How many of the first stay in place while one scrolls sideways.
    frozen: int = 0


def columns(ctx: Context, list_key: str) -> Columns:
    """What the acting person chose for a list."""
    value = ctx.session.scalar(
        select(ListPreference.value).where(
            ListPreference.person == ctx.actor.key, ListPreference.list == list_key
        )
    )
    if not value:
        return Columns()
    return Columns(keys=tuple(value.get("columns", ())), frozen=int(value.get("frozen", 0)))


def keep_columns(ctx: Context, list_key: str, chosen: Columns) -> None:
    """Remember the acting person's choice."""
    statement = insert(ListPreference).values(
        person=ctx.actor.key,
        list=list_key,
        value={"columns": list(chosen.keys), "frozen": chosen.frozen},
        changed_at=ctx.now,
    )
    ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["person", "list"],
            set_={"value": statement.excluded.value, "changed_at": statement.excluded.changed_at},
        )
    )


_WITH_ME = or_(SavedFilter.role.is_(None), SavedFilter.role == any_(bindparam("roles", type_=ARRAY(Text))))
_FILTERS = Question(
    select(*SavedFilter.__table__.columns)
    .where(
        SavedFilter.list == bindparam("list", type_=Text),
        or_(SavedFilter.person == bindparam("person", type_=Text), and_(SavedFilter.shared, _WITH_ME)),
    )
    .order_by(SavedFilter.name, SavedFilter.id)
)


def filters(ctx: Context, list_key: str) -> Sequence[Any]:
    """The acting person's saved filters of a list, and those others share with them, by name: columns of `SavedFilter`."""
    actor = ctx.actor
    return _FILTERS.all(ctx.session, list=list_key, person=actor.key, roles=sorted(actor.roles))


def keep_filter(
    ctx: Context, list_key: str, name: str, query: str, *, shared: bool = False, role: str | None = None
) -> None:
    """Save a filter under a name; the same name again replaces it. Shared with everybody, or only with a role.

    Raises `FilterWithoutName`, `NotFound` for an unknown role."""
    if not name.strip():
        raise FilterWithoutName()
    if role is not None and role not in ctx.organisation.roles:
        raise NotFound(what="role", id=role)
    statement = insert(SavedFilter).values(
        person=ctx.actor.key,
        list=list_key,
        name=name.strip(),
        query=query,
        shared=shared or role is not None,
        role=role,
        created_at=ctx.now,
    )
    ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["person", "list", "name"],
            set_={name: statement.excluded[name] for name in ("query", "shared", "role")},
        )
    )


def forget_filter(ctx: Context, filter_id: int) -> None:
    """Remove one of one's own filters; somebody else's stays."""
    ctx.session.execute(
        delete(SavedFilter).where(SavedFilter.id == filter_id, SavedFilter.person == ctx.actor.key)
    )
