"""A case as its page shows it: the head, what is open, whom it is about, notes and neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, ScalarSelect, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from engine.aftersales import visibility
from engine.aftersales.tables import (
    AftersalesCase,
    Attachment,
    CallLog,
    Carrier,
    CaseFollower,
    CaseLink,
    Customer,
    CustomerMessage,
    CustomerOrder,
    Note,
    Parcel,
    Pickup,
    Product,
    Rating,
    ReturnReason,
    SerialNumber,
    Shop,
)
from engine.runtime.context import Context
from engine.store.tables import Incident, Person, ProcessInstance, UserTask
from web.queries import people, work

Case = AftersalesCase
_MOST = 50


def head(ctx: Context, number: str) -> Row[Any]:
    """The case with everything it refers to, and counts for its tabs. Raises `NotFound`, `CaseNotSeen`."""
    opener, before = aliased(Person), aliased(Case)
    row = ctx.session.execute(
        select(
            *(column for column in Case.__table__.columns if column.name != "idempotency_key"),
            func.coalesce(opener.name, Case.opened_by).label("opened_by_name"),
            Customer.number.label("customer_number"),
            Customer.name.label("customer"),
            Customer.phone,
            Customer.address,
            Customer.tier,
            Customer.language.label("customer_language"),
            Customer.do_not_call,
            CustomerOrder.number.label("order_number"),
            CustomerOrder.state.label("order_state"),
            CustomerOrder.paid_total,
            CustomerOrder.received_at,
            Shop.name.label("shop"),
            Shop.name_zh.label("shop_zh"),
            SerialNumber.number.label("serial_number"),
            SerialNumber.delivered_at,
            Product.sku,
            Product.name.label("product"),
            Product.name_zh.label("product_zh"),
            Product.model,
            ReturnReason.label.label("reason_label"),
            ReturnReason.label_zh.label("reason_label_zh"),
            ProcessInstance.definition_id,
            ProcessInstance.state.label("instance_state"),
            ProcessInstance.variables,
            _count(before, before.customer_id == Case.customer_id, before.applied_at < Case.applied_at).label(
                "cases_before"
            ),
            _count(Attachment, Attachment.case_id == Case.id).label("attachments"),
            _count(Note, Note.case_id == Case.id).label("notes"),
            (
                _count(CustomerMessage, CustomerMessage.case_id == Case.id)
                + _count(CallLog, CallLog.case_id == Case.id)
            ).label("talks"),
            _count(CaseLink, or_(CaseLink.from_case_id == Case.id, CaseLink.to_case_id == Case.id)).label(
                "links"
            ),
            _next_due().label("next_due"),
            _followed(ctx).label("followed"),
            _count(Incident, Incident.business_key == Case.number, Incident.resolved_at.is_(None)).label(
                "incidents"
            ),
        )
        .outerjoin(opener, opener.key == Case.opened_by)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(CustomerOrder, CustomerOrder.id == Case.order_id)
        .outerjoin(Shop, Shop.id == Case.shop_id)
        .outerjoin(SerialNumber, SerialNumber.id == Case.serial_number_id)
        .outerjoin(Product, Product.id == Case.product_id)
        .outerjoin(ReturnReason, ReturnReason.key == Case.reason)
        .outerjoin(ProcessInstance, ProcessInstance.id == Case.process_instance_id)
        .where(Case.number == number, visibility.cases(ctx))
    ).one_or_none()
    if row is None:
        raise visibility.unseen(ctx, number)
    return row


def _count(table: Any, *conditions: Any) -> ScalarSelect[int]:
    return select(func.count()).select_from(table).where(*conditions).correlate(Case).scalar_subquery()


def _next_due() -> ScalarSelect[Any]:
    return (
        select(func.min(UserTask.due_at))
        .where(UserTask.business_key == Case.number, work.OPEN)
        .correlate(Case)
        .scalar_subquery()
    )


def _followed(ctx: Context) -> Any:
    """Whether the actor follows the case."""
    return (
        select(literal(1))
        .where(CaseFollower.case_id == Case.id, CaseFollower.person == ctx.actor.key, CaseFollower.following)
        .correlate(Case)
        .exists()
    )


def open_steps(ctx: Context, number: str) -> Sequence[Row[Any]]:
    """The user tasks that wait, the nearest deadline first; `mine` tells whether the actor could do each."""
    return ctx.session.execute(
        select(
            UserTask.id,
            UserTask.name,
            UserTask.definition_id,
            UserTask.candidate_groups,
            UserTask.candidate_users,
            UserTask.assignee,
            UserTask.created_at,
            UserTask.due_at,
            Person.name.label("who"),
            or_(work.mine(ctx), work.free(ctx)).label("mine"),
        )
        .outerjoin(Person, Person.key == UserTask.assignee)
        .where(UserTask.business_key == number, work.OPEN)
        .order_by(UserTask.due_at.nulls_last(), UserTask.id)
    ).all()


def notes(ctx: Context, case_id: int) -> Sequence[Row[Any]]:
    """The latest notes, newest first, with the names of those they mention."""
    return ctx.session.execute(
        select(
            Note.id,
            Note.text,
            Note.at,
            func.coalesce(Person.name, Note.person).label("who"),
            people.names_of(Note.mentions).label("names"),
        )
        .outerjoin(Person, Person.key == Note.person)
        .where(Note.case_id == case_id)
        .order_by(Note.id.desc())
        .limit(_MOST)
    ).all()


def returns(ctx: Context, case_id: int) -> Sequence[Row[Any]]:
    """Parcels in and out and pickups of a case, in their order."""
    carrier = func.coalesce(func.nullif(Parcel.carrier_name, ""), Carrier.name)
    parcels = (
        select(
            Parcel.direction.label("kind"),
            Parcel.number,
            carrier.label("carrier"),
            Parcel.tracking,
            Parcel.address,
            Parcel.shipped_at.label("at"),
            Parcel.delivered_at,
            Parcel.intercepted_at,
        )
        .outerjoin(Carrier, Carrier.id == Parcel.carrier_id)
        .where(Parcel.case_id == case_id)
    )
    pickups = (
        select(
            literal("pickup"),
            Pickup.number,
            Carrier.name,
            literal(""),
            Pickup.address,
            Pickup.at,
            literal(None),
            literal(None),
        )
        .join(Carrier, Carrier.id == Pickup.carrier_id)
        .where(Pickup.case_id == case_id)
    )
    return ctx.session.execute(union_all(parcels, pickups).order_by("at")).all()


def attachments(ctx: Context, case_id: int) -> Sequence[Row[Any]]:
    """The case's files, newest first."""
    return ctx.session.execute(
        select(
            Attachment.id,
            Attachment.name,
            Attachment.type,
            Attachment.size,
            Attachment.at,
            func.coalesce(Person.name, Attachment.person).label("who"),
        )
        .outerjoin(Person, Person.key == Attachment.person)
        .where(Attachment.case_id == case_id)
        .order_by(Attachment.id.desc())
    ).all()


def messages(ctx: Context, case_id: int) -> Sequence[Row[Any]]:
    """Messages to the customer, newest first."""
    return ctx.session.execute(
        select(
            CustomerMessage.number,
            CustomerMessage.channel,
            CustomerMessage.recipient,
            CustomerMessage.text,
            CustomerMessage.state,
            CustomerMessage.created_at,
            CustomerMessage.sent_at,
            CustomerMessage.problem,
            CustomerMessage.attempts,
        )
        .where(CustomerMessage.case_id == case_id)
        .order_by(CustomerMessage.id.desc())
        .limit(_MOST)
    ).all()


def calls(ctx: Context, case_id: int) -> Sequence[Row[Any]]:
    """Calls to the customer, newest first."""
    return ctx.session.execute(
        select(
            CallLog.at,
            CallLog.outcome,
            CallLog.remark,
            func.coalesce(Person.name, CallLog.person).label("who"),
        )
        .outerjoin(Person, Person.key == CallLog.person)
        .where(CallLog.case_id == case_id)
        .order_by(CallLog.id.desc())
        .limit(_MOST)
    ).all()


def ratings(ctx: Context, case_id: int) -> Sequence[Row[Any]]:
    """What the customer thought, newest first."""
    return ctx.session.execute(
        select(Rating.about, Rating.rating, Rating.remark, Rating.at)
        .where(Rating.case_id == case_id)
        .order_by(Rating.id.desc())
    ).all()


def linked(ctx: Context, case_id: int) -> Sequence[Row[Any]]:
    """Cases tied to this one that the actor sees: `kind`, and `outwards` when the link leads away from this case."""
    outwards = CaseLink.from_case_id == case_id
    return ctx.session.execute(
        select(*_NEIGHBOUR, CaseLink.kind, outwards.label("outwards"))
        .select_from(CaseLink)
        .join(
            Case,
            or_(
                and_(outwards, Case.id == CaseLink.to_case_id),
                and_(CaseLink.to_case_id == case_id, Case.id == CaseLink.from_case_id),
            ),
        )
        .where(visibility.cases(ctx))
        .order_by(CaseLink.id)
    ).all()


def others(ctx: Context, case: Row[Any]) -> Sequence[Row[Any]]:
    """Other cases of the same customer, newest first."""
    if case.customer_id is None:
        return ()
    return ctx.session.execute(
        select(*_NEIGHBOUR, (Case.order_id == case.order_id).label("same_order"))
        .where(Case.customer_id == case.customer_id, Case.id != case.id, visibility.cases(ctx))
        .order_by(Case.applied_at.desc(), Case.id.desc())
        .limit(_MOST)
    ).all()


_NEIGHBOUR = (
    Case.number,
    Case.process_key,
    Case.state,
    Case.applied_at,
    Case.closed_at,
    func.coalesce(Case.amount_approved, Case.amount_asked).label("amount"),
)
