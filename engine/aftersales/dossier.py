"""A case as one document of plain values: what the paper forms of a procedure may read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Select, func, select

from engine.aftersales import orders
from engine.aftersales.money import number
from engine.aftersales.tables import (
    AftersalesCase,
    CallLog,
    CaseLine,
    Charge,
    Compensation,
    Customer,
    CustomerOrder,
    GoodsReceipt,
    OrderLine,
    Parcel,
    Product,
    Rating,
    Refund,
    RepairVisit,
    Revisit,
    SerialNumber,
    Shop,
    StockMovement,
    WriteOff,
)
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound
from engine.store.tables import HistoryEvent, Person, ProcessInstance, UserTask


def read(ctx: Context, case_number: str) -> dict[str, Any]:
    """Everything about a case, in JSON values. Raises `NotFound`.

    `case`, `customer`, `order`, `lines`, `product`, `shop`; lists, oldest first: `refunds`, `charges`,
    `compensations`, `writeOffs`, `movements`, `visits`, `receipts`, `calls`, `ratings`, `revisits`, `parcels`;
    `steps` [{step, person, at, outcome}]; `vars`: what forms and rules gave, over all steps and called procedures.
    """
    case = ctx.session.scalar(select(AftersalesCase).where(AftersalesCase.number == case_number))
    if case is None:
        raise NotFound(what="case", id=case_number)
    person = func.coalesce(Person.name, "")
    return {
        "case": {name: value for name, value in _row(case).items() if name != "idempotencyKey"},
        "customer": _one(ctx, select(Customer).where(Customer.id == case.customer_id)),
        "order": _order(ctx, case),
        "shop": _named(ctx, _one(ctx, select(Shop).where(Shop.id == case.shop_id))),
        "product": _product(ctx, case),
        "lines": _rows(
            ctx,
            select(
                OrderLine.line,
                Product.sku,
                (_chinese if ctx.actor.language == "zh" else OrderLine.name).label("name"),
                Product.model,
                OrderLine.unit_price,
                OrderLine.quantity.label("bought"),
                OrderLine.paid_amount,
                CaseLine.quantity,
            )
            .join(CaseLine, CaseLine.order_line_id == OrderLine.id)
            .join(Product, Product.id == OrderLine.product_id)
            .where(CaseLine.case_id == case.id)
            .order_by(OrderLine.line),
        ),
        "visits": _rows(
            ctx,
            select(
                RepairVisit.appointed_at,
                RepairVisit.arrived_at,
                RepairVisit.work,
                RepairVisit.parts,
                RepairVisit.hours,
                RepairVisit.result,
                person.label("technician"),
            )
            .outerjoin(Person, Person.key == RepairVisit.technician)
            .where(RepairVisit.case_id == case.id)
            .order_by(RepairVisit.id),
        ),
        "movements": _rows(
            ctx,
            select(
                StockMovement.number,
                StockMovement.direction,
                StockMovement.type,
                StockMovement.quantity,
                StockMovement.serials,
                StockMovement.at,
                StockMovement.signed_by,
                Product.sku,
                Product.name,
            )
            .join(Product, Product.id == StockMovement.product_id)
            .where(StockMovement.case_id == case.id)
            .order_by(StockMovement.id),
        ),
        "calls": _rows(
            ctx,
            select(CallLog.at, CallLog.outcome, CallLog.remark, person.label("person"))
            .outerjoin(Person, Person.key == CallLog.person)
            .where(CallLog.case_id == case.id)
            .order_by(CallLog.id),
        ),
        "steps": _rows(
            ctx,
            select(
                UserTask.name.label("step"),
                UserTask.outcome,
                UserTask.ended_at.label("at"),
                person.label("person"),
            )
            .outerjoin(Person, Person.key == UserTask.completed_by)
            .where(UserTask.business_key == case_number, UserTask.state == "completed")
            .order_by(UserTask.ended_at, UserTask.id),
        ),
        **{name: _records(ctx, table, case.id) for name, table in _RECORDS.items()},
        "vars": _variables(ctx, case_number),
    }


_chinese = func.coalesce(func.nullif(Product.name_zh, ""), OrderLine.name)
_RECORDS = {
    "refunds": Refund,
    "charges": Charge,
    "compensations": Compensation,
    "writeOffs": WriteOff,
    "receipts": GoodsReceipt,
    "ratings": Rating,
    "revisits": Revisit,
    "parcels": Parcel,
}


def _records(ctx: Context, table: Any, case_id: int) -> list[dict[str, Any]]:
    return [
        _row(row)
        for row in ctx.session.scalars(select(table).where(table.case_id == case_id).order_by(table.id))
    ]


def _one(ctx: Context, query: Select[Any]) -> dict[str, Any] | None:
    row = ctx.session.scalars(query).one_or_none()
    return _row(row) if row is not None else None


def _order(ctx: Context, case: AftersalesCase) -> dict[str, Any] | None:
    order = ctx.session.get(CustomerOrder, case.order_id) if case.order_id else None
    return orders.variables(ctx, order) if order is not None else None


def _product(ctx: Context, case: AftersalesCase) -> dict[str, Any] | None:
    if case.product_id is None:
        return None
    product = _one(ctx, select(Product).where(Product.id == case.product_id))
    piece = _one(ctx, select(SerialNumber).where(SerialNumber.id == case.serial_number_id))
    return {
        **(product or {}),
        "serialNumber": piece["number"] if piece else None,
        "deliveredAt": piece and piece["deliveredAt"],
    }


def _named(ctx: Context, row: dict[str, Any] | None) -> dict[str, Any] | None:
    """A row whose `name` is the reader's."""
    chinese = row.get("nameZh") if row and ctx.actor.language == "zh" else None
    return {**row, "name": chinese} if row and chinese else row


def _rows(ctx: Context, query: Select[Any]) -> list[dict[str, Any]]:
    return [
        {_camel(name): _plain(value) for name, value in row.items()}
        for row in ctx.session.execute(query).mappings()
    ]


def _row(row: Any) -> dict[str, Any]:
    return {_camel(column.key): _plain(getattr(row, column.key)) for column in row.__table__.columns}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return number(value)
    return value.isoformat() if isinstance(value, datetime | date) else value


def _variables(ctx: Context, case_number: str) -> dict[str, Any]:
    """Variables of the case's instances, what they began with and the answers given; later wins, nothing never does."""
    stored = ctx.session.scalars(
        select(ProcessInstance.variables)
        .where(ProcessInstance.business_key == case_number)
        .order_by(ProcessInstance.parent_id.nulls_last(), ProcessInstance.id)
    )
    answers = ctx.session.scalars(
        select(HistoryEvent.payload)
        .where(
            HistoryEvent.business_key == case_number,
            HistoryEvent.type.in_(("ProcessInstanceStarted", "UserTaskCompleted")),
        )
        .order_by(HistoryEvent.id)
    )
    given = (orjson.loads(payload) for payload in answers)
    return _merged([*(event.get("variables") or event.get("values") or {} for event in given), *stored])


def _merged(documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for document in documents:
        for name, value in document.items():
            known = whole.get(name)
            if isinstance(value, Mapping) and isinstance(known, Mapping):
                whole[name] = _merged([known, value])
            elif value not in (None, "", [], {}) or name not in whole:
                whole[name] = value
    return whole
