"""Reference data: shops, warehouses, carriers, return reasons and the price list of work an installation begins with."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from engine.aftersales.tables import Carrier, PriceListItem, ReturnReason, Shop, Warehouse
from engine.runtime import history
from engine.runtime.context import Context

#: Long before any order: the price list's first prices have always held.
_ALWAYS = date(2000, 1, 1)


def read(path: Path) -> dict[str, Any]:
    """The reference data of a TOML file, config/reference.toml as shipped."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def load(ctx: Context, document: Mapping[str, Any]) -> bool:
    """Write reference data where there is none yet; whether anything was written."""
    if ctx.session.scalar(select(Shop.id).limit(1)) is not None:
        return False
    _insert(ctx, Shop, document["shops"])
    _insert(ctx, Warehouse, document["warehouses"])
    _insert(ctx, Carrier, _numbered(document["carriers"]))
    _insert(ctx, ReturnReason, _numbered(document["reasons"]))
    _insert(ctx, PriceListItem, [{"valid_from": _ALWAYS, **price} for price in document["prices"]])
    history.record_organisation(
        ctx, "ReferenceDataLoaded", counts={name: len(rows) for name, rows in document.items()}
    )
    return True


def _insert(ctx: Context, table: Any, rows: list[dict[str, Any]]) -> None:
    """One statement a row: rows leave different columns to their defaults."""
    for row in rows:
        ctx.session.execute(insert(table).values(row))


def _numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"position": position, **row} for position, row in enumerate(rows, start=1)]
