"""An administrator's day: the payment system goes down, forty cases get stuck, it comes back, and somebody has left."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from engine.aftersales import cases
from engine.runtime import replay, user_tasks
from engine.runtime.registry import ServiceTaskType
from engine.store.tables import Incident, Job, ProcessInstance, UserTask
from tests.browser.site import Site

STUCK, HELD = 40, 5
ANSWER = "The payment system does not answer (503)."


class PaymentSystem:
    """What pays back; down until somebody brings it up."""

    def __init__(self, site: Site) -> None:
        self.down, self.refused = True, 0
        registry = site.app.engine.registry
        pays = registry.service_task("refund.pay")
        assert pays is not None

        def handler(ctx: Any, job: Any) -> Any:
            if self.down:
                self.refused += 1
                raise ConnectionError(ANSWER)
            return pays.handler(ctx, job)

        registry.add(ServiceTaskType(type="refund.pay", handler=handler))


def test_the_payment_system_goes_down_and_a_colleague_has_left(site: Site) -> None:
    system = PaymentSystem(site)
    for n in range(STUCK):
        refund(site, n, price=100)
    assert counted(site, Incident.resolved_at.is_(None)) == STUCK
    tries = system.refused

    page = site.person("admin").page
    sees_what_is_stuck(page)
    pauses_the_payments(page)
    for n in range(STUCK, STUCK + HELD):
        refund(site, n, price=100)
    assert system.refused == tries, "a paused service is not asked"
    assert counted(site, Incident.resolved_at.is_(None)) == STUCK

    system.down = False
    lets_them_catch_up(site, page)
    tries_the_stuck_ones_again(site, page)
    assert counted(site, Incident.resolved_at.is_(None)) == 0
    assert counted(site, Job.type == "refund.pay", Job.state == "completed") == STUCK + HELD

    for n in (100, 101):
        leaver_claims(site, refund(site, n, price=3000))
    hands_over_the_leavers_steps(site, page)
    replays(site)


def refund(site: Site, n: int, *, price: int) -> str:
    """A refund that somebody asks for; small ones are paid without anybody's review."""
    line = {"sku": "CHAIR-01" if price < 1000 else "SOFA-01", "quantity": 1, "unitPrice": price}
    site.given(
        customer={"number": f"C-{n}", "phone": f"1380000{n:04d}"},
        order={
            "number": f"SO-{n}",
            "state": "paid",
            "salesChannel": "website",
            "lines": [line],
            "shippingFee": 0.0,
        },
    )
    asked = {
        "orderNumber": f"SO-{n}",
        "request": {"lines": [{"line": 1, "quantity": 1}], "reason": "changed_mind"},
        "channel": "phone",
        "urgency": "general",
    }
    return site.do(
        "li.na", cases.open_case, "refund_only", asked, order_number=f"SO-{n}", start_event="requested"
    ).number


def counted(site: Site, *conditions: Any) -> int:
    with site.app.database.begin() as session:
        return session.execute(select(func.count()).where(*conditions)).scalar_one()


def sees_what_is_stuck(page: Page) -> None:
    page.goto("/operate")
    expect(page.locator(".causes")).to_contain_text(ANSWER)
    expect(page.get_by_text(f"{STUCK} cases stuck")).to_be_visible()
    expect(page.locator("[data-diagram] .is-blocked")).to_have_count(1)
    expect(page.locator("[data-diagram] .count.standing").filter(has_text=str(STUCK))).to_have_count(1)


def pauses_the_payments(page: Page) -> None:
    page.get_by_role("link", name="Jobs and workers").click()
    page.get_by_role("button", name="Pause refund.pay").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why").fill("The bank says until noon")
    dialog.get_by_role("button", name="Pause").click()
    expect(page.locator("#answers")).to_contain_text("is paused")
    expect(page.get_by_role("row").filter(has_text="refund.pay")).to_contain_text("The bank says until noon")


def lets_them_catch_up(site: Site, page: Page) -> None:
    page.goto("/operate/work")
    page.get_by_role("button", name="Resume refund.pay").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{HELD} jobs wait")
    dialog.get_by_label("Why").fill("The bank answers again")
    dialog.get_by_role("button", name="Resume").click()
    expect(page.locator("#answers")).to_contain_text(f"{HELD} waiting jobs")
    site.work()
    assert counted(site, Job.type == "refund.pay", Job.state == "completed") == HELD


def tries_the_stuck_ones_again(site: Site, page: Page) -> None:
    page.goto("/operate")
    page.locator(".causes").get_by_role("link", name=re.compile("Try again")).click()
    expect(page.locator(".figures")).to_contain_text(re.compile(rf"Chosen\s*{STUCK}"))
    page.get_by_label("Why, for their history").fill("The bank answers again")
    page.get_by_role("button", name=f"Try {STUCK} cases again").click()
    expect(page.get_by_text("still to come")).to_be_visible()
    site.work()
    # The page looks again by itself.
    expect(page.locator(".figures")).to_contain_text(re.compile(rf"done\s*{STUCK}"))
    expect(page.locator(".figures")).to_contain_text(re.compile(r"still to come\s*0"))


def leaver_claims(site: Site, case: str) -> None:
    with site.app.database.begin() as session:
        query = select(UserTask.id).where(UserTask.business_key == case, UserTask.state == "created")
        task = session.execute(query).scalar_one()
    site.do("wang.fang", user_tasks.claim, task)


def hands_over_the_leavers_steps(site: Site, page: Page) -> None:
    page.goto("/operate")
    page.get_by_role("link", name="Hand over work").click()
    page.get_by_label("Whose work").select_option("wang.fang")
    page.get_by_label("Goes to").select_option("xu.dan")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".figures")).to_contain_text(re.compile(r"would be refused\s*2"))
    expect(page.get_by_role("cell", name=re.compile("This step is for")).first).to_be_visible()
    page.get_by_label("Goes to").select_option("gao.yuan")
    page.get_by_role("button", name="Check").click()
    page.get_by_label("Why, for their history").fill("Wang Fang has left the company")
    page.get_by_role("button", name="Hand over 2 steps").click()
    expect(page.get_by_text("still to come")).to_be_visible()
    site.work()
    expect(page.locator(".figures")).to_contain_text(re.compile(r"done\s*2"))
    assert counted(site, UserTask.assignee == "gao.yuan", UserTask.state == "created") == 2
    assert counted(site, UserTask.assignee == "wang.fang", UserTask.state == "created") == 0


def replays(site: Site) -> None:
    """Every case, whatever was done to it, replays to what its history tells."""
    with site.app.database.begin() as session:
        for instance in session.scalars(select(ProcessInstance.id)).all():
            replay.check(session, site.app.engine, instance)
