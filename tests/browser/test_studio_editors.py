"""The studio's editors: nothing is lost unnoticed, nobody is overwritten, and the pages around the canvas are accessible."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import web
from tests.browser.drawing import Modeller, types_into_cell
from tests.browser.site import Site
from tests.browser.test_releases import submits

STUDIO = "/studio/refund_only"
AXE = Path(web.__file__).parent / "assets" / "node_modules" / "axe-core" / "axe.min.js"
#: What the editors' libraries draw is theirs.
THEIRS = [".editor-canvas", ".editor-panel"]
#: How much slower a machine may be that runs other tests beside these.
PATIENT = 3
EDITORS = ("bpmn/refund_only.bpmn", "dmn/refund_rules.dmn", "form/refund_only_review.form")


def opened(page: Page, file: str) -> Page:
    page.goto(f"{STUDIO}/edit/{file}")
    expect(page.locator("[data-editor].is-ready")).to_be_visible()
    return page


def test_what_the_editor_would_lose_keeps_it_from_being_saved(site: Site) -> None:
    """A diagram from elsewhere holds an extension the modeller does not know: it says which, and does not save."""
    page = opened(site.person("qian.yu").page, "bpmn/refund_only.bpmn")
    diagram = page.evaluate(f"fetch('{STUDIO}/files/bpmn/refund_only.bpmn').then(answer => answer.text())")
    foreign = diagram.replace("<zeebe:userTask/>", '<zeebe:userTask/><zeebe:robot arm="left"/>', 1)
    page.locator("[data-import-file]").set_input_files(
        {"name": "theirs.bpmn", "mimeType": "application/xml", "buffer": foreign.encode()}
    )
    expect(page.locator("[data-lost]")).to_contain_text("zeebe:robot")
    expect(page.get_by_role("button", name="Save the draft")).to_be_disabled()


def test_two_owners_on_one_draft_see_each_other_and_overwrite_nothing_unknowingly(site: Site) -> None:
    """Both open the table; whoever saves second is told by whom, when and what, and says whose work stays."""
    first, second = site.person("qian.yu").page, site.person("admin").page
    for page in (first, second):
        opened(page, "dmn/refund_rules.dmn")
    expect(second.locator("[data-others]")).to_contain_text("Qian Yu is here too.")
    types_into_cell(first, row=2, text="2500")
    expect(first.locator("[data-state]")).to_contain_text("Saved today")
    types_into_cell(second, row=2, text="3000")
    conflict = second.locator("[data-conflict]")
    expect(conflict).to_contain_text("Qian Yu saved this file today 10:00, after you opened it.")
    expect(conflict).to_contain_text("They changed: automatic_refund_limit")
    expect(second.get_by_role("button", name="Save the draft")).to_be_disabled()
    expect(second.locator(".tjs-table tbody tr").nth(1)).to_contain_text("3000")
    assert "2500" in second.evaluate(
        f"fetch('{STUDIO}/files/dmn/refund_rules.dmn').then(answer => answer.text())"
    )
    second.get_by_role("button", name="Save mine over theirs").click()
    expect(second.locator("[data-state]")).to_contain_text("Saved today")
    expect(conflict).to_be_hidden()
    expect(first.locator("[data-conflict]")).to_contain_text("Admin saved this file")
    first.get_by_role("button", name="Take theirs").click()
    expect(first.locator(".tjs-table tbody tr").nth(1)).to_contain_text("3000")


def test_two_owners_on_two_files_of_a_draft_do_not_disturb_each_other(site: Site) -> None:
    """One is in the table, the other in a form: both are saved."""
    first, second = site.person("qian.yu").page, site.person("admin").page
    opened(first, "dmn/refund_rules.dmn")
    opened(second, "form/refund_only_review.form")
    expect(second.locator("[data-others]")).to_contain_text("Qian Yu is in refund_rules.dmn.")
    types_into_cell(first, row=2, text="2500")
    expect(first.locator("[data-state]")).to_contain_text("Saved today")
    second.locator('.fjs-palette-field[data-field-type="separator"]').press("Enter")
    expect(second.locator("[data-state]")).to_contain_text("Saved today")
    first.goto(STUDIO)
    expect(first.locator(".procedure-about")).to_contain_text("refund_only_review.form Admin")
    expect(first.locator(".draft-bar")).to_contain_text("2 files differ from version 1")


def test_a_draft_that_is_submitted_meanwhile_is_left_alone_until_it_is_withdrawn(site: Site) -> None:
    """One submits what the other still draws: the other is told in a sentence, and saved when it is withdrawn."""
    first, second = site.person("qian.yu").page, site.person("admin").page
    opened(first, "dmn/refund_rules.dmn")
    types_into_cell(first, row=2, text="2500")
    expect(first.locator("[data-state]")).to_contain_text("Saved today")
    opened(second, "dmn/refund_rules.dmn")
    submits(first, STUDIO, "A higher limit")
    types_into_cell(second, row=2, text="3000")
    told = second.locator("[data-submitted]")
    expect(told).to_contain_text("Qian Yu submitted this draft at today 10:00; it waits for approval.")
    expect(second.locator("[data-state]")).to_have_text("Not saved yet")
    expect(second.get_by_role("button", name="Save the draft")).to_be_disabled()
    expect(second.locator("#answers .notice")).to_have_count(0)
    first.get_by_role("button", name="Withdraw").click()
    expect(first.locator("#answers")).to_contain_text("The draft is yours again")
    expect(told).to_be_hidden(timeout=15_000)
    expect(second.locator("[data-state]")).to_contain_text("Saved today")


def test_what_was_drawn_is_taken_back_and_tidied(site: Site) -> None:
    """Tidying is one step to undo, leaves every flow where it leads, and is saved like any other change."""
    page = opened(site.person("qian.yu").page, "bpmn/refund_only.bpmn")
    flows = """modeler.get('elementRegistry').filter(each => each.type === 'bpmn:SequenceFlow')
      .map(({ id, source, target }) => [ id, source.id, target.id ].join()).sort().join(' ')"""
    places = "modeler.get('elementRegistry').filter(each => each.width).map(({ id, x, y }) => [ id, x, y ].join()).join()"
    ways, before = page.evaluate(flows), page.evaluate(places)
    page.get_by_role("button", name="Tidy up").click()
    assert page.evaluate(places) != before
    assert page.evaluate(flows) == ways
    expect(page.locator("[data-state]")).to_contain_text("Saved today")
    page.get_by_role("button", name="Undo").click()
    assert page.evaluate(places) == before


@pytest.mark.parametrize("file", EDITORS)
def test_an_editor_is_ready_within_two_seconds(site: Site, file: str) -> None:
    """From the click to the first stroke, with nothing kept by the browser; the second opening is the quicker one."""
    page = site.person("qian.yu").page
    took = []
    for _ in range(2):
        began = time.monotonic()
        opened(page, file)
        took.append(time.monotonic() - began)
    print(f"\n{file}: {took[0]:.2f} s first, {took[1]:.2f} s again")
    # The two seconds are of an idle machine; tests share theirs.
    assert took[1] < 2 * PATIENT


def test_a_form_is_seen_as_staff_will_see_it_before_it_is_saved(site: Site) -> None:
    """The preview is the server's own rendering, in both languages, with the data typed beside it."""
    page = opened(site.person("qian.yu").page, "form/refund_only_review.form")
    page.get_by_text("As staff see it").click()
    page.locator("[data-preview-data]").fill('{"refund": {"total": 320}}')
    expect(page.locator(".preview-form").get_by_role("button", name="Approve 320")).to_be_visible()
    page.locator(".segmented").get_by_text("中文").click()
    expect(page.locator(".preview-form").get_by_role("button", name="同意 320")).to_be_visible()


def test_the_modeller_speaks_chinese(site: Site) -> None:
    """Palette, panel and page in the person's language; the bpmn.io mark stays where it is."""
    page = site.person("qian.yu").page
    page.locator("[name=language]").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    Modeller(opened(page, "bpmn/refund_only.bpmn"))
    expect(page.get_by_role("button", name="保存草稿")).to_be_visible()
    page.locator('.djs-element[data-element-id="complete_request"]').click()
    expect(page.locator(".bio-properties-panel-header-type")).to_have_text("用户任务")
    expect(page.locator('[data-group-id="group-form"]')).to_contain_text("表单")
    expect(page.locator(".bjs-powered-by")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_editors_are_accessible_around_the_canvas(site: Site, scheme: str) -> None:
    """axe finds nothing, the browser's console stays silent: no policy is broken, no script fails."""
    page = site.sign_in("qian.yu", color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for file in EDITORS:
        opened(page, file)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("exclude => axe.run({ exclude }).then(result => result.violations)", THEIRS)
        assert [each["id"] for each in found] == [], file
    assert said == []
