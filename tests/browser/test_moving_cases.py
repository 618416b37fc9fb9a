"""An administrator moves running cases: sees them on the diagram, gives a gone step its successor, moves, moves back."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from engine.runtime import deployments
from engine.runtime.bundles import Bundle
from tests.browser import records
from tests.browser.site import Site

ASKED = {"Reason": "Changed their mind", "Reached us by": "Phone", "Urgency": "General"}
PAGE = "/operate/moves?process=refund_only"


def test_an_administrator_moves_a_case_to_a_version_with_another_step_and_back(site: Site) -> None:
    site.given(
        order={
            "state": "paid",
            "salesChannel": "website",
            "lines": [{"sku": "SOFA-01", "unitPrice": 3000}],
        }
    )
    case = site.person("li.na").registers("Money back, not shipped yet", ASKED, order="SO-1")
    assert records.open_steps(site, case) == ["Review the application"]
    a_version_with_another_review(site)

    page = site.person("admin").page
    page.goto("/operate/deployments")
    page.get_by_role("link", name="Move running cases to another version").click()
    expect(page.locator(".figures")).to_contain_text("have to stay")
    expect(
        page.get_by_role("cell", name=re.compile("“Review the application” is gone")).first
    ).to_be_visible()
    expect(page.locator("[data-diagram] .count.standing")).to_have_text("1")
    expect(page.locator("[data-diagram] .is-blocked")).to_have_count(1)

    gives_it_a_successor(page)
    page.get_by_label("Why, for their history").fill("The review is called otherwise")
    page.get_by_role("button", name="Move 1 case").click()
    expect(page.get_by_text("still to come")).to_be_visible()
    expect(page.locator(".figures")).to_contain_text(re.compile(r"1\s*still to come|still to come\s*1"))
    site.work()
    # The page looks again by itself.
    expect(page.get_by_role("button", name="Move back")).to_be_visible()
    assert records.open_steps(site, case) == ["Look at the application"]

    page.get_by_label("Why, for their history").fill("Too early")
    page.get_by_role("button", name="Move back").click()
    expect(page.get_by_role("heading", name="back from version 2 to 1")).to_be_visible()
    site.work()
    expect(page.get_by_role("cell", name="moved", exact=True)).to_be_visible()
    assert records.open_steps(site, case) == ["Review the application"]
    site.person("wang.fang").does(case, "Review the application", press="Approve 3000")


def gives_it_a_successor(page: Page) -> None:
    page.get_by_label("Review the application").select_option(label="Look at the application (look_at_it)")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("button", name="Move 1 case")).to_be_visible()


def a_version_with_another_review(site: Site) -> None:
    """The next version: its review has another id and another name."""

    def changed(xml: str) -> str:
        xml = re.sub(
            r'((?:id|sourceRef|targetRef|attachedToRef|bpmnElement)=)"review_application"',
            r'\1"look_at_it"',
            xml,
        )
        xml = xml.replace(">review_application<", ">look_at_it<")
        xml = re.sub(r'(name="fourEyes" value="[^"]*)\breview_application\b', r"\1look_at_it", xml)
        return xml.replace('name="Review the application"', 'name="Look at the application"')

    def deploying(ctx):  # type: ignore[no-untyped-def]
        live = ctx.engine.definitions.current(ctx.session, "refund_only").id
        files = deployments.files(ctx, live)
        name = next(name for kind, name in files if kind == "bpmn")
        files["bpmn", name] = changed(files["bpmn", name].decode()).encode()
        deployments.deploy(ctx, Bundle(process_key="refund_only", files=files))

    site.do("admin", deploying)
