"""What stands beside a user task's form: the case in short, who may do the step, what comes after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BigInteger, Text, and_, any_, bindparam, or_, select
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
from engine.runtime.assignment import works_for
from engine.runtime.context import Context
from engine.store.question import Question, ask
from engine.store.tables import HistoryEvent, Person, UserTask
from web.queries import work

_NOTES = 3
_DECISIONS = 8
_LINES = 12


@dataclass(frozen=True, kw_only=True)
class InShort:
    """A case as one decides on it."""

    #: Case, customer, order and serial number together; None for a process that runs without a case.
    case: Any | None
    lines: Sequence[Any]
    #: Completed user tasks, newest first, with the name of who did them.
    decided: Sequence[Any]
    notes: Sequence[Any]
    attachments: Sequence[Any]


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What stands beside a user task's form."""

    in_short: InShort
    #: People who could do the step: (key, name), sorted by name.
    able: Sequence[Any]
    #: Elements of the instance that completed at least once.
    passed: Sequence[str]
    #: Names of the people the step speaks of, by key.
    names: Mapping[str, str]


_NUMBER = bindparam("case", type_=Text)
_CASE = Question(
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
    .where(AftersalesCase.number == _NUMBER)
)
#: The order's lines, those the case is about first.
_ORDER_LINES = Question(
    select(
        OrderLine.line,
        Product.sku,
        OrderLine.name,
        OrderLine.quantity,
        OrderLine.paid_amount,
        OrderLine.refunded_quantity,
        CaseLine.quantity.label("asked"),
    )
    .select_from(AftersalesCase)
    .join(OrderLine, OrderLine.order_id == AftersalesCase.order_id)
    .join(Product, Product.id == OrderLine.product_id)
    .outerjoin(CaseLine, (CaseLine.order_line_id == OrderLine.id) & (CaseLine.case_id == AftersalesCase.id))
    .where(AftersalesCase.number == _NUMBER)
    .order_by(CaseLine.quantity.is_(None), OrderLine.line)
    .limit(_LINES)
)
_DECIDED = Question(
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
    .where(UserTask.business_key == _NUMBER, UserTask.state == "completed")
    .order_by(UserTask.ended_at.desc(), UserTask.id.desc())
    .limit(_DECISIONS)
)
_NOTED = Question(
    select(Note.text, Note.at, Person.name.label("who"))
    .select_from(AftersalesCase)
    .join(Note, Note.case_id == AftersalesCase.id)
    .outerjoin(Person, Person.key == Note.person)
    .where(AftersalesCase.number == _NUMBER)
    .order_by(Note.id.desc())
    .limit(_NOTES)
)
_ATTACHED = Question(
    select(Attachment.id, Attachment.name, Attachment.size)
    .join(AftersalesCase, AftersalesCase.id == Attachment.case_id)
    .where(AftersalesCase.number == _NUMBER)
    .order_by(Attachment.id)
)
_ABLE = Question(
    select(Person.key, Person.name)
    .where(
        Person.active,
        or_(
            Person.roles.op("&&")(bindparam("roles", type_=ARRAY(Text))),
            Person.key == any_(bindparam("people", type_=ARRAY(Text))),
        ),
    )
    .order_by(Person.name)
)
_PASSED = Question(
    select(HistoryEvent.element_id)
    .where(
        HistoryEvent.stream == bindparam("instance_id", type_=BigInteger),
        HistoryEvent.type == "ElementCompleted",
    )
    .distinct()
)
_NAMES = Question(
    select(Person.key, Person.name).where(Person.key == any_(bindparam("keys", type_=ARRAY(Text))))
)


def beside(ctx: Context, task: UserTask, *, may: bool) -> Beside:
    """What stands beside the form, in one round trip; who else could do the step only for those who may."""
    case = {"case": task.business_key}
    workers = frozenset[str]().union(*map(ctx.organisation.workers_of, task.candidate_groups))
    able = {"roles": sorted(workers), "people": task.candidate_users}
    people = {key for key in (task.assignee, task.completed_by, task.draft_by) if key}
    wanted = [(question, case) for question in (_CASE, _ORDER_LINES, _DECIDED, _NOTED, _ATTACHED)]
    wanted.append((_PASSED, {"instance_id": task.instance_id}))
    if may:
        wanted.append((_ABLE, able))
    if people:
        wanted.append((_NAMES, {"keys": sorted(people)}))
    found, lines, decided, notes, attached, passed, *rest = ask(ctx.session, wanted)
    return Beside(
        in_short=InShort(
            case=found[0] if found else None, lines=lines, decided=decided, notes=notes, attachments=attached
        ),
        passed=[row.element_id for row in passed],
        able=rest[0] if may else (),
        names={row.key: row.name for row in rest[-1]} if people else {},
    )


def names(ctx: Context, keys: Sequence[str | None]) -> dict[str, str]:
    """Names of people by key."""
    wanted = sorted({key for key in keys if key})
    return {row.key: row.name for row in _NAMES.all(ctx.session, keys=wanted)} if wanted else {}


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


_PERSON = bindparam("person", type_=Text)
_FREE = and_(work.takeable_by(_PERSON, bindparam("groups", type_=ARRAY(Text))), UserTask.assignee.is_(None))
_NEXT = Question(
    select(UserTask.id)
    .where(UserTask.root_id == bindparam("root_id", type_=BigInteger), or_(work.mine_of(_PERSON), _FREE))
    .order_by(UserTask.assignee.is_(None), UserTask.id)
    .limit(1)
)


def next_in_case(ctx: Context, root_id: int) -> int | None:
    """The step of this case the actor could do next, their own before what is free."""
    groups = sorted(works_for(ctx, ctx.actor))
    row = _NEXT.first(ctx.session, root_id=root_id, person=ctx.actor.key, groups=groups)
    return row.id if row is not None else None
