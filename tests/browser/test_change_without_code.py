"""Change without code: a limit raised in a table, a step inserted in a diagram, deployed; running cases stay as they are."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import records
from tests.browser.drawing import Modeller, problems, saves, types_into_cell
from tests.browser.site import Site
from tests.browser.test_releases import submits

STUDIO = "/studio/refund_only"
STEP = "Check before paying"
ASKED = {"Reason": "Changed their mind", "Reached us by": "Phone", "Urgency": "General"}


def test_a_process_owner_changes_a_limit_and_a_flow_and_an_administrator_deploys_them(site: Site) -> None:
    """Qian Yu changes and may not deploy, the administrator deploys; new refunds take the new way, running ones the old."""
    paid = {"state": "paid", "salesChannel": "website"}
    site.given(order={**paid, "lines": [{"sku": "SOFA-01", "unitPrice": 3000}]})
    site.given(
        customer={"number": "C-2", "name": "Chen Mei"},
        order={**paid, "number": "SO-2", "lines": [{"sku": "SOFA-01", "unitPrice": 3000}]},
    )
    li_na, wang_fang = site.person("li.na"), site.person("wang.fang")
    running = li_na.registers("Money back, not shipped yet", ASKED, order="SO-1")
    assert records.open_steps(site, running) == ["Review the application"]

    owner = site.person("qian.yu").page
    raises_the_limit(owner)
    inserts_the_step(owner)
    gives_it_its_chinese(owner)
    owner.goto("/operate/deployments")
    expect(owner.get_by_role("heading", level=1)).to_have_text("This is not yours to do")

    submits(owner, STUDIO, "Raise the limit to 4,000 and check before paying")
    deploys(site.person("admin").page)

    new = li_na.registers("Money back, not shipped yet", ASKED, order="SO-2")
    assert records.open_steps(site, new) == [STEP]
    wang_fang.does(running, "Review the application", press="Approve 3000")
    site.person("xu.dan").does(running, "Review the amount", press="Approve 3000")
    assert records.ledger(site, running) == [(1, 1, 3000)]

    assert records.ledger(site, new) == []
    wang_fang.does(new, STEP, press="Approve 3000")
    assert records.ledger(site, new) == [(1, 1, 3000)]

    owner.goto(f"{STUDIO}/versions")
    rows = owner.locator("main tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("current")
    expect(rows.nth(0)).to_contain_text("Raise the limit to 4,000 and check before paying")


def raises_the_limit(page) -> None:  # type: ignore[no-untyped-def]
    page.goto("/studio")
    page.get_by_role("link", name="Refund only", exact=True).click()
    page.get_by_role("link", name="Rules").click()
    page.get_by_role("link", name="Edit Automatic refund limit").click()
    types_into_cell(page, row=2, text="4000")
    saves(page)
    page.goto(f"{STUDIO}/rules")
    expect(page.locator("#automatic_refund_limit tbody tr").nth(1)).to_contain_text("4000")
    expect(page.locator(".draft-bar")).to_contain_text("1 file differs from version 1")


def inserts_the_step(page) -> None:  # type: ignore[no-untyped-def]
    page.get_by_role("link", name="Diagram").click()
    page.get_by_role("link", name="Edit the diagram").click()
    modeller = Modeller(page)
    modeller.shows("awaiting", "pay")
    modeller.makes_room(before="pay", pixels=160)
    modeller.shows("awaiting", "pay")
    made = modeller.inserts_task("awaiting__pay", STEP)
    modeller.turns_into(made, "User task")
    modeller.links_form("refund_only_twice")
    # A form that does not exist is a problem at once; it leads to the step and goes when the step is mended.
    wrong = problems(page).filter(has_text="refund_only_twice")
    expect(wrong).to_contain_text("does not exist")
    page.locator(".djs-container svg").first.click(position={"x": 600, "y": 40})
    wrong.get_by_role("button").click()
    modeller.links_form("refund_only_amount")
    expect(problems(page)).to_have_text(["No problems: this can be deployed."])
    saves(page)


def gives_it_its_chinese(page) -> None:  # type: ignore[no-untyped-def]
    page.goto(f"{STUDIO}/words?show=missing")
    row = page.locator("form.words tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(STEP)
    page.get_by_role("textbox", name=STEP).fill("付款前复核")
    page.get_by_role("button", name="Save the words").click()
    expect(page.locator("#answers")).to_contain_text("The words are saved.")


def deploys(page) -> None:  # type: ignore[no-untyped-def]
    page.goto("/operate")
    page.get_by_role("link", name="Deployments").click()
    page.get_by_role("link", name="Refund only", exact=True).click()
    for kind in ("Diagram", "Rules", "Words"):
        expect(page.locator(".differences h3").filter(has_text=kind)).to_be_visible()
    expect(page.locator(".differences")).to_contain_text(["New: ", "was 2000, is now 4000", "is now said"])
    page.get_by_label("Deploy even though").check()
    page.get_by_role("button", name="Approve and deploy").click()
    expect(page.locator("#answers")).to_contain_text("Refund only version 2 is live")
