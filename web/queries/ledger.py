"""The after-sales ledger's rows: cases filtered and sorted, a page at a time or whole for a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from engine.aftersales import visibility
from engine.aftersales.tables import AftersalesCase, Customer, CustomerOrder, Note, ReturnReason, Shop
from engine.runtime.context import Context
from engine.store.tables import Person, UserTask
from web import lists
from web.filters import Filters, amounts, days

Case = AftersalesCase
#: The amount people speak of: what was approved, before that what was asked for.
AMOUNT = func.coalesce(Case.amount_approved, Case.amount_asked)
#: Moments that have not come sort after all that have.
_NEVER = datetime(3000, 1, 1, tzinfo=UTC)
SORTS: dict[str, ColumnElement[Any]] = {
    "number": Case.number,
    "order": func.coalesce(CustomerOrder.number, ""),
    "shop": func.coalesce(Shop.name, ""),
    "type": Case.process_key,
    "amount": func.coalesce(AMOUNT, 0),
    "applied": Case.applied_at,
    "reviewed": func.coalesce(Case.reviewed_at, _NEVER),
    "ordered": func.coalesce(Case.ordered_at, _NEVER),
    "state": Case.state,
    "customer": func.coalesce(Customer.name, ""),
    "channel": Case.channel,
    "urgency": Case.urgency,
    "due": func.coalesce(Case.due_at, _NEVER),
    "closed": func.coalesce(Case.closed_at, _NEVER),
    "refunded": Case.refunded,
}


@dataclass(frozen=True, kw_only=True)
class Filter(Filters):
    """What the ledger is narrowed to."""

    type: str = ""
    state: str = ""
    shop: str = ""
    #: "open", "overdue" or "closed".
    stage: str = ""
    #: "opened" by me, "worked" on by me, "mentioned" me in a note.
    mine: str = ""
    channel: str = ""
    urgency: str = ""
    category: str = ""
    reason: str = ""
    tier: str = ""
    least: str = ""
    most: str = ""
    applied_from: str = ""
    applied_to: str = ""
    reviewed_from: str = ""
    reviewed_to: str = ""
    ordered_from: str = ""
    ordered_to: str = ""
    closed_from: str = ""
    closed_to: str = ""


def page(
    ctx: Context, chosen: Filter, sort: lists.Sort, *, after: str | None, size: int = lists.PAGE
) -> lists.Page:
    """One page of the ledger, in one statement."""
    query, by = rows(ctx, chosen), SORTS[sort.key]
    return lists.sorted_page(ctx.session, query, sort, by=by, key=Case.id, after=after, size=size)


def whole(ctx: Context, chosen: Filter, sort: lists.Sort) -> Select[Any]:
    """All of it in the order shown, for a file."""
    return lists.whole(rows(ctx, chosen), sort, by=SORTS[sort.key], key=Case.id)


def rows(ctx: Context, chosen: Filter) -> Select[Any]:
    """The cases that fit and that the actor sees, unordered."""
    opener = aliased(Person)
    return (
        select(
            Case.id,
            Case.number,
            Case.process_key,
            Case.state,
            Case.outcome,
            Case.channel,
            Case.urgency,
            Case.category,
            Case.reason,
            Case.summary,
            AMOUNT.label("amount"),
            Case.refunded,
            Case.compensated,
            Case.applied_at,
            Case.reviewed_at,
            Case.ordered_at,
            Case.due_at,
            Case.closed_at,
            CustomerOrder.number.label("order_number"),
            Customer.number.label("customer_number"),
            Customer.name.label("customer"),
            Customer.phone,
            Customer.tier,
            Shop.name.label("shop"),
            Shop.name_zh.label("shop_zh"),
            ReturnReason.label.label("reason_label"),
            ReturnReason.label_zh.label("reason_label_zh"),
            func.coalesce(opener.name, Case.opened_by).label("opened_by"),
        )
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(CustomerOrder, CustomerOrder.id == Case.order_id)
        .outerjoin(Shop, Shop.id == Case.shop_id)
        .outerjoin(ReturnReason, ReturnReason.key == Case.reason)
        .outerjoin(opener, opener.key == Case.opened_by)
        .where(visibility.cases(ctx), *_narrowed(ctx, chosen))
    )


def _narrowed(ctx: Context, chosen: Filter) -> list[ColumnElement[bool]]:
    equal = {
        Case.process_key: chosen.type,
        Case.state: chosen.state,
        Shop.key: chosen.shop,
        Case.channel: chosen.channel,
        Case.urgency: chosen.urgency,
        Case.category: chosen.category,
        Case.reason: chosen.reason,
        Customer.tier: chosen.tier,
    }
    conditions: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value]
    conditions += amounts(AMOUNT, chosen.least, chosen.most)
    conditions += days(ctx, Case.applied_at, chosen.applied_from, chosen.applied_to)
    conditions += days(ctx, Case.reviewed_at, chosen.reviewed_from, chosen.reviewed_to)
    conditions += days(ctx, Case.ordered_at, chosen.ordered_from, chosen.ordered_to)
    conditions += days(ctx, Case.closed_at, chosen.closed_from, chosen.closed_to)
    if chosen.stage:
        conditions.append(_stage(ctx, chosen.stage))
    if chosen.mine:
        conditions.append(_mine(ctx, chosen.mine))
    if chosen.q:
        conditions.append(_text(chosen.q))
    return conditions


def _stage(ctx: Context, stage: str) -> ColumnElement[bool]:
    match stage:
        case "closed":
            return Case.closed_at.is_not(None)
        case "overdue":
            late = exists().where(
                UserTask.business_key == Case.number,
                UserTask.state == "created",
                UserTask.due_at < ctx.now,
            )
            return and_(Case.closed_at.is_(None), or_(Case.due_at < ctx.now, late))
        case _:
            return Case.closed_at.is_(None)


def _mine(ctx: Context, mine: str) -> ColumnElement[bool]:
    me = ctx.actor.key
    match mine:
        case "mentioned":
            return exists().where(Note.case_id == Case.id, Note.mentions.contains([me]))
        case "worked":
            return exists().where(UserTask.business_key == Case.number, UserTask.completed_by == me)
        case _:
            return Case.opened_by == me


def _text(text: str) -> ColumnElement[bool]:
    """Case or order number, customer's name or phone, or the problem."""
    return or_(
        Case.number.icontains(text, autoescape=True),
        CustomerOrder.number.icontains(text, autoescape=True),
        Customer.name.icontains(text, autoescape=True),
        Customer.phone.startswith(text, autoescape=True),
        Case.summary.icontains(text, autoescape=True),
    )


def shops(ctx: Context) -> list[tuple[str, str]]:
    """(key, name in the actor's language) of all shops, for a filter."""
    found = ctx.session.execute(select(Shop.key, Shop.name, Shop.name_zh).order_by(Shop.name)).all()
    return [(row.key, _named(ctx, row.name, row.name_zh)) for row in found]


def reasons(ctx: Context) -> list[tuple[str, str]]:
    """(key, label in the actor's language) of all reasons, for a filter."""
    found = ctx.session.execute(
        select(ReturnReason.key, ReturnReason.label, ReturnReason.label_zh).order_by(
            ReturnReason.position, ReturnReason.id
        )
    ).all()
    return [(row.key, _named(ctx, row.label, row.label_zh)) for row in found]


def _named(ctx: Context, name: str | None, name_zh: str | None) -> str:
    return ((name_zh if ctx.actor.language == "zh" else "") or name) or ""


def shop_of(ctx: Context, row: Row[Any]) -> str:
    """A row's shop in the actor's language."""
    return _named(ctx, row.shop, row.shop_zh)


def reason_of(ctx: Context, row: Row[Any]) -> str:
    """A row's reason in the actor's language."""
    return _named(ctx, row.reason_label, row.reason_label_zh)
