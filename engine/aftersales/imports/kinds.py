"""What each kind of file holds and how it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.aftersales.imports import goods, orders, people, pieces
from engine.aftersales.imports.rows import Field
from engine.runtime.context import Context

if TYPE_CHECKING:
    from engine.aftersales.imports.files import Report

Rows = list[tuple[int, dict[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of file."""

    fields: dict[str, Field]
    #: Writes the rows; adds what is wrong with them to the report.
    write: Callable[[Context, Rows, Report], None]


KINDS = {
    "customers": Kind(fields=people.FIELDS, write=people.write),
    "products": Kind(fields=goods.PRODUCTS, write=goods.write_products),
    "serials": Kind(fields=pieces.FIELDS, write=pieces.write),
    "stock": Kind(fields=goods.STOCK, write=goods.write_stock),
    "orders": Kind(fields=orders.FIELDS, write=orders.write),
}
