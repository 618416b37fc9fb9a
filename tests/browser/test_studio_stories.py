"""A process owner changes what the company does, without any file: an approval, a field, a whole new procedure."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import records
from tests.browser.clicks import counted
from tests.browser.drawing import Modeller, problems
from tests.browser.site import Site
from tests.browser.test_releases import submits

HEADERS = "ElementTemplates__CustomProperties-headers"
ASKED = {"Reason": "Changed their mind", "Reached us by": "Phone", "Urgency": "General"}


def saved(page: Page) -> None:
    """Nothing is pressed: the draft is saved as one goes."""
    expect(page.locator("[data-state]")).to_contain_text("Saved today")
    expect(problems(page)).to_have_text(["No problems: this can be deployed."])


def goes_live(site: Site, owner: Page, key: str, note: str) -> None:
    """The owner submits the draft, the administrator sees what the scenarios say and approves it."""
    submits(owner, f"/studio/{key}", note)
    site.work()
    admin = site.person("admin").page
    admin.goto("/operate/deployments")
    admin.locator(f"#draft-{key}").get_by_role("link").click()
    expect(admin.locator("#scenarios")).to_contain_text("sequence flows")
    despite = admin.get_by_label("Deploy even though")
    if despite.count():  # shipped scenarios may ask for the very thing that was changed
        despite.check()
    admin.get_by_role("button", name="Approve and deploy").click()
    expect(admin.locator("#answers")).to_contain_text("is live")


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
    goes_live(site, owner, "refund_only", "Refunds above 1,000 are approved by the manager")

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


def test_an_owner_asks_for_one_thing_more_and_decides_by_it(site: Site) -> None:
    """The registration asks whether it is the shop's own fault; a gateway and a decision table go by the answer."""
    paid = {"state": "paid", "salesChannel": "website"}
    site.given(order={**paid, "lines": [{"sku": "SOFA-01", "unitPrice": 3000}]})
    site.given(
        customer={"number": "C-2", "name": "Chen Mei"},
        order={**paid, "number": "SO-2", "lines": [{"sku": "SOFA-01", "unitPrice": 3000}]},
    )
    owner = site.person("qian.yu").page
    with counted(owner, "(b) a field, in a gateway and in a decision table"):
        owner.get_by_role("link", name="Refund only", exact=True).click()
        owner.get_by_role("link", name="Edit the diagram").click()
        modeller = Modeller(owner)
        modeller.shows("application_ok", "review_amount")
        modeller.has_condition(
            "application_ok__review_amount", 'decision = "approve" and check.finance and ourFault != true'
        )
        missing = problems(owner).filter(has_text="ourFault")
        expect(missing).to_contain_text("Add a field with the key ourFault")
        expect(owner.locator("[data-state]")).to_contain_text("Saved today")
        modeller.selects("requested")
        modeller.opens("pick-form")
        adds_a_field(owner, "checkbox", label="It is our own fault", key="ourFault")
        owner.locator(".crumb").get_by_role("link", name="Refund only").click()
        owner.get_by_role("link", name="Rules").click()
        owner.get_by_role("link", name="Edit Automatic refund limit").click()
        decides_by_the_field(owner)
        saved(owner)
    goes_live(site, owner, "refund_only", "Our own fault is paid at once")

    li_na = site.person("li.na")
    ours = li_na.registers(
        "Money back, not shipped yet", {**ASKED, "It is our own fault": True}, order="SO-1"
    )
    assert records.ledger(site, ours) == [(1, 1, 3000)]
    theirs = li_na.registers("Money back, not shipped yet", ASKED, order="SO-2")
    assert records.open_steps(site, theirs) == ["Review the application"]


def adds_a_field(page: Page, kind: str, *, label: str, key: str) -> None:
    expect(page.locator("[data-editor].is-ready")).to_be_visible()
    page.locator(f'.fjs-palette-field[data-field-type="{kind}"]').press("Enter")
    page.locator(f".fjs-form-field-{kind}").last.click()
    group = page.locator('.fjs-properties-container [data-group-id="group-general"]')
    if not group.locator('[data-entry-id="key"] input').is_visible():
        group.locator(".bio-properties-panel-group-header").click()
    group.locator('[data-entry-id="label"]').get_by_role("textbox").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(label)
    group.locator('[data-entry-id="key"] input').fill(key)
    group.locator('[data-entry-id="key"] input').press("Tab")
    saved(page)
    page.get_by_text("As staff see it").click()
    expect(page.locator(".preview-form").get_by_label(label)).to_be_visible()


def decides_by_the_field(page: Page) -> None:
    """High-value customers as before, our own fault up to 5,000, everybody else 2,000."""
    expect(page.locator("[data-editor].is-ready")).to_be_visible()
    page.locator(".add-input button").click()
    page.locator("th.input-cell").nth(1).dblclick()
    page.get_by_role("textbox", name="Input expression").click()
    page.keyboard.type("ourFault")
    kind = page.locator(".context-menu").get_by_label("Type", exact=True)
    kind.fill("boolean")
    kind.press("Escape")
    page.locator(".tjs-table tbody td.rule-index").first.click()
    writes_cell(page, rule=2, column=1, text="true")
    writes_cell(page, rule=2, column=2, text="5000")
    page.locator(".add-rule-add button").click()
    writes_cell(page, rule=3, column=2, text="2000")
    tried = page.locator("[data-try-place]")
    tried.get_by_label("customer.tier").fill("standard")
    tried.get_by_label("ourFault").fill("true")
    expect(tried.locator("[data-try-value]")).to_have_text("5000")
    tried.get_by_label("ourFault").fill("false")
    expect(tried.locator("[data-try-value]")).to_have_text("2000")
    expect(tried.locator("[data-try-findings]")).to_contain_text("No overlap and no gap.")


def writes_cell(page: Page, *, rule: int, column: int, text: str) -> None:
    cells = page.locator(".tjs-table tbody tr").nth(rule - 1).locator("td.input-cell, td.output-cell")
    cells.nth(column).locator("[contenteditable], .cm-content").first.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)
    page.locator(".tjs-table tbody td.rule-index").first.click()


def test_an_owner_draws_a_new_procedure_from_an_empty_canvas(site: Site) -> None:
    """Two lanes, a form, a timer and a service task from the catalogue; an administrator deploys it, staff work it."""
    owner = site.person("qian.yu").page
    with counted(owner, "(c) a new procedure from an empty canvas"):
        owner.get_by_role("link", name="New procedure").click()
        owner.get_by_label("Name in English").fill("Loan of a machine")
        owner.get_by_label("Name in Chinese").fill("借用样机")
        owner.get_by_label("Registered by").select_option(label="Customer service")
        owner.get_by_role("checkbox", name="Warehouse").check()
        owner.get_by_role("button", name="Begin the draft").click()
        draws_the_loan(Modeller(owner))
        saved(owner)
        modeller = Modeller(owner)
        modeller.selects("registered")
        modeller.opens("pick-form")
        adds_a_field(owner, "textfield", label="Machine", key="machine")
    goes_live(site, owner, "loan_of_a_machine", "Machines on loan")

    case = site.person("li.na").registers("Loan of a machine", {"Machine": "Drill press"})
    assert records.open_steps(site, case) == ["Hand out the machine"]
    site.person("ma.jun").does(case, "Hand out the machine")
    assert records.open_steps(site, case) == []
    assert records.case(site, case).state != "on_loan_over"
    site.pass_time("P14D")
    records.is_closed(site, case, "on_loan_over")


def draws_the_loan(modeller: Modeller) -> None:
    drawn = modeller.drops("task", 430, 350, name="Hand out the machine")
    hand_out = modeller.turns_into(drawn, "User task")
    modeller.picks(hand_out, "pick-form", "loan_of_a_machine_start")
    modeller.connects("registered", hand_out)
    event = modeller.appends(hand_out, "intermediate-event")
    waiting = modeller.turns_into(event, "Timer intermediate catch event")
    modeller.picks(waiting, "timerEventDefinitionType", "Duration", group="timer")
    modeller.writes(waiting, "timer", "timerEventDefinitionValue", "P14D")
    over = modeller.appends(waiting, "append-task", name="State: loan over")
    modeller.takes_template(over, "Set the case's state")
    over = modeller.selected()
    modeller.writes(
        over,
        "ElementTemplates__CustomProperties-headers",
        "custom-entry-aftercare.case.state-headers-0",
        "on_loan_over",
    )
    modeller.writes(
        over,
        "ElementTemplates__CustomProperties-headers",
        "custom-entry-aftercare.case.state-headers-1",
        "Loan over",
    )
    modeller.appends(over, "end-event", name="Back")
