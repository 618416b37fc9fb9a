"""Lists of the business that forms let people choose from, by the variable name that forms use."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine.aftersales import reasons
from engine.aftersales.tables import Carrier, Shop, Warehouse
from engine.runtime.context import Context
from engine.runtime.registry import Registry


def register(registry: Registry) -> None:
    """Offer all lists."""
    registry.offer("reasons", lambda ctx, process_key: reasons.options(ctx, process_key, ctx.actor.language))
    registry.offer(
        "carriers", lambda ctx, _process_key: _named(ctx, Carrier, Carrier.active, Carrier.position)
    )
    registry.offer("shops", lambda ctx, _process_key: _named(ctx, Shop, True, Shop.key))
    registry.offer("warehouses", lambda ctx, _process_key: _named(ctx, Warehouse, True, Warehouse.key))


def _named(ctx: Context, table: Any, shown: Any, position: Any) -> list[dict[str, Any]]:
    rows = ctx.session.execute(select(table.key, table.name, table.name_zh).where(shown).order_by(position))
    zh = ctx.actor.language == "zh"
    return [{"value": row.key, "label": (row.name_zh if zh else "") or row.name} for row in rows]
