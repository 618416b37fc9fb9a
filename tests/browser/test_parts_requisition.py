"""Parts requisition: checked, signed off by value and paper, handed out against a signature."""

from __future__ import annotations

from tests.browser import records
from tests.browser.people import PDF, File
from tests.browser.site import Site

PARTS = {"SKU": "PART-01", "Model": "M1", "Quantity": 2}


def test_the_general_manager_wants_one_part_less(site: Site) -> None:
    """Nobody checks what they asked for; sent back and corrected; handed out; the old part is reminded of and comes."""
    site.given(
        order={"state": "received", "lines": [{"sku": "CHAIR-01", "unitPrice": 600}]},
        products={"PART-01": {"price": 100}},
        stock={"PART-01": 5},
    )
    chen_wei, zhou_min, sun_lei = site.person("chen.wei"), site.person("zhou.min"), site.person("sun.lei")
    yuan_hong, ma_jun = site.person("yuan.hong"), site.person("ma.jun")
    site.also("zhou.min", "technician")

    case = chen_wei.registers(
        "Parts are needed",
        {"Urgency": "General", "Reason": "Damaged", "Parts": [PARTS], "Remark": "For a repair."},
        order="SO-1",
    )
    chen_wei.opens(records.step_id(site, case, "Check the request"))
    chen_wei.sees("Chen Wei did “Parts requested” in this case", "Somebody else has to.")

    site.also("sun.lei", "after_sales")
    check = {"Why the parts are needed": "Quality fault", "Responsible department": "Production"}
    sun_lei.does(case, "Check the request", check, press="In order: forward for sign-off")
    yuan_hong.takes(case, "Sign off")
    yuan_hong.sees("Value of the parts: 200")
    yuan_hong.completes({"Remark": "One is enough."}, press="Back with the remark")

    zhou_min.takes(case, "Correct the request")
    zhou_min.sees("One is enough.")
    zhou_min.completes({"Parts now": [{"Quantity": 1}]}, press="Send again")
    sun_lei.does(case, "Check the request", check, press="In order: forward for sign-off")
    yuan_hong.does(case, "Sign off", press="Sign 100")

    ma_jun.takes(case, "Hand out the parts")
    ma_jun.completes(
        {
            "The slip is signed": True,
            "Signed by": "Chen Wei",
            "Photo of the signed slip": File(name="slip.pdf", content=PDF, type="application/pdf"),
        }
    )
    chen_wei.does(case, "Confirm the parts", press="Complete and right")

    site.pass_time("P15D")
    ma_jun.does(
        case,
        "Receive the old parts",
        {"Came back": [{"SKU": "PART-01", "Quantity": 1}]},
        press="Record the old parts",
    )
    assert records.movements(site, case) == [("out", "parts", "PART-01", 1), ("in", "old_part", "PART-01", 1)]
    records.is_closed(site, case, "parts_issued")
