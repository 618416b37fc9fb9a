"""A process owner changes what the company does, without any file: an approval, a field, a whole new procedure."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import records
from tests.browser.clicks import counted
from tests.browser.drawing import Modeller, problems
from tests.browser.site import Site

ASKED = {"Reason": "Changed their mind", "Reached us by": "Phone", "Urgency": "General"}


def saved(page: Page) -> None:
    """Nothing is pressed: the draft is saved as one goes."""
    expect(page.locator("[data-state]")).to_contain_text("Saved today")
    expect(problems(page)).to_have_text(["No problems: this can be deployed."])


def deploys(page: Page, key: str, note: str) -> None:
    page.goto("/operate/deployments")
    draft = page.locator(f"#draft-{key}")
    draft.get_by_label("What changes").fill(note)
    draft.get_by_role("button", name="Deploy as the next version").click()
    expect(page.locator("#answers")).to_contain_text("is live")


def test_an_owner_adds_an_approval_above_an_amount(site: Site) -> None:
    """Refunds above 1,000 wait for the after-sales manager; smaller ones run through as before."""
    paid = {"state": "paid", "salesChannel": "website"}
    site.given(order={**paid, "lines": [{"sku": "SOFA-01", "unitPrice": 1500}]})
    site.given(
        customer={"number": "C-2", "name": "Chen Mei"},
        order={**paid, "number": "SO-2", "lines": [{"sku": "SOFA-01", "unitPrice": 900}]},
    )
    owner = site.person("qian.yu").page
    with counted(owner, "(a) an approval above an amount"):
        owner.get_by_role("link", name="Refund only", exact=True).click()
        owner.get_by_role("link", name="Edit the diagram").click()
        draws_the_approval(Modeller(owner))
        saved(owner)
    deploys(site.person("admin").page, "refund_only", "Refunds above 1,000 are approved by the manager")

    li_na, manager = site.person("li.na"), site.person("sun.lei")
    small = li_na.registers("Money back, not shipped yet", ASKED, order="SO-2")
    assert records.ledger(site, small) == [(1, 1, 900)]
    large = li_na.registers("Money back, not shipped yet", ASKED, order="SO-1")
    assert records.ledger(site, large) == []
    assert records.open_steps(site, large) == ["Approve a large refund"]
    manager.does(large, "Approve a large refund", press="Approve 1500")
    assert records.ledger(site, large) == [(1, 1, 1500)]


def draws_the_approval(modeller: Modeller) -> None:
    modeller.shows("route", "awaiting")
    large = modeller.drops("exclusive-gateway", 1070, 380, name="Large refund?")
    modeller.is_default(modeller.flow(large, "awaiting"))
    drawn = modeller.drops("task", 1220, 325, name="Approve a large refund")
    approve = modeller.turns_into(drawn, "User task")
    modeller.picks(approve, "pick-group", "After-sales manager")
    modeller.picks(approve, "pick-form", "refund_only_amount")
    agreed = modeller.drops("exclusive-gateway", 1400, 325, name="Refund agreed?")
    modeller.has_condition(modeller.connects(large, approve), "refund.total > 1000")
    modeller.connects(approve, agreed)
    modeller.is_default(modeller.connects(agreed, "awaiting"))
    modeller.has_condition(modeller.connects(agreed, "rejected"), 'decision = "refuse"')
