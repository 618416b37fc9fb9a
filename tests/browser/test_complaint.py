"""Complaint: heard, examined, offered, agreed, carried out, followed up and checked again."""

from __future__ import annotations

from tests.browser import records
from tests.browser.people import File
from tests.browser.site import Site


def test_a_compensation_is_sent_back_once_and_agreed_in_the_second_round(site: Site) -> None:
    """Whoever worked on the case it is about may not handle it; the manager finds 400 too much; 300 is paid."""
    site.given(
        order={
            "state": "paid",
            "salesChannel": "website",
            "lines": [{"sku": "CHAIR-01", "quantity": 2, "unitPrice": 100}],
        },
        stock={"CHAIR-01": 5},
    )
    li_na, deng_hua, peng_ting = site.person("li.na"), site.person("deng.hua"), site.person("peng.ting")
    luo_xin, sun_lei, zhao_lin = site.person("luo.xin"), site.person("sun.lei"), site.person("zhao.lin")
    site.also("peng.ting", "customer_service")

    first = li_na.registers(
        "Money back, not shipped yet",
        {"Reason": "Not shipped in time", "Reached us by": "Phone", "Urgency": "General"},
        order="SO-1",
    )
    peng_ting.does(first, "Rate the service", {"Rating": "1 · very poor", "Remark": "Nobody answered."})
    case = li_na.registers(
        "The customer complains or suggests something",
        {
            "What it is": "Complaint",
            "About the case": first,
            "What the customer said": "Three weeks, and nobody answered.",
            "What the customer wants": "Something for the trouble",
            "Photos": File(name="chat.jpg"),
            "Reached us by": "Phone",
            "Urgency": "General",
            "Public": "Not public",
        },
        order="SO-1",
    )
    peng_ting.opens(records.step_id(site, case, "Call the customer"))
    peng_ting.sees(first, "Somebody else has to")

    deng_hua.does(case, "Call the customer", {"What was said": "Told us everything."}, press="Reached")
    restated = {
        "What happened": "The order was not shipped for three weeks.",
        "What the customer wants": "Something for the trouble",
        "As restated to the customer": "Three weeks without an answer",
    }
    deng_hua.does(case, "Restate the complaint", restated, press="Confirmed by the customer")
    deng_hua.does(
        case,
        "Classify and assess",
        {"Kind of complaint": "Delivery", "Responsibility": "Fully ours", "Why": "The order was forgotten."},
    )
    luo_xin.does(case, "Judge the responsibility", press="I see it the same way")

    deng_hua.takes(case, "Propose remedies")
    deng_hua.sees("Your own limit: 200")
    deng_hua.completes(
        {
            "Remedies": ["Compensation"],
            "Compensation": 400,
            "Offer in the customer's words": "We are sorry: 400.",
        }
    )
    sun_lei.takes(case, "Approve the compensation")
    sun_lei.sees("400", "We are sorry: 400.")
    sun_lei.completes({"What should change": "300 is enough."}, press="Send back")
    deng_hua.takes(case, "Propose remedies")
    deng_hua.sees("Sent back: 300 is enough.")
    deng_hua.completes({"Compensation": 300, "Offer in the customer's words": "We are sorry: 300."})
    sun_lei.does(case, "Approve the compensation", press="Approve 300")

    deng_hua.does(case, "Call the customer", press="Reached")
    li_na.does(
        case,
        "Accept and sign the agreement",
        {"Signed by": "Wang Xiaoming", "What the customer would rather have": "An apology, too."},
        press="Not like this",
    )
    deng_hua.takes(case, "Propose remedies")
    deng_hua.sees("The customer answered: An apology, too.")
    deng_hua.completes(
        {
            "Remedies": ["Apology"],
            "Apology to the customer": "We are truly sorry.",
            "Offer in the customer's words": "300 and our apology.",
        }
    )
    sun_lei.does(case, "Approve the compensation", press="Approve 300")
    deng_hua.does(case, "Call the customer", press="Reached")
    li_na.does(case, "Accept and sign the agreement", {"Signed by": "Wang Xiaoming"}, press="Accept and sign")
    zhao_lin.takes(case, "Release the compensation")
    zhao_lin.sees("Signed by: Wang Xiaoming")
    zhao_lin.completes({"Paid to": "Wang Xiaoming"})
    deng_hua.does(case, "Apologise")

    li_na.looks_at(case)
    li_na.sees("Following up")
    site.pass_time("P2D")
    deng_hua.does(case, "Call the customer", press="Reached")
    deng_hua.does(case, "Record whether it is settled", press="Settled, the customer says")
    luo_xin.does(
        case,
        "Find the root cause",
        {
            "Root cause": "Delay",
            "Responsible department": "Warehouse",
            "Improvement measure": "A list of orders older than two days, every morning.",
        },
    )
    deng_hua.does(case, "Archive the complaint")
    li_na.does(case, "Rate the service", {"Rating": "4 · good"})
    li_na.looks_at(case)
    li_na.sees("Closed", "300.00")
    assert records.case(site, case).compensated == 300
    records.is_closed(site, case, "closed")
