"""Money between its two forms: `Decimal` to the cent here and in the database, a JSON number in variables."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def cents(value: Any) -> Decimal:
    """An amount from a variable, to the cent; nothing is 0.

    Raises `ValueError` when it is no finite number.
    """
    if value is None or value == "":
        return ZERO
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is not an amount of money") from None
    if not amount.is_finite():
        raise ValueError(f"{value!r} is not an amount of money")
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def number(amount: Decimal | None) -> int | float | None:
    """An amount as a variable: whole amounts are integers, as FEEL gives them back."""
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)
