"""Stock: what moved in and out, and what is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from engine.aftersales.tables import AftersalesCase, Product, StockLevel, StockMovement, Warehouse
from engine.runtime.context import Context
from engine.store.tables import Person
from web import lists
from web.filters import Filters, days

Movement = StockMovement
SORTS: dict[str, ColumnElement[Any]] = {
    "at": Movement.at,
    "goods": Product.name,
    "quantity": Movement.quantity,
    "type": Movement.type,
}
_ON_HAND = func.coalesce(func.sum(StockLevel.on_hand), 0)
_RESERVED = func.coalesce(func.sum(StockLevel.reserved), 0)
_FREE = _ON_HAND - _RESERVED


@dataclass(frozen=True, kw_only=True)
class Filter(Filters):
    """What the movements are narrowed to."""

    #: "in" or "out".
    direction: str = ""
    type: str = ""
    warehouse: str = ""
    person: str = ""
    at_from: str = ""
    at_to: str = ""


@dataclass(frozen=True, kw_only=True)
class LevelFilter(Filters):
    """What the levels are narrowed to."""

    warehouse: str = ""
    #: "short" for what is below its minimum.
    level: str = ""


def page(
    ctx: Context, chosen: Filter, sort: lists.Sort, *, after: str | None, size: int = lists.PAGE
) -> lists.Page:
    """One page of movements, in one statement."""
    query, by = rows(ctx, chosen), SORTS[sort.key]
    return lists.sorted_page(ctx.session, query, sort, by=by, key=Movement.id, after=after, size=size)


def whole(ctx: Context, chosen: Filter, sort: lists.Sort) -> Select[Any]:
    """All of them, for a file."""
    return lists.whole(rows(ctx, chosen), sort, by=SORTS[sort.key], key=Movement.id)


def rows(ctx: Context, chosen: Filter) -> Select[Any]:
    """The movements that fit, unordered."""
    return (
        select(
            Movement.id,
            Movement.number,
            Movement.direction,
            Movement.type,
            Movement.quantity,
            Movement.serials,
            Movement.at,
            Movement.signed_by,
            func.coalesce(Person.name, Movement.person).label("who"),
            Movement.person,
            Product.sku,
            Product.name,
            Product.name_zh,
            Warehouse.name.label("warehouse"),
            Warehouse.name_zh.label("warehouse_zh"),
            AftersalesCase.number.label("case_number"),
        )
        .join(Product, Product.id == Movement.product_id)
        .join(Warehouse, Warehouse.id == Movement.warehouse_id)
        .outerjoin(Person, Person.key == Movement.person)
        .outerjoin(AftersalesCase, AftersalesCase.id == Movement.case_id)
        .where(*_narrowed(ctx, chosen))
    )


def _narrowed(ctx: Context, chosen: Filter) -> list[ColumnElement[bool]]:
    equal = {
        Movement.direction: chosen.direction,
        Movement.type: chosen.type,
        Warehouse.key: chosen.warehouse,
        Movement.person: chosen.person,
    }
    conditions: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value]
    conditions += days(ctx, Movement.at, chosen.at_from, chosen.at_to)
    if chosen.q:
        conditions.append(
            or_(
                *_goods(chosen.q),
                AftersalesCase.number.icontains(chosen.q, autoescape=True),
                Movement.number.icontains(chosen.q, autoescape=True),
                Movement.serials.contains([chosen.q]),
            )
        )
    return conditions


def _goods(text: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Product.sku.icontains(text, autoescape=True),
        Product.name.icontains(text, autoescape=True),
        Product.name_zh.icontains(text, autoescape=True),
    )


def levels(ctx: Context, chosen: LevelFilter, *, after: str | None, size: int = lists.PAGE) -> lists.Page:
    """What lies in all warehouses, or in one, by product; `short` tells what is below its minimum."""
    query = lists.seek(
        level_rows(chosen).add_columns(Product.sku.label("sorted_by")),
        by=Product.sku,
        key=Product.id,
        descending=False,
        after=after,
    )
    found = ctx.session.execute(query.limit(size + 1)).all()
    return lists.page(found, value=lambda row: row.sorted_by, key=lambda row: row.id, size=size, after=after)


def level_rows(chosen: LevelFilter) -> Select[Any]:
    """The levels that fit, unordered."""
    short = Product.minimum_stock > _FREE
    query = (
        select(
            Product.id,
            Product.sku,
            Product.name,
            Product.name_zh,
            Product.kind,
            Product.minimum_stock,
            _ON_HAND.label("on_hand"),
            _RESERVED.label("reserved"),
            _FREE.label("free"),
            short.label("short"),
        )
        .outerjoin(StockLevel, StockLevel.product_id == Product.id)
        .outerjoin(Warehouse, Warehouse.id == StockLevel.warehouse_id)
        .where(Product.active)
        .group_by(Product.id)
        .having(or_(_ON_HAND > 0, Product.minimum_stock > 0))
    )
    if chosen.warehouse:
        query = query.where(Warehouse.key == chosen.warehouse)
    if chosen.q:
        query = query.where(or_(*_goods(chosen.q)))
    return query.having(short) if chosen.level == "short" else query


def types(ctx: Context) -> list[str]:
    """Kinds of movement there have been."""
    return list(ctx.session.scalars(select(Movement.type).distinct().order_by(Movement.type)))


def people(ctx: Context) -> list[tuple[str, str]]:
    """(key, name) of those who moved goods, for a filter."""
    moved = select(Movement.person).distinct()
    return [
        (key, name)
        for key, name in ctx.session.execute(
            select(Person.key, Person.name).where(Person.key.in_(moved)).order_by(Person.name)
        )
    ]


def warehouses(ctx: Context) -> list[tuple[str, str]]:
    """(key, name in the actor's language), for a filter."""
    found = ctx.session.execute(
        select(Warehouse.key, Warehouse.name, Warehouse.name_zh).order_by(Warehouse.name)
    )
    return [(row.key, (row.name_zh if ctx.actor.language == "zh" else "") or row.name) for row in found]
