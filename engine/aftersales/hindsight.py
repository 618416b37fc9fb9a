"""What is known of a service task's work without doing it, for back-tests: what it pays, what it would have answered."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.aftersales import refund_ledger
from engine.aftersales.money import ZERO, cents, number
from engine.aftersales.refunds import deducted
from engine.runtime.registry import Hindsight

Values = Mapping[str, Any]

#: Inputs of `refund.compute` that only change what is deducted, never what the goods were worth.
_DEDUCTIONS = ("serviceFee", "deductions")


def of(type_: str) -> Hindsight:
    """What is known of a service-task type."""
    return _KNOWN.get(type_, Hindsight())


def _computed(inputs: Values, before: Values, result: Values) -> Values | None:
    """`refund.compute` with other deductions; goods and shipping were what they were."""
    if _without(inputs, _DEDUCTIONS) != _without(before, _DEDUCTIONS):
        return None
    refund = result["refund"]
    goods, shipping = cents(refund["goods"]), cents(refund["shipping"])
    deductions = deducted(inputs, goods=goods, most=goods + shipping)
    return {
        **result,
        "refund": {
            **refund,
            "deductions": [{"reason": reason, "amount": number(amount)} for reason, amount in deductions],
            "total": number(goods + shipping - sum((amount for _, amount in deductions), ZERO)),
        },
    }


def _refunded(inputs: Values, _before: Values, result: Values) -> Values:
    """`refund.pay` with another amount."""
    return {**result, "payment": {**result["payment"], "amount": number(_refund(inputs))}}


def _compensated(inputs: Values, _before: Values, result: Values) -> Values:
    """`compensation.pay` with another amount."""
    return {**result, "payment": {**result["payment"], "amount": number(_amount(inputs))}}


def _refund(inputs: Values) -> Decimal:
    return cents(inputs["refund"]["total"])


def _amount(inputs: Values) -> Decimal:
    return cents(inputs["amount"])


def _without(values: Values, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names and value is not None}


_TELLS = Hindsight(tells=True)
_KNOWN = {
    "case.record": _TELLS,
    "case.state": _TELLS,
    "customer.notify": _TELLS,
    "staff.notify": _TELLS,
    "refund.compute": Hindsight(again=_computed),
    refund_ledger.PAY: Hindsight(again=_refunded, pays=_refund),
    "compensation.pay": Hindsight(again=_compensated, pays=_amount),
}
