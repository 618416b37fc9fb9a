"""Erasing: one customer's personal data leaves histories and records; a receipt keeps the chain provable.

How it stays provable: docs/decisions/0012-erasing-with-a-receipt.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from sqlalchemy import ColumnElement, bindparam, delete, func, or_, select, update

from config import personal_data
from engine.aftersales import attachments
from engine.aftersales.personal_data.redacting import Redactor
from engine.aftersales.retention import archives, removing
from engine.aftersales.retention.holds import ReasonNeeded
from engine.aftersales.tables import (
    AftersalesCase,
    Attachment,
    CallLog,
    Customer,
    CustomerMessage,
    CustomerOrder,
    GoodsReceipt,
    LegalHold,
    Note,
    Parcel,
    Pickup,
    Rating,
    RepairVisit,
    StaffNotice,
    StaffNoticeRead,
    WriteOff,
)
from engine.runtime import history, issuing, receipts, seals, verifying
from engine.runtime.context import Context
from engine.runtime.receipts import Document
from engine.runtime.refusals import NotFound, Refusal
from engine.store.tables import (
    BackTestCase,
    HistoryEvent,
    Incident,
    Job,
    Message,
    MovedInstance,
    ProcessInstance,
    Receipt,
    UserTask,
)

_QUICK = {"synchronize_session": False}


class CasesRunning(Refusal):
    """Somebody still works for the customer."""

    code = "cases_running"
    sentence = "Cases of this customer are running: {cases}. They have to end first; without the data nobody can do them."


class CasesHeld(Refusal):
    """A dispute or an authority needs the records."""

    code = "cases_held"
    sentence = "Cases of this customer are held: {cases}. Somebody has to lift the hold first."


class AlreadyErased(Refusal):
    """Nothing personal is left."""

    code = "already_erased"
    sentence = "The personal data of this customer was erased with receipt {receipt}."


class NotProvable(Refusal):
    """What would be erased was changed before: a receipt would cover it up."""

    code = "not_provable"
    sentence = "The history of case {case} is not what was recorded: {reason}. Find out why before anything is erased."


@dataclass(frozen=True, kw_only=True)
class Held:
    """What is held of a customer, in figures."""

    #: Numbers of cases whose records are here, of those that run, of held ones, and of archived ones.
    cases: Sequence[str]
    running: Sequence[str]
    on_hold: Sequence[str]
    archived: Sequence[str]
    orders: int
    events: int
    messages: int
    notes: int
    calls: int
    attachments: int


def customer(ctx: Context, number: str) -> Customer:
    """The customer of that number; until this command ends nobody changes them. Raises `NotFound`."""
    found = ctx.session.scalar(select(Customer).where(Customer.number == number).with_for_update())
    if found is None:
        raise NotFound(what="customer", id=number)
    return found


def held(ctx: Context, found: Customer) -> Held:
    """What is held of a customer."""
    cases = ctx.session.execute(
        select(
            AftersalesCase.number,
            AftersalesCase.receipt,
            or_(
                AftersalesCase.closed_at.is_(None),
                select(ProcessInstance.id)
                .where(
                    ProcessInstance.business_key == AftersalesCase.number, ProcessInstance.ended_at.is_(None)
                )
                .exists(),
            ).label("runs"),
            LegalHold.case_id.label("hold"),
        )
        .outerjoin(LegalHold, LegalHold.case_id == AftersalesCase.id)
        .where(AftersalesCase.customer_id == found.id)
        .order_by(AftersalesCase.id)
    ).all()
    own = ids(found)
    here = [row.number for row in cases if row.receipt is None]

    def count(table: Any, where: ColumnElement[bool]) -> int:
        return ctx.session.scalar(select(func.count()).select_from(table).where(where)) or 0

    return Held(
        cases=here,
        running=[row.number for row in cases if row.runs],
        on_hold=[row.number for row in cases if row.hold is not None],
        archived=[row.number for row in cases if row.receipt is not None],
        orders=count(CustomerOrder, CustomerOrder.customer_id == found.id),
        events=count(HistoryEvent, HistoryEvent.business_key.in_(here)),
        messages=count(CustomerMessage, of(CustomerMessage, found)),
        notes=count(Note, Note.case_id.in_(own)),
        calls=count(CallLog, of(CallLog, found)),
        attachments=count(Attachment, Attachment.case_id.in_(own)),
    )


def erase(ctx: Context, number: str, *, reason: str) -> Document:
    """Erase what is personal of a customer; the receipt.

    Raises `NotFound`, `ReasonNeeded`, `AlreadyErased`, `CasesRunning`, `CasesHeld`, `NotProvable`.
    """
    if not reason.strip():
        raise ReasonNeeded()
    found = customer(ctx, number)
    what = held(ctx, found)
    if found.receipt is not None:
        raise AlreadyErased(receipt=found.receipt)
    if what.running:
        raise CasesRunning(cases=", ".join(what.running))
    if what.on_hold:
        raise CasesHeld(cases=", ".join(what.on_hold))
    receipt = issuing.reserve(ctx)
    redactor = Redactor(
        personal_data.read(ctx.engine.settings.personal_data_file).erasing,
        _words(ctx, found),
        f"[erased {receipt}]",
    )
    changed = _redacted(ctx, what.cases, redactor)
    files = set(ctx.session.scalars(select(Attachment.digest).where(Attachment.case_id.in_(ids(found)))))
    gone = _archives(ctx, what.archived)
    document = issuing.write(
        ctx,
        receipt,
        "erasure",
        reason=reason.strip(),
        cases=[*what.cases, *what.archived],
        events=[(row.stream, row.seq, row.hash.hex(), left.hex()) for row, _, left in changed],
        told={
            "customer": number,
            "values": dict(sorted(redactor.erased.items())),
            "attachments": sorted(files),
            "archives": gone,
        },
    )
    if changed:
        ctx.session.connection().execute(
            update(HistoryEvent.__table__)
            .where(HistoryEvent.__table__.c.id == bindparam("event"))
            .values(payload=bindparam("left")),
            [{"event": row.id, "left": payload} for row, payload, _ in changed],
        )
    _erase_state(ctx, what.cases, redactor)
    _erase_records(ctx, found, receipt)
    unused = removing.unused(ctx, files)
    ctx.after_commit.append(partial(attachments.forget, ctx.engine, unused))
    for file in gone:
        ctx.after_commit.append(partial(archives.drop, ctx.engine, file))
    return document


def ids(found: Customer) -> Any:
    """Ids of the customer's cases, as a query."""
    return select(AftersalesCase.id).where(AftersalesCase.customer_id == found.id)


def of(table: Any, found: Customer) -> ColumnElement[bool]:
    """Of the customer or of a case of theirs."""
    return or_(table.customer_id == found.id, table.case_id.in_(ids(found)))


def _words(ctx: Context, found: Customer) -> set[str]:
    """What is known of the customer, wherever it occurs."""
    own = ids(found)
    elsewhere = (
        select(CustomerOrder.ship_to).where(CustomerOrder.customer_id == found.id),
        select(Parcel.address).where(Parcel.case_id.in_(own), Parcel.direction == "out"),
        select(Pickup.address).where(Pickup.case_id.in_(own)),
        select(CustomerMessage.recipient).where(of(CustomerMessage, found)),
    )
    known = {found.name, found.phone, found.email, found.address}
    return known.union(*(ctx.session.scalars(each) for each in elsewhere))


def _redacted(ctx: Context, numbers: Sequence[str], redactor: Redactor) -> list[tuple[Any, str, bytes]]:
    """The events that say something personal: the row, its payload without it, and the hash of what is left.

    Raises `NotProvable`."""
    streams = ctx.session.execute(
        select(ProcessInstance.id, ProcessInstance.business_key)
        .where(ProcessInstance.business_key.in_(numbers))
        .order_by(ProcessInstance.id)
        .with_for_update()
    ).all()
    counted = receipts.valid(ctx.session, seals.folder(ctx.engine))
    changed = []
    for stream, case in streams:
        for wrong in verifying.verify(ctx.session, stream, receipts=counted):
            raise NotProvable(case=case, reason=wrong.reason)
        previous = history.GENESIS
        for row in ctx.session.execute(
            select(HistoryEvent.__table__).where(HistoryEvent.stream == stream).order_by(HistoryEvent.seq)
        ):
            left = history.canonical(redactor.value(orjson.loads(row.payload)))
            if left != row.payload:
                hash_ = history.link(
                    previous,
                    stream=stream,
                    seq=row.seq,
                    at=row.at,
                    type=row.type,
                    actor=row.actor,
                    element_id=row.element_id,
                    activity_id=row.activity_id,
                    business_key=row.business_key,
                    payload=left,
                )
                changed.append((row, left, hash_))
            previous = bytes(row.hash)
    return changed


def _archives(ctx: Context, numbers: Sequence[str]) -> list[str]:
    """Files of the archives of these cases."""
    documents = ctx.session.scalars(
        select(Receipt.document).where(Receipt.kind == "removal", Receipt.cases.overlap(list(numbers)))
    )
    told = (each for document in documents for each in receipts.read(document).told["cases"])
    return sorted(each["file"] for each in told if each["case"] in numbers)


def _erase_state(ctx: Context, numbers: Sequence[str], redactor: Redactor) -> None:
    """What the engine keeps beside the history of finished cases."""
    for table, columns in (
        (ProcessInstance, ("variables",)),
        (UserTask, ("properties",)),
        (Job, ("inputs", "headers", "error")),
        (Incident, ("params", "message")),
    ):
        for row in ctx.session.scalars(select(table).where(table.business_key.in_(numbers))):
            for column in columns:
                kept = getattr(row, column)
                left = redactor.value(kept)
                if left != kept:
                    setattr(row, column, left)
    ctx.session.flush()
    instances = select(ProcessInstance.id).where(ProcessInstance.business_key.in_(numbers))
    for gone in (
        update(UserTask).where(UserTask.business_key.in_(numbers)).values(draft=None),
        delete(Message).where(Message.correlation_key.in_(numbers)),
        delete(MovedInstance).where(MovedInstance.instance_id.in_(instances)),
        delete(BackTestCase).where(BackTestCase.instance_id.in_(instances)),
    ):
        ctx.session.execute(gone, execution_options=_QUICK)


def _erase_records(ctx: Context, found: Customer, receipt: int) -> None:
    """What people wrote and sent, and the customer's own line; money and goods keep their numbers."""
    own = ids(found)
    mark = f"[erased {receipt}]"
    notices = removing.notices_of(own)
    for gone in (
        delete(StaffNoticeRead).where(StaffNoticeRead.notice_id.in_(notices)),
        delete(StaffNotice).where(StaffNotice.id.in_(notices)),
        update(Note).where(Note.case_id.in_(own)).values(text=mark),
        delete(CustomerMessage).where(of(CustomerMessage, found)),
        delete(Attachment).where(Attachment.case_id.in_(own)),
        update(CallLog).where(of(CallLog, found)).values(remark=""),
        update(Rating).where(of(Rating, found)).values(remark=""),
        update(RepairVisit).where(RepairVisit.case_id.in_(own)).values(work="", result=""),
        update(GoodsReceipt).where(GoodsReceipt.case_id.in_(own)).values(condition=""),
        update(WriteOff).where(WriteOff.case_id.in_(own)).values(remark="", photos=[]),
        update(Parcel).where(Parcel.case_id.in_(own)).values(address=""),
        update(Pickup).where(Pickup.case_id.in_(own)).values(address=""),
        update(CustomerOrder).where(CustomerOrder.customer_id == found.id).values(ship_to=""),
        update(AftersalesCase)
        .where(AftersalesCase.id.in_(own))
        .values(summary="", improvement="", return_contact="", return_address=""),
        update(Customer)
        .where(Customer.id == found.id)
        .values(
            name=mark,
            phone="",
            email="",
            address="",
            province="",
            city="",
            service_manager=None,
            receipt=receipt,
        ),
    ):
        ctx.session.execute(gone, execution_options=_QUICK)
