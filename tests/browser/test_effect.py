"""A process owner lowers a limit, reads the difference, tries it on finished cases and opens one of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

import web
from tests.browser.drawing import saves, types_into_cell
from tests.browser.site import Site

#: Which part each side shows, in whole pixels.
_VIEWS = """() => [...document.querySelectorAll('[data-diagram] .viewport')]
    .map(view => view.getAttribute('transform').match(/-?[0-9.]+/g).map(number => Number(number).toFixed(1)).join(' '))"""
AXE = Path(web.__file__).parent / "assets" / "node_modules" / "axe-core" / "axe.min.js"


def refunded(site: Site, number: int, price: float) -> str:
    """A refund of that amount that was paid without a review; the case's number."""
    order = f"SO-{number}"
    line = {"sku": f"CHAIR-{number}", "quantity": 1, "unitPrice": price}
    site.given(
        customer={"number": f"C-{number}", "phone": f"1380000{number:04d}"},
        order={
            "number": order,
            "state": "paid",
            "salesChannel": "website",
            "lines": [line],
            "shippingFee": 0.0,
        },
    )
    values = {
        "orderNumber": order,
        "request": {"lines": [{"line": 1, "quantity": 1}], "reason": "changed_mind"},
        "channel": "phone",
        "urgency": "general",
    }
    return site.open_case("li.na", "refund_only", values, order_number=order, start_event="requested")


@pytest.mark.timeout(300)
def test_a_lower_limit_is_compared_tried_and_looked_into(site: Site) -> None:
    small, large = refunded(site, 1, 120.0), refunded(site, 2, 480.0)
    page = site.person("qian.yu").page
    page.goto("/studio/refund_only/edit/dmn/refund_rules.dmn")
    types_into_cell(page, row=2, text="300")
    saves(page)

    page.goto("/studio/refund_only")
    page.get_by_role("link", name="1 file differs from version 1").click()
    expect(page.locator(".compare.is-ready")).to_be_visible()
    change = page.get_by_role("button", name="was 2000, is now 300")
    change.focus()
    page.keyboard.press("Enter")
    expect(change).to_have_attribute("aria-pressed", "true")
    for side in page.locator("[data-diagram]").all():
        expect(side.locator('.is-chosen[data-element-id="check"]')).to_be_attached()
    together = page.evaluate(_VIEWS)
    assert together[0] == together[1]
    second = page.locator("[data-diagram] .viewport").nth(1)
    unmoved = second.get_attribute("transform") or ""
    page.locator("[data-diagram]").first.hover()
    page.mouse.wheel(0, 240)
    expect(second).not_to_have_attribute("transform", unmoved)
    moved = page.evaluate(_VIEWS)
    assert moved[0] == moved[1] != together[1]

    page.get_by_role("link", name="Effect").click()
    page.get_by_role("button", name="Run the back-test").click()
    expect(page.get_by_role("heading", name="The back-test runs")).to_be_visible()
    site.work()
    expect(page.get_by_role("heading", name="Draft, tried on 2 finished cases")).to_be_visible()
    page.get_by_role("link", name="1 Needs a new answer").click()
    expect(page.locator("tbody")).not_to_contain_text(small)
    page.get_by_role("link", name=large).click()
    expect(page.get_by_role("heading", name="Needs a new answer at “Review the application”")).to_be_visible()
    expect(page.locator('.is-current[data-element-id="review_application"]')).to_be_attached()
    for address in (page.url, page.url.rpartition("/")[0], f"{site.address}/studio/refund_only/differences"):
        page.goto(address)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run({ exclude: ['[data-diagram]'] }).then(result => result.violations)")
        assert [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found] == [], address
