"""Rows of a CSV as values of our fields: text, whole numbers, money, moments, yes or no."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.aftersales.imports import mapping as mappings
from engine.aftersales.money import CENT

#: What may stand between groups of three digits, besides the mark that is not the decimal one.
_BLANKS = r"\s'’"
#: Below what a quantity and an amount can be in the database, and far above what any shop sells.
_MOST_PIECES, _MOST_MONEY = 1_000_000_000, Decimal(10) ** 11
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_YES, _NO = frozenset({"yes", "true", "1", "y", "是"}), frozenset({"no", "false", "0", "n", "否"})


class BadValue(ValueError):
    """A value that cannot be what its field is; the message is for whoever keeps the file."""


class Reader:
    """Reads values as one mapping writes them."""

    def __init__(self, mapping: mappings.Mapping, zone: ZoneInfo) -> None:
        self._mapping = mapping
        group = f"[{_BLANKS}{',' if mapping.decimal == '.' else '.'}]"
        self._number = re.compile(
            rf"[+-]?(\d+|\d{{1,3}}({group}\d{{3}})+)({re.escape(mapping.decimal)}\d+)?", re.ASCII
        )
        self._zone = ZoneInfo(mapping.zone) if mapping.zone else zone

    def row(self, raw: Mapping[str, str], fields: Mapping[str, Field]) -> dict[str, Any]:
        """Our values of their row. Raises `BadValue` naming the field."""
        values = {}
        for name, field in fields.items():
            column = self._mapping.columns.get(name, name)
            text = (raw.get(column) or "").strip() or self._mapping.defaults.get(name, "")
            if not text:
                if field.required:
                    raise BadValue(f"{column} is empty")
                values[name] = field.empty
                continue
            try:
                values[name] = field.read(self, text)
            except BadValue as error:
                raise BadValue(f"{column}: {error}") from error
        return values

    def text(self, text: str) -> str:
        """Text with runs of blanks made one."""
        if "\0" in text:
            raise BadValue("it holds a character that is no text (NUL)")
        return " ".join(text.split())

    def key(self, text: str) -> str:
        """A key as decision tables compare it: small letters, digits and underscores."""
        if not _KEY.fullmatch(text):
            raise BadValue(f"“{text}” is not a key of small letters, digits and _")
        return text

    def number(self, text: str) -> Decimal:
        """A decimal number by the mapping's decimal mark; groups of thousands are three digits or it is none."""
        if not self._number.fullmatch(text):
            raise BadValue(f"“{text}” is not a number with the decimal mark “{self._mapping.decimal}”")
        whole, _, fraction = text.partition(self._mapping.decimal)
        sign = "-" if whole.startswith("-") else ""
        return Decimal(f"{sign}{re.sub(r'[^0-9]', '', whole)}.{fraction or 0}")

    def money(self, text: str) -> Decimal:
        """An amount to the cent, not below zero."""
        amount = self.number(text)
        if not 0 <= amount < _MOST_MONEY:
            raise BadValue(f"“{text}” is {'below zero' if amount < 0 else 'too large for an amount'}")
        if amount != amount.quantize(CENT):
            raise BadValue(f"“{text}” has more than two decimals")
        return amount.quantize(CENT)

    def whole(self, text: str) -> int:
        """A whole number, not below zero."""
        number = self.number(text)
        if number != number.to_integral_value() or not 0 <= number < _MOST_PIECES:
            raise BadValue(f"“{text}” is not a whole number from 0")
        return int(number)

    def pieces(self, text: str) -> int:
        """A whole number from 1."""
        number = self.whole(text)
        if number == 0:
            raise BadValue("0 pieces")
        return number

    def moment(self, text: str) -> datetime:
        """A moment; without a zone of its own it is in the mapping's."""
        form = self._mapping.date
        try:
            at = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007
        except ValueError:
            raise BadValue(f"“{text}” is not a date of the form {form}") from None
        return at if at.tzinfo else at.replace(tzinfo=self._zone)

    def flag(self, text: str) -> bool:
        """Yes or no."""
        word = text.casefold()
        if word in _YES or word in _NO:
            return word in _YES
        raise BadValue(f"“{text}” is neither yes nor no")


class Field:
    """One field of ours: how it is read, and what it is when a row has nothing."""

    def __init__(
        self, read: Callable[[Reader, str], Any], *, required: bool = False, empty: Any = None
    ) -> None:
        self.read, self.required, self.empty = read, required, empty


def one_of(*allowed: str) -> Callable[[Reader, str], str]:
    """A reader of keys from a closed list."""

    def read(_reader: Reader, text: str) -> str:
        if text not in allowed:
            raise BadValue(f"“{text}” is not one of {', '.join(allowed)}")
        return text

    return read
