"""What an application says: the facts every case keeps, read from the variables its procedure begins with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.aftersales.money import cents

#: Not the applicant's own words.
_LOOKED_UP = frozenset({"customer", "order"})


@dataclass(frozen=True, kw_only=True)
class Application:
    """The facts of an application; empty where it says nothing."""

    order_number: str
    serial_number: str
    sku: str
    #: Key of the shop, where there is no order to tell.
    shop: str
    #: Number of the case it is about.
    about: str
    channel: str
    urgency: str
    category: str
    #: Reason key.
    reason: str
    #: The problem in the customer's words.
    summary: str
    amount_asked: Decimal | None
    #: Order line -> pieces.
    lines: Mapping[int, int]


def read(variables: Mapping[str, Any]) -> Application:
    """Read an application: each fact at the outermost level or, failing that, inside one of the form's groups."""
    asked = variables.get("amountAsked")
    return Application(
        order_number=_text(variables, "orderNumber").strip(),
        serial_number=_text(variables, "serialNumber").strip(),
        sku=_text(variables, "sku"),
        shop=_text(variables, "shop"),
        about=_text(variables, "aboutCase").strip(),
        channel=_text(variables, "channel"),
        urgency=_text(variables, "urgency"),
        category=_text(variables, "category"),
        reason=_text({"request": variables.get("request")}, "reason"),
        summary=_text(variables, "problem", "description", "remark"),
        amount_asked=cents(asked) if asked is not None else None,
        lines=_lines(variables),
    )


def _text(variables: Mapping[str, Any], *names: str) -> str:
    for group in _groups(variables):
        for name in names:
            value = group.get(name)
            if isinstance(value, str) and value.strip():
                return value
    return ""


def _groups(variables: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield variables
    for name, value in variables.items():
        if isinstance(value, Mapping) and name not in _LOOKED_UP:
            yield value


def _lines(variables: Mapping[str, Any]) -> dict[int, int]:
    """`request.lines` [{line, quantity}], or `line` for one piece of one line."""
    request = variables.get("request")
    wanted = request.get("lines") if isinstance(request, Mapping) else None
    if not isinstance(wanted, list):
        wanted = (
            [{"line": variables["line"], "quantity": 1}] if isinstance(variables.get("line"), int) else []
        )
    asked: dict[int, int] = {}
    for item in wanted:
        line, quantity = item.get("line"), item.get("quantity")
        if isinstance(line, int) and isinstance(quantity, int):
            asked[line] = asked.get(line, 0) + quantity
    return asked
