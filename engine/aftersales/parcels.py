"""Parcels: sent, announced by the buyer, intercepted; and pickups at the buyer's door."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, or_, select, update

from engine.aftersales import cases, numbers, orders, products
from engine.aftersales.tables import AftersalesCase, Carrier, Customer, Parcel, ParcelLine, Pickup
from engine.runtime.context import Context
from engine.runtime.jobs import BpmnError, Job
from engine.runtime.refusals import NotFound

_MINUTE = timedelta(minutes=1)


def carrier(ctx: Context, name: Any, *, picks_up: bool = False) -> Carrier | None:
    """The carrier of that key or name; without one the first (that picks up). None for a stranger."""
    query = select(Carrier).where(Carrier.active).order_by(Carrier.position, Carrier.id).limit(1)
    if name:
        wanted = str(name).strip()
        query = query.where(or_(Carrier.key == wanted, Carrier.name == wanted, Carrier.name_zh == wanted))
    if picks_up:
        query = query.where(Carrier.picks_up)
    return ctx.session.scalars(query).one_or_none()


def ship(ctx: Context, job: Job) -> dict[str, Any]:
    """`parcel.ship`: items, carrier, tracking, to -> parcel.

    Without a tracking number the parcel's own serves.
    """
    case = cases.of(ctx, job)
    row = _insert(
        ctx,
        job,
        "out",
        case=case,
        tracking=str(job.inputs.get("tracking") or ""),
        address=str(job.inputs.get("to") or _address(ctx, case)),
    )
    goods = products.items(ctx, job.inputs.get("items"))
    if goods:
        ctx.session.execute(
            insert(ParcelLine),
            [
                {
                    "parcel_id": row.id,
                    "product_id": item.product.id,
                    "quantity": item.quantity,
                    "serials": list(item.serials),
                }
                for item in goods
            ],
        )
    return {"parcel": _variable(ctx, row)}


def register(ctx: Context, job: Job) -> dict[str, Any]:
    """`parcel.register`: direction (inbound, outbound), carrier, tracking -> parcel."""
    direction = "out" if job.inputs.get("direction") == "outbound" else "in"
    row = _insert(ctx, job, direction, case=cases.of(ctx, job), tracking=str(job.inputs["tracking"]).strip())
    return {"parcel": _variable(ctx, row)}


def intercept(ctx: Context, job: Job) -> dict[str, Any]:
    """`parcel.intercept`: orderNumber -> parcel; `intercepted` is false once it was delivered or never sent.

    Throws ORDER_NOT_FOUND.
    """
    try:
        order = orders.by_number(ctx, str(job.inputs.get("orderNumber") or ""))
    except NotFound as refusal:
        raise BpmnError("ORDER_NOT_FOUND", str(refusal)) from refusal
    row = ctx.session.scalars(
        select(Parcel)
        .where(Parcel.order_id == order.id, Parcel.direction == "out")
        .order_by(Parcel.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None and order.shipped_at is not None:
        # The shop's export said that it was shipped, not with which parcel.
        row = _insert(ctx, job, "out", case=None, tracking="", order_id=order.id, shipped_at=order.shipped_at)
    under_way = order.shipped_at is not None and order.received_at is None
    if row is None or row.delivered_at is not None or not under_way:
        return {"parcel": {**(_variable(ctx, row) if row else {}), "intercepted": False}}
    ctx.session.execute(
        update(Parcel).where(Parcel.id == row.id).values(intercepted_at=row.intercepted_at or ctx.now),
        execution_options={"synchronize_session": False},
    )
    return {"parcel": {**_variable(ctx, row), "intercepted": True}}


def book_pickup(ctx: Context, job: Job) -> dict[str, Any]:
    """`pickup.book`: address, from (not before; ISO) -> pickup {number, carrier, at}.

    The carrier comes at the beginning of the next working time. Raises `NotFound` when no carrier picks up.
    """
    fetching = carrier(ctx, job.inputs.get("carrier"), picks_up=True)
    if fetching is None:
        raise NotFound(what="carrier that picks up", id=job.inputs.get("carrier") or "")
    case = cases.of(ctx, job)
    earliest = job.inputs.get("from")
    at = ctx.engine.feel.instant(earliest) if isinstance(earliest, str) else ctx.now
    if not ctx.engine.calendar.is_working(at):
        # One minute into the next working time, less that minute: its beginning.
        at = ctx.engine.calendar.add_working_time(at, _MINUTE) - _MINUTE
    row = ctx.session.scalars(
        insert(Pickup).returning(Pickup),
        [
            {
                "number": numbers.following(ctx, "pickup"),
                "case_id": case.id if case else None,
                "carrier_id": fetching.id,
                "address": str(job.inputs.get("address") or _address(ctx, case)),
                "at": at,
                "booked_at": ctx.now,
                "idempotency_key": job.idempotency_key,
            }
        ],
    ).one()
    return {
        "pickup": {
            "number": row.number,
            "carrier": fetching.name,
            "address": row.address,
            "at": row.at.astimezone(ctx.organisation.tzinfo).isoformat(),
        }
    }


def _insert(
    ctx: Context,
    job: Job,
    direction: str,
    *,
    case: AftersalesCase | None,
    tracking: str,
    address: str = "",
    order_id: int | None = None,
    shipped_at: datetime | None = None,
) -> Parcel:
    known = carrier(ctx, job.inputs.get("carrier"))
    parcel_number = numbers.following(ctx, "parcel")
    return ctx.session.scalars(
        insert(Parcel).returning(Parcel),
        [
            {
                "number": parcel_number,
                "direction": direction,
                "carrier_id": known.id if known else None,
                "carrier_name": "" if known else str(job.inputs.get("carrier") or "-"),
                "tracking": tracking or parcel_number,
                "order_id": order_id,
                "case_id": case.id if case else None,
                "address": address,
                "shipped_at": shipped_at or ctx.now,
                "idempotency_key": job.idempotency_key,
            }
        ],
    ).one()


def _address(ctx: Context, case: AftersalesCase | None) -> str:
    if case is None or case.customer_id is None:
        return ""
    return ctx.session.get_one(Customer, case.customer_id).address


def _variable(ctx: Context, row: Parcel) -> dict[str, Any]:
    known = ctx.session.get(Carrier, row.carrier_id) if row.carrier_id else None
    return {
        "number": row.number,
        "carrier": known.name if known else row.carrier_name,
        "tracking": row.tracking,
        "shippedAt": row.shipped_at.astimezone(ctx.organisation.tzinfo).isoformat(),
    }
