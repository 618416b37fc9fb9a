"""Exchange: other goods for those that come back, and the difference in price settled."""

from __future__ import annotations

from tests.browser import records
from tests.browser.people import File
from tests.browser.site import Site


def test_dearer_goods_are_paid_and_silence_counts_as_confirmed(site: Site) -> None:
    """A photo is asked for; who registered may not review; finance correct a price; the buyer pays and says no more."""
    site.given(
        order={
            "state": "received",
            "salesChannel": "website",
            "lines": [{"sku": "CHAIR-01", "quantity": 2, "unitPrice": 100}],
        },
        products={"CHAIR-02": {"price": 150}},
        stock={"CHAIR-01": 5, "CHAIR-02": 5},
    )
    wang_fang, gao_yuan = site.person("wang.fang"), site.person("gao.yuan")
    zhao_lin, li_na, ma_jun = site.person("zhao.lin"), site.person("li.na"), site.person("ma.jun")

    case = wang_fang.registers(
        "Other goods instead",
        {
            "Goods and quantities": [{"Quantity": 2}],
            "Reason": "Quality problem",
            "Remark": "The legs wobble.",
            "What the buyer wants instead": "Other goods",
            "Which goods": "The chair with arms",
            "Photos": File(name="wobbling.jpg"),
            "Reached us by": "Online chat",
            "Urgency": "General",
        },
        order="SO-1",
    )
    wang_fang.opens(records.step_id(site, case, "Review the application"))
    wang_fang.sees("Wang Fang did “Exchange requested” in this case", "Somebody else has to.")

    gao_yuan.takes(case, "Review the application")
    gao_yuan.sees("The chair with arms", "wobbling.jpg")
    gao_yuan.completes(
        {
            "Goods to exchange": [{"Quantity": 2}],
            "Replacement": [{"SKU": "CHAIR-02", "Quantity": 2, "Unit price": 180}],
            "Return contact": "Returns desk 0571-88000002",
            "Return address": "Central warehouse, Hangzhou",
            "Cause": "Workmanship",
            "Responsible department": "Production",
        },
        press="Approve the exchange",
    )
    zhao_lin.takes(case, "Review the difference")
    zhao_lin.sees("The buyer pays: 160")
    zhao_lin.completes({"Remark for operations": "The list price is 150."}, press="Send back to operations")
    gao_yuan.takes(case, "Agree on the replacement")
    gao_yuan.sees("Finance refused the amount: The list price is 150.")
    gao_yuan.completes({"Replacement": [{"Unit price": 150}]}, press="Send these goods")
    zhao_lin.does(case, "Review the difference", press="Approve 100")

    li_na.does(case, "Send the goods back", {"Carrier": "SF Express", "Tracking number": "SF1001"})
    ma_jun.does(
        case,
        "Receive and inspect",
        {"Goods received": [{"Quantity received": 2}], "In order": ["Complete", "Not used or worn"]},
        press="Passed: stock in",
    )
    zhao_lin.does(case, "Confirm the payment", press="The payment has arrived")
    ma_jun.does(case, "Pick the replacement")
    li_na.looks_at(case)
    li_na.sees("Awaiting exchange")
    assert records.open_steps(site, case) == ["Confirm receipt"]

    site.pass_time("P10D")
    li_na.looks_at(case)
    li_na.sees("Completed")
    li_na.does(case, "Rate the service", {"Rating": "5 · very good"})
    assert records.movements(site, case) == [
        ("in", "exchange", "CHAIR-01", 2),
        ("out", "after_sales", "CHAIR-02", 2),
    ]
    assert records.ledger(site, case) == []
    records.is_closed(site, case, "completed")
