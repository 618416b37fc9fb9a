"""An auditor's day: a customer disputes a refund. Who approved it, why was that allowed, and is it proven?"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from engine.worker import daily_seal
from tests.browser import records
from tests.browser.site import Site
from tests.browser.test_effect import refunded

ASKED = {"Reason": "Changed their mind", "Reached us by": "Phone", "Urgency": "General"}
#: Sends the form of a step as a browser would whose page is older than what happened meanwhile.
SEND = """async ([address, token]) => {
    const body = new URLSearchParams({ decision: 'approve', financeRemark: '' });
    const answer = await fetch(address, { method: 'POST', headers: { 'X-CSRF-Token': token }, body });
    return answer.status;
}"""


@pytest.mark.timeout(300)
def test_a_disputed_refund_is_found_understood_and_proven(site: Site, tmp_path: Path) -> None:
    case = disputed(site)
    for number in (2, 3):
        refunded(site, number, 120.0)
    daily_seal(site.app)

    page = site.sign_in("shen.ke")
    finds(page, case)
    expect(page.locator("tr", has_text="AttemptRefused")).to_contain_text("Wang Fang")
    slides_to_the_approval(page)
    sees_why_it_was_allowed(page, case)
    verifies_offline(page, case, tmp_path)


def disputed(site: Site) -> str:
    """4,800.00 paid back: Wang Fang approved the request, tried to approve the amount too, and Xu Dan did."""
    sofa = {"sku": "SOFA-01", "unitPrice": 4800}
    site.given(order={"state": "paid", "salesChannel": "website", "lines": [sofa]})
    site.also("wang.fang", "finance")
    li_na, wang_fang, xu_dan = (site.person(key) for key in ("li.na", "wang.fang", "xu.dan"))
    case = li_na.registers(
        "Money back, not shipped yet", {"Remark": "Bought a smaller flat.", **ASKED}, order="SO-1"
    )
    wang_fang.does(case, "Review the application", press="Approve 4800")
    address = f"/user-tasks/{records.step_id(site, case, 'Review the amount')}"
    wang_fang.page.goto("/inbox")
    token = wang_fang.page.locator("meta[name=csrf]").get_attribute("content")
    assert wang_fang.page.evaluate(SEND, [f"{address}/complete", token]) in (403, 409)
    xu_dan.does(case, "Review the amount", press="Approve 4800")
    assert records.ledger(site, case) == [(1, 1, 4800)]
    return case


def finds(page: Page, case: str) -> None:
    """By its amount and who had a hand in it."""
    page.goto("/audit")
    page.get_by_text("More filters").click()
    page.locator("[name=least]").fill("4000")
    page.locator("[name=least]").press("Enter")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    page.get_by_text("More filters").click()
    page.get_by_role("link", name=case).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(case)


def slides_to_the_approval(page: Page) -> None:
    """With the arrow keys, back from the end: diagram, variables and form follow."""
    page.get_by_role("link", name="As it was").click()
    slider, form = page.get_by_role("slider", name="Moment"), page.locator("#form-then")
    number, status = int(slider.get_attribute("max") or 0), page.locator("#moment [role=status]")
    slider.focus()
    while not re.search("Review the amount, as .*Xu Dan filled it in", form.inner_text()):
        number -= 1
        assert number, "no moment shows the approval"
        page.keyboard.press("ArrowLeft")
        expect(status).to_contain_text(f"{number} of ")
    expect(page.locator("[data-diagram].is-ready")).to_be_visible()
    # The step is behind the case then, and stood there one moment before.
    expect(page.locator("[data-diagram]")).to_have_attribute("data-done", re.compile("review_amount"))
    expect(page.locator(".moment-form")).to_contain_text("4800")
    assert not Axe().run(page).response["violations"]
    page.get_by_role("link", name="Before", exact=True).click()
    page.get_by_role("navigation", name="Forms at this moment").get_by_role(
        "link", name="Review the amount"
    ).click()
    expect(form).to_contain_text("Review the amount, as it waited")
    expect(page.locator("[data-diagram]")).to_have_attribute("data-active", re.compile("review_amount"))
    page.get_by_role("link", name="After", exact=True).click()
    expect(form).to_contain_text("Xu Dan filled it in")


def sees_why_it_was_allowed(page: Page, case: str) -> None:
    """Her role, that somebody else had approved the request, and the rule that asked for both."""
    page.locator("#happened").get_by_role("link", name=re.compile("Why.*Review the amount")).click()
    main = page.locator("#main")
    expect(main).to_contain_text("Finance")
    expect(main).to_contain_text("Not for")
    expect(main).to_contain_text("Wang Fang")
    page.goto(f"/audit/{case}?kind=DecisionEvaluated")
    page.get_by_role("link", name=re.compile("Why")).first.click()
    expect(page.locator("tr.is-matched").first).to_be_visible()
    expect(main).to_contain_text("4800")
    assert not Axe().run(page).response["violations"]


def verifies_offline(page: Page, case: str, folder: Path) -> None:
    """The sealed file and Python, nothing else."""
    page.goto(f"/audit/{case}")
    with page.expect_download() as waited:
        page.get_by_role("button", name="Sealed file").click()
    file = folder / waited.value.suggested_filename
    waited.value.save_as(file)
    zipfile.ZipFile(file).extract("verify.py", folder)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", file.name],
        env={},
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert f"EVERYTHING HOLDS: case {case} is as it was recorded." in done.stdout
