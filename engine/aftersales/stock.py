"""Stock: looked at, held for a case, issued and received.

Every piece that moves is one entry of the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import any_, func, insert, literal, select, update

from engine.aftersales import cases, numbers, products, serials, workers
from engine.aftersales.products import Item
from engine.aftersales.tables import (
    Product,
    StockLevel,
    StockMovement,
    StockReservation,
    StockReservationLine,
    Warehouse,
)
from engine.runtime.context import Context
from engine.runtime.jobs import BpmnError, Job
from engine.runtime.refusals import NotFound

_UNSYNCED = {"synchronize_session": False}
#: Goods a customer used before go back to stock as returned pieces, everything else as new ones.
_USED = frozenset({"return", "exchange", "old_part"})


def warehouse(ctx: Context, key: str | None, movement: str | None = None) -> Warehouse:
    """The warehouse of that key; without one the warehouse that takes this movement, else the default.

    Raises `NotFound`.
    """
    query = select(Warehouse)
    if key:
        query = query.where(Warehouse.key == key)
    else:
        query = query.where(
            Warehouse.is_default | (literal(movement or "") == any_(Warehouse.receives))
        ).order_by(Warehouse.is_default)
    row = ctx.session.scalars(query.limit(1)).one_or_none()
    if row is None:
        raise NotFound(what="warehouse", id=key or "default")
    return row


def check(ctx: Context, job: Job) -> dict[str, Any]:
    """`stock.check`: items, warehouse -> available, missing [{sku, quantity}]."""
    place = warehouse(ctx, job.inputs.get("warehouse"))
    missing = _missing(ctx, place, products.items(ctx, job.inputs.get("items")), lock=False)
    return {"available": not missing, "missing": missing}


def reserve(ctx: Context, job: Job) -> dict[str, Any]:
    """`stock.reserve`: items, warehouse -> reserved, reservation, missing. All items are held, or none."""
    place = warehouse(ctx, job.inputs.get("warehouse"))
    wanted = products.items(ctx, job.inputs.get("items"))
    missing = _missing(ctx, place, wanted, lock=True)
    if missing or not wanted:
        return {"reserved": False, "reservation": None, "missing": missing}
    case = cases.of(ctx, job)
    held = ctx.session.scalars(
        insert(StockReservation).returning(StockReservation),
        [
            {
                "number": numbers.following(ctx, "reservation"),
                "warehouse_id": place.id,
                "case_id": case.id if case else None,
                "created_at": ctx.now,
                "idempotency_key": job.idempotency_key,
            }
        ],
    ).one()
    ctx.session.execute(
        insert(StockReservationLine),
        [
            {"reservation_id": held.id, "product_id": item.product.id, "quantity": item.quantity}
            for item in wanted
        ],
    )
    for item in wanted:
        _hold(ctx, place.id, item.product.id, item.quantity)
    return {"reserved": True, "reservation": held.number, "missing": []}


def release(ctx: Context, job: Job) -> dict[str, Any]:
    """`stock.release`: reservation -> released; false when it was already issued or released, or is none."""
    ended = _end(ctx, job.inputs.get("reservation"), "released")
    return {"released": ended is not None}


def issue(ctx: Context, job: Job) -> dict[str, Any]:
    """`stock.issue`: items or reservation, kind, signedBy, person, warehouse -> movements, serials, belowMinimum.

    Throws OUT_OF_STOCK.
    """
    kind = str(job.inputs["kind"])
    reservation = _end(ctx, job.inputs.get("reservation"), "issued")
    wanted = products.items(ctx, job.inputs.get("items"))
    if reservation is not None:
        place = ctx.session.get_one(Warehouse, reservation.warehouse_id)
        wanted = _held(ctx, reservation, wanted)
    else:
        place = warehouse(ctx, job.inputs.get("warehouse"))
    if missing := _missing(ctx, place, wanted, lock=True):
        short = ", ".join(f"{entry['sku']}: {entry['quantity']}" for entry in missing)
        raise BpmnError("OUT_OF_STOCK", f"Missing in {place.name}: {short}", {"missing": missing})
    left = [(item, serials.issue(ctx, item)) for item in wanted]
    moved = move(
        ctx,
        "out",
        kind,
        place,
        left,
        job=job,
        signed_by=job.inputs.get("signedBy"),
        reservation_id=reservation.id if reservation else None,
    )
    return {
        "movements": moved,
        "serials": [serial for _, numbers_ in left for serial in numbers_],
        "belowMinimum": _below_minimum(ctx, [item.product.id for item in wanted]),
    }


def receive(ctx: Context, job: Job) -> dict[str, Any]:
    """`stock.receive`: items, kind, person, warehouse -> movements."""
    return {"movements": take_in(ctx, job, job.inputs.get("items") or [], str(job.inputs["kind"]))}


def take_in(ctx: Context, job: Job, items: Iterable[Any], kind: str) -> list[str]:
    """Take goods in; the numbers of the movements."""
    place = warehouse(ctx, job.inputs.get("warehouse"), kind)
    state = "returned" if kind in _USED else "in_stock"
    came = [(item, serials.receive(ctx, item, state=state)) for item in products.items(ctx, items)]
    return move(ctx, "in", kind, place, came, job=job)


def move(
    ctx: Context,
    direction: str,
    kind: str,
    place: Warehouse,
    goods: Sequence[tuple[Item, list[str]]],
    *,
    job: Job,
    signed_by: str | None = None,
    reservation_id: int | None = None,
) -> list[str]:
    """Write the journal (which moves the levels) and give the movements' numbers."""
    case = cases.of(ctx, job)
    rows = [
        {
            "number": numbers.following(ctx, "movement"),
            "direction": direction,
            "type": kind,
            "warehouse_id": place.id,
            "product_id": item.product.id,
            "quantity": item.quantity,
            "serials": pieces,
            "at": ctx.now,
            "person": workers.of(ctx, job),
            "signed_by": signed_by,
            "case_id": case.id if case else None,
            "reservation_id": reservation_id,
            "idempotency_key": job.idempotency_key,
        }
        for item, pieces in goods
    ]
    if rows:
        ctx.session.execute(insert(StockMovement), rows)
    return [row["number"] for row in rows]


def _missing(ctx: Context, place: Warehouse, wanted: Sequence[Item], *, lock: bool) -> list[dict[str, Any]]:
    """What the warehouse lacks.

    With `lock` the levels are held until the transaction ends, in product order.
    """
    query = (
        select(StockLevel.product_id, StockLevel.on_hand - StockLevel.reserved)
        .where(
            StockLevel.warehouse_id == place.id,
            StockLevel.product_id.in_([item.product.id for item in wanted]),
        )
        .order_by(StockLevel.product_id)
    )
    if lock:
        query = query.with_for_update()
    free = {product_id: pieces for product_id, pieces in ctx.session.execute(query)}
    return [
        {"sku": item.product.sku, "quantity": item.quantity - free.get(item.product.id, 0)}
        for item in wanted
        if item.quantity > free.get(item.product.id, 0)
    ]


def _hold(ctx: Context, warehouse_id: int, product_id: int, pieces: int) -> None:
    ctx.session.execute(
        update(StockLevel)
        .where(StockLevel.warehouse_id == warehouse_id, StockLevel.product_id == product_id)
        .values(reserved=StockLevel.reserved + pieces),
        execution_options=_UNSYNCED,
    )


def _end(ctx: Context, number: Any, state: str) -> StockReservation | None:
    """End a held reservation and free what it held; None when it is not held (any more)."""
    if not number:
        return None
    reservation_id = ctx.session.execute(
        update(StockReservation)
        .where(StockReservation.number == str(number), StockReservation.state == "held")
        .values(state=state, ended_at=ctx.now)
        .returning(StockReservation.id),
        execution_options=_UNSYNCED,
    ).scalar_one_or_none()
    if reservation_id is None:
        return None
    reservation = ctx.session.get_one(StockReservation, reservation_id, populate_existing=True)
    for line in _lines(ctx, reservation):
        _hold(ctx, reservation.warehouse_id, line.product_id, -line.quantity)
    return reservation


def _lines(ctx: Context, reservation: StockReservation) -> Sequence[StockReservationLine]:
    return ctx.session.scalars(
        select(StockReservationLine)
        .where(StockReservationLine.reservation_id == reservation.id)
        .order_by(StockReservationLine.product_id)
    ).all()


def _held(ctx: Context, reservation: StockReservation, recorded: Sequence[Item]) -> list[Item]:
    """What a reservation held, with the serial numbers that were recorded on picking."""
    noted = {item.product.id: item for item in recorded}
    return [
        Item(
            product=ctx.session.get_one(Product, line.product_id),
            quantity=line.quantity,
            serials=noted[line.product_id].serials if line.product_id in noted else (),
            replaces=noted[line.product_id].replaces if line.product_id in noted else None,
        )
        for line in _lines(ctx, reservation)
    ]


def _below_minimum(ctx: Context, product_ids: Sequence[int]) -> list[str]:
    """SKUs of which fewer pieces are free, over all warehouses, than their minimum."""
    free = func.coalesce(func.sum(StockLevel.on_hand - StockLevel.reserved), 0)
    return list(
        ctx.session.scalars(
            select(Product.sku)
            .outerjoin(StockLevel, StockLevel.product_id == Product.id)
            .where(Product.id.in_(product_ids))
            .group_by(Product.id)
            .having(free < Product.minimum_stock)
            .order_by(Product.sku)
        )
    )
