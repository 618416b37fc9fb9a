"""Who sees which cases and customers: the one place that lists, pages, files and the search ask.

What a role sees is said in config/organisation.toml (`sees`): every case, those of its holder's areas or shops, or only
the holder's own. Whatever else one sees, one's own is always among it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from engine.aftersales.tables import AftersalesCase, Customer, CustomerOrder, Note, Shop
from engine.runtime.assignment import works_for
from engine.runtime.context import SYSTEM, Context
from engine.runtime.refusals import NotAllowed, NotFound
from engine.store.tables import UserTask


class RecordsRemoved(NotFound):
    """The case was kept long enough: its records were archived, and nothing more can be done with it here."""

    code = "records_removed"
    sentence = "The records of case {case} were archived and removed with receipt {receipt}."


class CaseNotSeen(NotAllowed):
    """The case is not among those that the actor's roles see."""

    code = "case_not_seen"
    sentence = "Case {case} is not among those you see. Whoever works on it can mention you in a note; then you see it."


def sees_all(ctx: Context) -> bool:
    """Whether nothing is hidden from the actor."""
    return ctx.actor is SYSTEM or "all" in ctx.organisation.sight(ctx.actor.roles)


def cases(ctx: Context, of: Any = AftersalesCase) -> ColumnElement[bool]:
    """That the actor sees a case: a condition on `aftersales_case` (or an alias of it). What was removed nobody sees.

    Own cases are named by their numbers, in one set that PostgreSQL gathers first: it is small, however many cases there
    are. Areas and shops are parts of all cases: they are met with while going through the list as it is sorted.
    """
    here: ColumnElement[bool] = of.receipt.is_(None)
    if sees_all(ctx):
        return here
    wider: list[ColumnElement[bool]] = []
    if areas := _areas(ctx):
        living = select(Customer.id).where(Customer.province.in_(areas))
        wider.append(of.customer_id.in_(living))
    if shops := _shops(ctx):
        wider.append(of.shop_id.in_(select(Shop.id).where(Shop.key.in_(shops))))
    return and_(here, or_(of.number.in_(_own(ctx)), *wider))


def customers(ctx: Context) -> ColumnElement[bool]:
    """That the actor sees a customer: whose case they see, who lives in their areas, who bought in their shops."""
    if sees_all(ctx):
        return true()
    case = aliased(AftersalesCase)
    conditions = [Customer.id.in_(select(case.customer_id).where(cases(ctx, case)))]
    if areas := _areas(ctx):
        conditions.append(Customer.province.in_(areas))
    if shops := _shops(ctx):
        bought = select(CustomerOrder.customer_id).join(Shop, Shop.id == CustomerOrder.shop_id)
        conditions.append(Customer.id.in_(bought.where(Shop.key.in_(shops))))
    return or_(*conditions)


def check_case(ctx: Context, number: str) -> int:
    """The id of a case that the actor sees. Raises `NotFound`, `CaseNotSeen`."""
    wanted = select(AftersalesCase.id).where(AftersalesCase.number == number)
    case_id = ctx.session.scalar(wanted.where(cases(ctx)))
    if case_id is None:
        raise unseen(ctx, number)
    return case_id


def sees_case(ctx: Context, **which: Any) -> bool:
    """Whether the actor sees the case of this `id` or `number`."""
    seen = select(AftersalesCase.id).filter_by(**which).where(cases(ctx))
    return ctx.session.scalar(seen) is not None


def unseen(ctx: Context, number: str) -> NotFound | CaseNotSeen | RecordsRemoved:
    """Why a case that was looked for with `cases` did not come."""
    wanted = select(AftersalesCase.receipt).where(AftersalesCase.number == number)
    there = ctx.session.execute(wanted).first()
    if there is not None and there.receipt is not None:
        return RecordsRemoved(case=number, receipt=there.receipt)
    return NotFound(what="case", id=number) if there is None else CaseNotSeen(case=number)


def _own(ctx: Context) -> Any:
    """Numbers of the cases the actor (or whom they stand in for) opened, has or could take a step of, did a step of, or
    was mentioned in."""
    keys, groups = sorted(ctx.actor.keys), sorted(works_for(ctx, ctx.actor))
    people = cast(keys, ARRAY(Text))
    opened, noted = aliased(AftersalesCase), aliased(AftersalesCase)
    step = select(UserTask.business_key)
    waits = UserTask.state == "created"
    return (
        select(opened.number)
        .where(opened.opened_by.in_(keys))
        .union_all(
            step.where(waits, UserTask.assignee.in_(keys)),
            step.where(waits, UserTask.candidate_groups.op("&&")(cast(groups, ARRAY(Text)))),
            step.where(waits, UserTask.candidate_users.op("&&")(people)),
            step.where(UserTask.state == "completed", UserTask.completed_by.in_(keys)),
            select(noted.number).join(Note, Note.case_id == noted.id).where(Note.mentions.op("&&")(people)),
        )
    )


def _areas(ctx: Context) -> list[str]:
    return sorted(ctx.actor.areas) if "areas" in ctx.organisation.sight(ctx.actor.roles) else []


def _shops(ctx: Context) -> list[str]:
    return sorted(ctx.actor.shops) if "shops" in ctx.organisation.sight(ctx.actor.roles) else []
