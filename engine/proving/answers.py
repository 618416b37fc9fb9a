"""What people fill in, by the pick and the step: pick and what the step's case says in, form values out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.proving.picks import EXCHANGE, RETURN, Pick

Values = dict[str, Any]
#: A photo of what is wrong, where a reason asks for one.
_PHOTO = [{"attachment": "photo-1", "name": "damage.jpg"}]


def application(pick: Pick) -> Values:
    """The registration form."""
    request: Values = {
        "lines": [{"line": pick.sale.line, "quantity": pick.quantity}],
        "reason": pick.reason,
        "remark": f"Export line {(pick.cancellation or pick.sale).at_line}",
    }
    if pick.procedure == EXCHANGE:
        request |= {"wanted": "same", "photos": _PHOTO}
    return {
        "orderNumber": pick.sale.invoice,
        "request": request,
        "channel": "website",
        "urgency": "general",
    }


def answer(pick: Pick, element_id: str, asked_before: int) -> Values | None:
    """Values for a step's form; None when nobody answers and time goes by.

    `asked_before`: how often this case came to the same step already. Raises `KeyError` for a step no pick leads to.
    """
    return _ANSWERS[element_id](pick, asked_before)


def _review(pick: Pick, asked_before: int) -> Values:
    if pick.review_refused:
        return {"decision": "refuse", "refusalReason": "Not within our terms."}
    if pick.procedure not in (RETURN, EXCHANGE):
        return {"decision": "approve"}
    approved: Values = {
        "decision": "approve",
        "returnContact": "Returns desk",
        "returnAddress": "Central warehouse",
        "cause": "customer",
        "department": "none",
    }
    if pick.procedure == EXCHANGE:
        price = float(pick.sale.price)
        return approved | {
            "approvedLines": [{"quantity": pick.quantity}],
            "replacement": [{"sku": pick.sale.sku, "quantity": pick.quantity, "unitPrice": price}],
        }
    if pick.service_fee:
        approved |= {"serviceFee": float(pick.service_fee), "serviceFeeAgreed": True}
    return approved | {"allowShipping": False}


def _amount(pick: Pick, asked_before: int) -> Values:
    if pick.finance_sends_back and not asked_before:
        return {"decision": "refuse", "financeRemark": "Please look at the amount again."}
    return {"decision": "approve"}


def _ship_back(pick: Pick, asked_before: int) -> Values | None:
    return (
        None
        if pick.never_sent
        else {"carrier": "SF Express", "tracking": f"T{pick.sale.at_line}-{asked_before}"}
    )


def _inspect(pick: Pick, asked_before: int) -> Values:
    inspection: Values = {"lines": [{"quantity": pick.quantity}]}
    # A replacement that came back as wrong is what we sent: it passes.
    failed = pick.inspection_failed and not asked_before
    findings = ["complete"] if failed else ["complete", "unworn", "resaleable", "accessories"]
    inspection |= {"findings": findings}
    if failed:
        inspection["remark"] = "Worn."
    if pick.procedure == RETURN:
        inspection["invoiceReturned"] = not pick.invoice_kept
    return {"inspection": inspection, "decision": "fail" if failed else "pass"}


def _decide_failed(pick: Pick, asked_before: int) -> Values:
    if pick.sent_back:
        return {"decision": "send_back", "sendBackReason": "The goods were used."}
    if pick.procedure == EXCHANGE:
        return {"decision": "exchange"}
    return {
        "decision": "partial",
        "inspectionDeduction": float(pick.inspection_deduction),
        "deductionAgreed": True,
    }


def _settle_overpayment(pick: Pick, asked_before: int) -> Values:
    return {"decision": "waive", "settleRemark": "A small amount."}


def _pick_goods(pick: Pick, asked_before: int) -> Values:
    return {}


def _confirm_receipt(pick: Pick, asked_before: int) -> Values | None:
    if pick.replacement_wrong and not asked_before:
        return {"receipt": "wrong", "receiptRemark": "Another colour than ordered."}
    return None if pick.receipt_silent else {"receipt": "right"}


def _rate(pick: Pick, asked_before: int) -> Values | None:
    return None if pick.rating is None else {"rating": str(pick.rating)}


_ANSWERS: Mapping[str, Callable[[Pick, int], Values | None]] = {
    "review_application": _review,
    "review_amount": _amount,
    "ship_back": _ship_back,
    "inspect": _inspect,
    "decide_failed": _decide_failed,
    "settle_overpayment": _settle_overpayment,
    "pick": _pick_goods,
    "confirm_receipt": _confirm_receipt,
    "rate": _rate,
}
