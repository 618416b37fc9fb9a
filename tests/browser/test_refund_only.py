"""Refund only: money back for an order that is paid and not yet shipped."""

from __future__ import annotations

from tests.browser import records
from tests.browser.site import Site

ASKED = {"Reason": "Changed their mind", "Reached us by": "Phone", "Urgency": "General"}


def test_a_small_refund_needs_nobody(site: Site) -> None:
    """Li Na registers the request; the money is back before she looks up."""
    chairs = {"sku": "CHAIR-01", "quantity": 2, "unitPrice": 100}
    site.given(order={"state": "paid", "salesChannel": "website", "shippingFee": 10, "lines": [chairs]})
    li_na = site.person("li.na")
    case = li_na.registers(
        "Money back, not shipped yet", {"Goods and quantities": [{"Quantity": 2}], **ASKED}, order="SO-1"
    )

    li_na.looks_at(case)
    li_na.sees("Completed", "210.00")
    li_na.does(case, "Rate the service", {"Rating": "5 · very good", "Remark": "Quick."})

    assert records.ledger(site, case) == [(1, 2, 200)]
    records.is_closed(site, case, "completed")


def test_a_large_refund_passes_operations_and_finance(site: Site) -> None:
    """Operations approve, finance send it back once and approve then; nobody does both; the rating is left undone."""
    site.given(
        order={"state": "paid", "salesChannel": "website", "lines": [{"sku": "SOFA-01", "unitPrice": 4800}]}
    )
    site.also("wang.fang", "finance")
    li_na, wang_fang = site.person("li.na"), site.person("wang.fang")
    zhao_lin, xu_dan = site.person("zhao.lin"), site.person("xu.dan")

    case = li_na.registers(
        "Money back, not shipped yet", {"Remark": "Bought a smaller flat.", **ASKED}, order="SO-1"
    )
    li_na.looks_at(case)
    li_na.sees("Pending review")

    wang_fang.takes(case, "Review the application")
    wang_fang.sees("4,800.00", "Bought a smaller flat.")
    wang_fang.completes(press="Approve 4800")
    wang_fang.opens(records.step_id(site, case, "Review the amount"))
    wang_fang.sees("Wang Fang did “Review the application” in this case", "Somebody else has to.")

    zhao_lin.takes(case, "Review the amount")
    zhao_lin.presses("Send back to operations")
    zhao_lin.sees("Remark for operations")
    zhao_lin.completes({"Remark for operations": "Check the coupon first."}, press="Send back to operations")

    wang_fang.takes(case, "Review the application")
    wang_fang.sees("Finance refused the amount: Check the coupon first.")
    wang_fang.completes(press="Approve 4800")
    xu_dan.does(case, "Review the amount", press="Approve 4800")

    assert records.ledger(site, case) == [(1, 1, 4800)]
    assert records.open_steps(site, case) == ["Rate the service"]
    site.pass_time("P8D")
    li_na.looks_at(case)
    li_na.sees("Completed")
    records.is_closed(site, case, "completed")
