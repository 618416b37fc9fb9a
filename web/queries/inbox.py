"""The inbox's rows: user tasks with the case they belong to, filtered, sorted, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select

from engine.aftersales.tables.case import AftersalesCase
from engine.aftersales.tables.customer import Customer
from engine.runtime.context import Context
from engine.store.tables import Person, UserTask
from web import lists
from web.queries import work

TABS = ("mine", "groups", "following", "done")
#: Priorities run from 0 to 100 around 50, as the dialect has it.
HIGH, LOW = 60, 40
#: Steps without a deadline come after all that have one.
_NEVER = datetime(3000, 1, 1, tzinfo=UTC)
_AMOUNT = func.coalesce(AftersalesCase.amount_approved, AftersalesCase.amount_asked, 0)
_DUE = func.coalesce(UserTask.due_at, _NEVER)
SORTS: dict[str, ColumnElement[Any]] = {
    "first": UserTask.turn,
    "due": _DUE,
    "since": UserTask.created_at,
    "case": UserTask.business_key,
    "amount": _AMOUNT,
    "done": func.coalesce(UserTask.ended_at, _NEVER),
}


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What a list of work is narrowed to; empty fields do not narrow."""

    tab: str = "mine"
    procedure: str = ""
    step: str = ""
    #: "overdue", "today", "week" or "none".
    due: str = ""
    #: "high", "normal" or "low".
    priority: str = ""
    tier: str = ""
    #: In my groups: "all" shows also what a colleague has taken.
    who: str = ""
    text: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything but the tab is chosen."""
        return any((self.procedure, self.step, self.due, self.priority, self.tier, self.who, self.text))


def rows(
    ctx: Context, chosen: Filter, sort: lists.Sort, *, after: str | None, size: int = lists.PAGE
) -> lists.Page:
    """One page of the inbox, in one statement."""
    by = SORTS[sort.key]
    query = lists.seek(
        _rows(ctx, chosen).add_columns(by.label("sorted_by")),
        by=by,
        key=UserTask.id,
        descending=sort.descending,
        after=after,
    )
    found = ctx.session.execute(query.limit(size + 1)).all()
    return lists.page(found, value=lambda row: row.sorted_by, key=lambda row: row.id, size=size, after=after)


def _rows(ctx: Context, chosen: Filter) -> Select[Any]:
    conditions = [_tab(ctx, chosen), *_narrowed(ctx, chosen)]
    return (
        select(
            UserTask.id,
            UserTask.name,
            UserTask.definition_id,
            UserTask.process_key,
            UserTask.business_key,
            UserTask.priority,
            UserTask.assignee,
            UserTask.created_at,
            UserTask.due_at,
            UserTask.follow_up_at,
            UserTask.ended_at,
            UserTask.form_id,
            UserTask.outcome,
            Person.name.label("who"),
            AftersalesCase.urgency,
            func.nullif(_AMOUNT, 0).label("amount"),
            Customer.name.label("customer"),
            Customer.tier,
        )
        .outerjoin(AftersalesCase, AftersalesCase.number == UserTask.business_key)
        .outerjoin(Customer, Customer.id == AftersalesCase.customer_id)
        .outerjoin(Person, Person.key == UserTask.assignee)
        .where(*conditions)
    )


def _tab(ctx: Context, chosen: Filter) -> ColumnElement[bool]:
    if chosen.tab == "done":
        return and_(UserTask.state == "completed", UserTask.completed_by == ctx.actor.key)
    if chosen.tab == "groups":
        return work.takeable(ctx) if chosen.who == "all" else work.free(ctx)
    return work.mine(ctx)


def _narrowed(ctx: Context, chosen: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.procedure:
        conditions.append(UserTask.process_key == chosen.procedure)
    if chosen.procedure and chosen.step:
        conditions.append(UserTask.element_id == chosen.step)
    if chosen.due:
        conditions.append(_due(ctx, chosen.due))
    if chosen.priority:
        conditions.append(
            case((UserTask.priority >= HIGH, "high"), (UserTask.priority <= LOW, "low"), else_="normal")
            == chosen.priority
        )
    if chosen.tier:
        conditions.append(Customer.tier == chosen.tier)
    if chosen.text:
        conditions.append(_text(chosen.text))
    return conditions


def _due(ctx: Context, due: str) -> ColumnElement[bool]:
    midnight = datetime.combine(
        ctx.now.astimezone(ctx.organisation.tzinfo).date() + timedelta(days=1),
        time.min,
        ctx.organisation.tzinfo,
    )
    match due:
        case "overdue":
            return UserTask.due_at < ctx.now
        case "today":
            return UserTask.due_at < midnight
        case "week":
            return UserTask.due_at < midnight + timedelta(days=6)
        case _:
            return UserTask.due_at.is_(None)


def _text(text: str) -> ColumnElement[bool]:
    """Case number, customer's name, phone, or the step's name."""
    part = text.strip()
    return or_(
        UserTask.business_key.icontains(part, autoescape=True),
        Customer.name.icontains(part, autoescape=True),
        Customer.phone.startswith(part, autoescape=True),
        UserTask.name.icontains(part, autoescape=True),
    )


def steps(ctx: Context, chosen: Filter) -> list[Row[Any]]:
    """The steps of the chosen procedure that have work in this tab: (element_id, name, definition_id)."""
    if not chosen.procedure:
        return []
    whole = Filter(tab=chosen.tab, who=chosen.who)
    return list(
        ctx.session.execute(
            select(
                UserTask.element_id, UserTask.name, func.max(UserTask.definition_id).label("definition_id")
            )
            .where(_tab(ctx, whole), UserTask.process_key == chosen.procedure)
            .group_by(UserTask.element_id, UserTask.name)
            .order_by(UserTask.name)
        )
    )
