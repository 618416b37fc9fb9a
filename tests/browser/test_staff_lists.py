"""What staff do with lists by keyboard, and what reaches them without a reload."""

from __future__ import annotations

from playwright.sync_api import expect

from engine.aftersales import notes
from engine.runtime import user_tasks
from tests.browser import records
from tests.browser.site import Site

REFUND = {
    "request": {"lines": [{"line": 1, "quantity": 1}], "reason": "changed_mind"},
    "channel": "phone",
    "urgency": "general",
}


def large_refunds(site: Site, n: int) -> list[str]:
    """Cases that wait for operations to review them."""
    opened = []
    for _ in range(n):
        number = f"SO-{n}{len(opened)}"
        line = {"sku": "SOFA-01", "unitPrice": 4800}
        site.given(
            customer={"number": f"C-{number}", "name": f"Wang {number}"},
            order={"number": number, "state": "paid", "salesChannel": "website", "lines": [line]},
        )
        told = {**REFUND, "orderNumber": number}
        opened.append(site.open_case("zhou.min", "refund_only", told, order_number=number))
    return opened


def test_several_steps_are_claimed_by_keyboard_and_one_that_is_gone_is_told(site: Site) -> None:
    """Gao Yuan ticks three with x and claims them with c; a colleague was quicker with one."""
    cases = large_refunds(site, 3)
    page = site.sign_in("gao.yuan")
    page.goto("/inbox?tab=groups")
    expect(page.locator("tbody tr")).to_have_count(3)
    for key in "jxjxjx":
        page.keyboard.press(key)
    expect(page.locator("[data-ticked]").first).to_have_text("3")
    taken = records.step_id(site, cases[1], "Review the application")
    site.do("wang.fang", user_tasks.claim, taken)

    page.keyboard.press("c")
    answer = page.locator("[data-answer]")
    expect(answer).to_contain_text("Claimed: 2.")
    expect(answer).to_contain_text("Not 1: 王芳 Wang Fang is working on this step.")
    page.goto("/inbox?tab=mine")
    expect(page.locator("tbody tr")).to_have_count(2)


def test_several_steps_are_given_to_a_colleague_at_once(site: Site) -> None:
    """Gao Yuan gives two to Wang Fang; the list stays where it is."""
    large_refunds(site, 2)
    page = site.sign_in("gao.yuan")
    page.goto("/inbox?tab=groups")
    page.get_by_label("Select all").check()
    page.keyboard.press("a")
    page.get_by_label("Assign to").select_option("wang.fang")
    page.get_by_role("button", name="Assign", exact=False).last.click()
    expect(page.locator("[data-answer]")).to_contain_text("Given to 王芳 Wang Fang: 2.")
    hers = site.sign_in("wang.fang")
    hers.goto("/inbox?tab=mine")
    expect(hers.locator("tbody tr")).to_have_count(2)


def test_the_bell_rings_without_a_reload_and_is_silent_once_all_is_read(site: Site) -> None:
    """Zhou Min mentions Gao Yuan, who looks at another page meanwhile."""
    (case,) = large_refunds(site, 1)
    page = site.sign_in("gao.yuan")
    page.goto("/customers")
    bell = page.locator(".bell .count")
    expect(bell).to_have_text("")
    site.do("zhou.min", notes.add, case, "@gao.yuan please look at the coupon.")
    expect(bell).to_have_text("1")

    page.keyboard.press("g")
    page.keyboard.press("n")
    page.wait_for_url("**/notices")
    expect(page.locator("tbody")).to_contain_text("Zhou Min mentions you")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{case}")
    expect(bell).to_have_text("")


def test_a_colleague_is_mentioned_by_keyboard(site: Site) -> None:
    """Zhou Min types an @ and a letter or two, and takes what is offered."""
    (case,) = large_refunds(site, 1)
    page = site.sign_in("zhou.min")
    page.goto(f"/cases/{case}")
    note = page.get_by_label("Note", exact=True)
    note.press_sequentially("Please look, @gao")
    offered = page.get_by_role("listbox", name="Colleagues")
    expect(offered.get_by_role("option", name="Gao Yuan")).to_have_attribute("aria-selected", "true")
    note.press("Enter")
    expect(note).to_have_value("Please look, @gao.yuan ")
    expect(offered).to_be_hidden()
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator(".note .mention")).to_have_text("@高远 Gao Yuan")
