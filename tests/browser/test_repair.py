"""Repair: from the call over the visit to the five revisits."""

from __future__ import annotations

from tests.browser import records
from tests.browser.people import File, Person
from tests.browser.site import Site


def test_a_wobbly_chair_is_repaired_at_home(site: Site) -> None:
    """Symptoms are missing; nobody visits at lunch; not accepted twice, so the manager who did not diagnose decides."""
    site.given(
        order={"state": "received", "lines": [{"sku": "CHAIR-01", "unitPrice": 600}]},
        stock={"PART-01": 5},
        prices={"labour": 80, "travel": 50},
    )
    li_na, chen_wei = site.person("li.na"), site.person("chen.wei")
    zhang_qiang, liu_yang, sun_lei = (
        site.person("zhang.qiang"),
        site.person("liu.yang"),
        site.person("sun.lei"),
    )
    site.also("sun.lei", "after_sales")
    site.also("chen.wei", "after_sales_manager")

    case = li_na.registers(
        "Something is broken",
        {
            "What is broken": "The chair wobbles",
            "Since when": "2026-10-30",
            "Photos or video": File(name="chair.jpg"),
            "When somebody is at home": "Weekdays",
            "Reached us by": "Phone",
            "Urgency": "General",
            "Category": "Repair",
        },
        order="SO-1",
    )
    li_na.takes(case, "Complete the registration")
    li_na.sees("Missing:")
    li_na.completes({"Symptoms": "One leg is loose."}, press="Send again")

    li_na.has_not(case, "Call the customer")
    chen_wei.takes(case, "Call the customer")
    chen_wei.sees("13800000000", "3 calls left today")
    chen_wei.completes({"What was said": "Will send a video."}, press="Reached")
    sun_lei.takes(case, "Diagnose remotely")
    sun_lei.sees("One leg is loose.", "From the call: Will send a video.", "chair.jpg")
    sun_lei.completes(
        {
            "Questions and answers, what was tried": "Tightened the screw; still loose.",
            "Cause": "Quality fault",
            "Complexity": "Ordinary",
            "Where": "By the rule",
            "Hours of work": 1,
        },
        press="Needs work",
    )
    chen_wei.takes(case, "Assign and fix the appointment")
    chen_wei.fills({"Technician": "张强 Zhang Qiang (0)", "Appointment": "2026-11-02T12:00"})
    chen_wei.presses()
    chen_wei.sees("Please check what you entered")
    chen_wei.completes({"Appointment": "2026-11-02T15:00"})

    liu_yang.opens(records.step_id(site, case, "Visit: confirm the repair plan"))
    liu_yang.sees("is for")
    site.pass_time("PT5H5M")
    visit = {
        "Arrived at": "2026-11-02T15:05",
        "Cause found": "Quality fault",
        "Findings and repair plan": "The thread is worn; replace the leg.",
        "Hours of work": 1.5,
    }
    zhang_qiang.does(case, "Visit: confirm the repair plan", visit, press="Customer agrees to the plan")
    work = {"Work done and test": "Leg replaced and tested.", "Hours": 1.5, "Anything damaged": "Nothing"}
    parts = {"Parts used": [{"SKU": "PART-01", "Quantity": 1, "Serial number": "PSN-9"}]}
    zhang_qiang.does(case, "Repair, test and record", work | parts, press="Repaired and tested")

    refused = {"What is still wrong": "It squeaks."}
    li_na.does(case, "Accept and sign", refused, press="Not accepted")
    chen_wei.does(case, "Call the customer", press="Reached")
    again = {"Technician": "张强 Zhang Qiang (0)", "Appointment": "2026-11-02T17:00"}
    chen_wei.does(case, "Assign and fix the appointment", again)
    zhang_qiang.does(case, "Visit: confirm the repair plan", visit, press="Customer agrees to the plan")
    zhang_qiang.does(case, "Repair, test and record", work, press="Repaired and tested")
    li_na.does(case, "Accept and sign", refused, press="Not accepted")
    sun_lei.opens(records.step_id(site, case, "Decide how to go on"))
    sun_lei.sees("Sun Lei did “Diagnose remotely” in this case", "Somebody else has to.")
    chen_wei.takes(case, "Decide how to go on")
    chen_wei.sees("Not accepted: It squeaks.")
    chen_wei.completes(
        {"Reason and agreement with the customer": "The squeak will go with use."}, press="Settle as it is"
    )
    li_na.does(case, "Rate the service", {"Rating": "4 · good"})

    for after in ("P7D", "P24D", "P2M", "P3M", "P6M"):
        site.pass_time(after)
        _revisits(li_na, case)
    li_na.looks_at(case)
    li_na.sees("Completed")
    assert records.visits(site, case) == [("zhang.qiang", "done"), ("zhang.qiang", "done")]
    records.is_closed(site, case, "completed")


def _revisits(person: Person, case: str) -> None:
    person.does(case, "Call the customer", press="Reached")
    person.does(case, "Record the revisit", {"Satisfaction": "5 very satisfied"})
