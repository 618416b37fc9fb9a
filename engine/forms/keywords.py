"""The JSON Schema vocabulary of forms: draft 2020-12, with keywords and formats of our own."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from engine.forms import accept, dates, numbers
from engine.forms.values import Unreadable

_EMAIL = re.compile(r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+")
# Domestic numbers too: form-js takes international ones only.
_PHONE = re.compile(r"\+?[\d\s().-]{5,24}((ext\.?|x|转)\s*\d{1,6})?", re.IGNORECASE)


def _keyword(holds: Callable[[Any, Any], bool]) -> Callable[..., Iterator[ValidationError]]:
    def check(_validator: Any, limit: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
        if not holds(limit, instance):
            yield ValidationError("not as it must be")

    return check


def _compared(limits: list[tuple[str, str]], text: Any, holds: Callable[[Any, Any], bool]) -> bool:
    for limit, zone in limits:
        bound = dates.comparable(limit, zone)
        value = dates.comparable(text, zone) if isinstance(text, str) else None
        if bound is not None and value is not None and not holds(value, bound):
            return False
    return True


def _accepted(allowed: str, file: Any) -> bool:
    if not isinstance(file, Mapping):
        return True
    return accept.allows(allowed, str(file.get("name", "")), str(file.get("type", "")))


def _in_steps(step: Decimal, value: Any) -> bool:
    if not isinstance(value, Decimal):
        return True
    try:
        return value % step == 0
    except InvalidOperation:
        return False  # more digits than a division keeps: nothing that a step could reach


Validator = extend(
    Draft202012Validator,
    {
        "multipleOf": _keyword(_in_steps),
        "decimalDigits": _keyword(lambda n, v: not isinstance(v, Decimal) or numbers.decimals(v) <= n),
        "moment": _keyword(lambda _, v: isinstance(v, str) and not isinstance(v, Unreadable)),
        "earliest": _keyword(lambda limits, v: _compared(limits, v, lambda a, b: a >= b)),
        "latest": _keyword(lambda limits, v: _compared(limits, v, lambda a, b: a <= b)),
        "accept": _keyword(_accepted),
        "holds": _keyword(lambda truth, _: truth),
    },
)

FORMATS = FormatChecker(formats=())
FORMATS.checks("email")(lambda text: not isinstance(text, str) or _EMAIL.fullmatch(text) is not None)
FORMATS.checks("phone")(
    lambda text: (
        not isinstance(text, str) or (_PHONE.fullmatch(text) is not None and sum(map(str.isdigit, text)) >= 5)
    )
)
