"""Numbers as people type and read them. Exact: Decimal inside, JSON numbers outside."""

import re
import unicodedata
from decimal import Decimal

#: More digits than any amount or measure has; keeps hostile input cheap.
MAX_LENGTH = 40

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_GROUPED_POINTS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+|[+-]?\d{1,3}(\.\d{3}){2,}")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_SPACES = re.compile(r"[\s'’_]")


def parse(text: str) -> Decimal | None:
    """The number a person typed, None when it is none.

    Takes full-width digits, currency signs, grouping by comma, space or apostrophe, and a decimal comma where
    it cannot be a thousands mark: "1,234.50", "１２３４．５", "¥ 1 234,50".
    """
    text = unicodedata.normalize("NFKC", text).replace("−", "-").replace("。", ".")
    text = "".join(c for c in text if unicodedata.category(c) != "Sc").removesuffix("元")
    text = _SPACES.sub("", text)
    if len(text) > MAX_LENGTH:
        return None
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif _GROUPED_POINTS.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    return Decimal(text) if _PLAIN.fullmatch(text) else None


def exact(value: int | float | str | Decimal) -> Decimal:
    """A JSON number as the decimal it was written as (0.1 is 0.1)."""
    return (
        value if isinstance(value, Decimal) else Decimal(repr(value) if isinstance(value, float) else value)
    )


def plain(value: Decimal) -> int | float:
    """The JSON number of a decimal: int when integral, else the nearest double."""
    return int(value) if value == value.to_integral_value() else float(value)


def decimals(value: Decimal) -> int:
    """How many digits stand after the point, trailing zeros aside."""
    return max(0, -int(value.normalize().as_tuple().exponent))


def typed(value: int | float | Decimal, digits: int | None = None) -> str:
    """A number as it stands in an input: no grouping; padded to `digits` decimals, never rounded."""
    number = exact(value)
    return f"{number:.{max(digits or 0, decimals(number))}f}"


def spoken(value: int | float | Decimal, digits: int | None = None) -> str:
    """A number as it is read: grouped in thousands, padded like `typed`."""
    number = exact(value)
    return f"{number:,.{max(digits or 0, decimals(number))}f}"
