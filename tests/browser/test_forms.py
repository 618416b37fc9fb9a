"""A form that follows what is typed into it, on a slow line."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.browser.site import Site

#: Long enough for every answer that is not held back, in ms.
ON_THE_WAY_MS = 700


def test_an_answer_on_its_way_undoes_no_row(site: Site) -> None:
    """Chen Wei types a contract number and, while the form still follows, adds two rows and removes the first."""
    site.given(order={"state": "received", "lines": [{"sku": "CHAIR-01", "unitPrice": 600}]})
    chen_wei = site.person("chen.wei")
    chen_wei.begins("Parts are needed", order="SO-1")
    page = chen_wei.page
    held: list[Route] = []
    page.route("**/refresh**", lambda route: route.continue_() if held else held.append(route))
    contract = page.get_by_label("Contract number")
    with page.expect_request("**/refresh**"):
        contract.fill("K-77")
        contract.blur()
    page.evaluate(
        """() => {
          const button = name => document.querySelector(`button[name^="${name}"]`);
          button('_add:').click();
          button('_add:').click();
          button('_remove:').click();
        }"""
    )
    page.wait_for_timeout(ON_THE_WAY_MS)
    held[0].continue_()
    expect(page.locator("body:not(.is-busy)")).to_be_attached()
    expect(page.locator(".form-list-row")).to_have_count(2)
    page.wait_for_timeout(ON_THE_WAY_MS)
    expect(page.locator(".form-list-row")).to_have_count(2)
    expect(contract).to_have_value("K-77")
