"""Products by SKU, and the `items` lists that stock, parcel and purchase handlers share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine.aftersales.tables import Product
from engine.runtime.context import Context


class UnknownProduct(LookupError):
    """A SKU nobody sells: somebody has to add the product or correct the input."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One entry of an `items` input."""

    product: Product
    quantity: int
    #: Serial numbers of the very pieces, where somebody recorded them.
    serials: tuple[str, ...] = ()
    #: Serial number of the piece these replace.
    replaces: str | None = None


def items(ctx: Context, wanted: Iterable[Mapping[str, Any]] | None) -> list[Item]:
    """The `items` input: one entry a product, in the order in which all handlers lock products.

    Entries without a quantity are left out. Raises `UnknownProduct`, and `ValueError` for a quantity that
    is no number of pieces.
    """
    merged: dict[str, dict[str, Any]] = {}
    for entry in wanted or []:
        pieces = _pieces(entry)
        if not pieces:
            continue
        known = merged.setdefault(str(entry["sku"]), {"quantity": 0, "serials": (), "replaces": None})
        known["quantity"] += pieces
        known["serials"] += _serials(entry.get("serials"))
        known["replaces"] = known["replaces"] or entry.get("replaces")
    found = {
        product.sku: product
        for product in ctx.session.scalars(select(Product).where(Product.sku.in_(merged)))
    }
    if missing := sorted(set(merged) - set(found)):
        raise UnknownProduct(f"There is no product with the SKU {missing[0]}")
    return sorted(
        (Item(product=found[sku], **values) for sku, values in merged.items()),
        key=lambda item: item.product.id,
    )


def _pieces(entry: Mapping[str, Any]) -> int:
    quantity = entry.get("quantity") or 0
    if quantity != int(quantity) or quantity < 0:
        raise ValueError(f"{quantity!r} is not a number of pieces ({entry.get('sku')})")
    return int(quantity)


def _serials(value: Any) -> tuple[str, ...]:
    """A list of serial numbers, or a text with one a line or between commas, as people type them."""
    if isinstance(value, str):
        value = value.replace(",", "\n").replace("，", "\n").splitlines()
    return tuple(str(serial).strip() for serial in value or () if serial and str(serial).strip())
