"""What stands beside a user task's form: the case in short, who may do the step, what comes after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row, Text, cast, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from engine.aftersales.tables import (
    AftersalesCase,
    Attachment,
    Customer,
    CustomerOrder,
    Note,
    Product,
    SerialNumber,
)
from engine.aftersales.tables.case import CaseLine
from engine.aftersales.tables.order import OrderLine
from engine.runtime.context import Context
from engine.store.tables import HistoryEvent, Person, UserTask
from web.queries import work

_NOTES = 3
_DECISIONS = 8
_LINES = 12


@dataclass(frozen=True, kw_only=True)
class InShort:
    """A case as one decides on it."""

    #: Case, customer, order and serial number together; None for a process that runs without a case.
    case: Row[Any] | None
    lines: Sequence[Row[Any]]
    #: Completed user tasks, newest first, with the name of who did them.
    decided: Sequence[Row[Any]]
    notes: Sequence[Row[Any]]
    attachments: Sequence[Attachment]


def in_short(ctx: Context, business_key: str) -> InShort:
    """The case of that number, in at most five statements."""
    case = ctx.session.execute(
        select(
            AftersalesCase.id,
            AftersalesCase.number,
            AftersalesCase.state,
            AftersalesCase.urgency,
            AftersalesCase.summary,
            AftersalesCase.reason,
            AftersalesCase.order_id,
            AftersalesCase.customer_id,
            AftersalesCase.amount_asked,
            AftersalesCase.amount_approved,
            AftersalesCase.refunded,
            Customer.name.label("customer"),
            Customer.phone,
            Customer.tier,
            Customer.do_not_call,
            CustomerOrder.number.label("order_number"),
            CustomerOrder.placed_at,
            CustomerOrder.received_at,
            SerialNumber.number.label("serial_number"),
            SerialNumber.delivered_at,
        )
        .outerjoin(Customer, Customer.id == AftersalesCase.customer_id)
        .outerjoin(CustomerOrder, CustomerOrder.id == AftersalesCase.order_id)
        .outerjoin(SerialNumber, SerialNumber.id == AftersalesCase.serial_number_id)
        .where(AftersalesCase.number == business_key)
    ).one_or_none()
    return InShort(
        case=case,
        lines=_lines(ctx, case) if case is not None and case.order_id else (),
        decided=_decided(ctx, business_key),
        notes=_notes(ctx, case.id) if case is not None else (),
        attachments=_attachments(ctx, case.id) if case is not None else (),
    )


def _lines(ctx: Context, case: Row[Any]) -> Sequence[Row[Any]]:
    """The order's lines, those the case is about first."""
    return ctx.session.execute(
        select(
            OrderLine.line,
            Product.sku,
            OrderLine.name,
            OrderLine.quantity,
            OrderLine.paid_amount,
            OrderLine.refunded_quantity,
            CaseLine.quantity.label("asked"),
        )
        .join(Product, Product.id == OrderLine.product_id)
        .outerjoin(CaseLine, (CaseLine.order_line_id == OrderLine.id) & (CaseLine.case_id == case.id))
        .where(OrderLine.order_id == case.order_id)
        .order_by(CaseLine.quantity.is_(None), OrderLine.line)
        .limit(_LINES)
    ).all()


def _decided(ctx: Context, business_key: str) -> Sequence[Row[Any]]:
    return ctx.session.execute(
        select(
            UserTask.id,
            UserTask.name,
            UserTask.definition_id,
            UserTask.form_id,
            UserTask.outcome,
            UserTask.ended_at,
            Person.name.label("who"),
        )
        .outerjoin(Person, Person.key == UserTask.completed_by)
        .where(UserTask.business_key == business_key, UserTask.state == "completed")
        .order_by(UserTask.ended_at.desc(), UserTask.id.desc())
        .limit(_DECISIONS)
    ).all()


def _notes(ctx: Context, case_id: int) -> Sequence[Row[Any]]:
    return ctx.session.execute(
        select(Note.text, Note.at, Person.name.label("who"))
        .outerjoin(Person, Person.key == Note.person)
        .where(Note.case_id == case_id)
        .order_by(Note.id.desc())
        .limit(_NOTES)
    ).all()


def _attachments(ctx: Context, case_id: int) -> Sequence[Attachment]:
    return ctx.session.scalars(
        select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.id)
    ).all()


def able(ctx: Context, task: UserTask) -> Sequence[Row[Any]]:
    """People who could do a user task: by role or by name. (key, name), sorted by name."""
    workers: set[str] = set()
    for group in task.candidate_groups:
        workers |= ctx.organisation.workers_of(group)
    roles = cast(sorted(workers), ARRAY(Text))
    return ctx.session.execute(
        select(Person.key, Person.name)
        .where(Person.active, or_(Person.roles.op("&&")(roles), Person.key.in_(task.candidate_users)))
        .order_by(Person.name)
    ).all()


def names(ctx: Context, keys: Sequence[str | None]) -> dict[str, str]:
    """Names of people by key."""
    wanted = {key for key in keys if key}
    if not wanted:
        return {}
    return {
        key: name
        for key, name in ctx.session.execute(select(Person.key, Person.name).where(Person.key.in_(wanted)))
    }


def submitted(ctx: Context, task: UserTask) -> dict[str, Any]:
    """What a completed user task was completed with, from the history."""
    payload = ctx.session.execute(
        select(HistoryEvent.payload).where(
            HistoryEvent.stream == task.instance_id,
            HistoryEvent.type == "UserTaskCompleted",
            HistoryEvent.activity_id == task.activity_id,
        )
    ).scalar()
    return orjson.loads(payload).get("values", {}) if payload else {}


def next_in_case(ctx: Context, root_id: int) -> int | None:
    """The step of this case the actor could do next, their own before what is free."""
    return ctx.session.execute(
        select(UserTask.id)
        .where(UserTask.root_id == root_id, or_(work.mine(ctx), work.free(ctx)))
        .order_by(UserTask.assignee.is_(None), UserTask.id)
        .limit(1)
    ).scalar()


def passed(ctx: Context, instance_id: int) -> list[str]:
    """Elements of an instance that completed at least once."""
    return list(
        ctx.session.scalars(
            select(HistoryEvent.element_id)
            .where(HistoryEvent.stream == instance_id, HistoryEvent.type == "ElementCompleted")
            .distinct()
        )
    )
