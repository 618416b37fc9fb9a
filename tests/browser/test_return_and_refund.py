"""Return and refund: shipped goods come back, are inspected, and what they were worth is paid."""

from __future__ import annotations

from tests.browser import records
from tests.browser.people import File
from tests.browser.site import Site

RETURN_TO = {"Return contact": "Returns desk 0571-88000002", "Return address": "Central warehouse, Hangzhou"}
CAUSE = {"Cause": "Manufacturing fault", "Responsible department": "Production"}


def test_store_furniture_comes_back_scratched(site: Site) -> None:
    """The manager consents; finance find the service fee too high; a leg is scratched, so a part is refunded."""
    site.given(
        order={
            "state": "received",
            "salesChannel": "store",
            "shippingFee": 10,
            "lines": [{"sku": "CHAIR-01", "quantity": 2, "unitPrice": 400}],
        },
        stock={"CHAIR-01": 5},
    )
    site.also("wang.fang", "finance")
    li_na, sun_lei, wang_fang = site.person("li.na"), site.person("sun.lei"), site.person("wang.fang")
    zhao_lin, ma_jun, gao_yuan = site.person("zhao.lin"), site.person("ma.jun"), site.person("gao.yuan")

    case = li_na.registers(
        "Send it back, money back",
        {
            "Goods and quantities": [{"Quantity": 2}],
            "Reason": "Quality problem",
            "Remark": "The lacquer peels off.",
            "Photos": File(name="lacquer.jpg"),
            "Reached us by": "Store",
            "Urgency": "General",
        },
        order="SO-1",
    )
    sun_lei.does(
        case,
        "Consent to a return",
        {"Remark for operations": "Exchanged twice already."},
        press="Consent to the return",
    )

    wang_fang.takes(case, "Review the application")
    wang_fang.sees("The manager consented: Exchanged twice already.", "lacquer.jpg")
    wang_fang.completes(
        {
            "Give the shipping fee back": True,
            "Service fee": 50,
            "The buyer has agreed to the service fee": True,
            **RETURN_TO,
            **CAUSE,
        },
        press="Approve the return",
    )
    wang_fang.opens(records.step_id(site, case, "Review the amount"))
    wang_fang.sees("Wang Fang did “Review the application” in this case", "Somebody else has to.")

    zhao_lin.does(
        case,
        "Review the amount",
        {"Remark for operations": "The fee is too high."},
        press="Send back to operations",
    )
    wang_fang.takes(case, "Review the application")
    wang_fang.sees("Finance refused the amount: The fee is too high.")
    wang_fang.completes({"Service fee": 20}, press="Approve the return")
    zhao_lin.takes(case, "Review the amount")
    zhao_lin.sees("Service fee agreed with the buyer: 20")
    zhao_lin.completes(press="Approve 790")

    li_na.looks_at(case)
    li_na.sees("Awaiting return")
    site.pass_time("P5D")
    li_na.looks_at(case, "messages")
    li_na.sees("Please send the goods back within 2 days")
    li_na.does(case, "Send the goods back", {"Carrier": "SF Express", "Tracking number": "SF1001"})
    ma_jun.does(
        case,
        "Receive and inspect",
        {
            "Goods received": [{"Quantity received": 2}],
            "In order": ["Complete"],
            "The invoice came back": True,
            "Findings": "One leg is scratched.",
        },
        press="Not passed",
    )
    gao_yuan.takes(case, "Decide on failed goods")
    gao_yuan.sees("Findings of the warehouse: One leg is scratched.")
    gao_yuan.completes(
        {"Deduct for the findings": 60, "The buyer has agreed to the deduction": True},
        press="Partial refund",
    )
    li_na.does(case, "Rate the service", {"Rating": "4 · good"})

    li_na.looks_at(case, "goods")
    li_na.sees("730.00")
    assert records.movements(site, case) == [("in", "return", "CHAIR-01", 2)]
    assert records.ledger(site, case) == [(1, 2, 800)]
    assert records.paid_back(site, case) == [730]
    records.is_closed(site, case, "completed")
