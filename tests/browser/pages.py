"""Every screen there is, and who looks at it: for the checks of all pages and for the pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.aftersales import notes, preferences
from engine.store.tables import HistoryEvent, UserTask
from tests.browser.site import PASSWORD, Site

#: (who, address). `{case}` and the like are filled in by `places`; a `+name` does one of `ACTS` on the page first.
SCREENS: tuple[tuple[str, str], ...] = (
    ("", "/sign-in"),
    ("", "/sign-in+wrong_password"),
    ("zhou.min", "/inbox?tab=mine"),
    ("zhou.min", "/inbox?tab=done"),
    ("zhou.min", "/inbox?tab=following"),
    ("zhou.min", "/inbox?tab=following&q=nothing-like-it"),
    ("gao.yuan", "/inbox?tab=groups"),
    ("gao.yuan", "/inbox?tab=groups+select"),
    ("gao.yuan", "/inbox?tab=groups&priority=normal+save_filter"),
    ("gao.yuan", "/notices"),
    ("ma.jun", "/notices"),
    ("zhou.min", "/cases/{case}+mention"),
    ("gao.yuan", "/inbox?tab=groups&q=nothing-like-it"),
    ("gao.yuan", "/user-tasks/{review}"),
    ("gao.yuan", "/user-tasks/{review}+refuse"),
    ("gao.yuan", "/user-tasks/{review}+help"),
    ("xu.dan", "/user-tasks/{review}"),
    ("xu.dan", "/user-tasks/{amount}"),
    ("chen.wei", "/user-tasks/{call}"),
    ("chen.wei", "/user-tasks/{assign}"),
    ("zhou.min", "/user-tasks/{done}"),
    ("zhou.min", "/start"),
    ("zhou.min", "/start/refund_only"),
    ("zhou.min", "/start/refund_only?q=Wang"),
    ("zhou.min", "/start/refund_only?q=nobody-like-it"),
    ("zhou.min", "/start/return_and_refund?order=SO-2"),
    ("zhou.min", "/start/return_and_refund?order=SO-2+complete"),
    ("zhou.min", "/start/complaint?customer=C-1"),
    ("zhou.min", "/cases"),
    ("zhou.min", "/cases?state=completed"),
    ("zhou.min", "/cases/{case}"),
    *(
        ("zhou.min", f"/cases/{{case}}?tab={tab}")
        for tab in ("timeline", "goods", "messages", "files", "links", "diagram")
    ),
    ("zhou.min", "/cases/{closed}"),
    ("zhou.min", "/customers"),
    ("zhou.min", "/customers/{customer}"),
    ("zhou.min", "/find?q=Wang"),
    ("zhou.min", "/preferences"),
    ("qian.yu", "/preferences/sign-in"),
    ("zhou.min", "/nowhere"),
    ("zhou.min", "/finance"),
    ("xu.dan", "/finance"),
    ("gao.yuan", "/reasons"),
    ("ma.jun", "/stock"),
    ("ma.jun", "/stock/levels"),
    *(("zhou.min", f"/cases/{{case}}/print/{form}") for form in ("problem_registration", "agreement")),
    ("qian.yu", "/studio"),
    ("qian.yu", "/studio/new"),
    ("qian.yu", "/studio/landscape"),
    *(
        ("qian.yu", f"/studio/refund_only{tab}")
        for tab in ("", "/rules", "/forms", "/words", "/scenarios", "/versions", "/play")
    ),
    ("admin", "/operate"),
    ("admin", "/operate?process=refund_only"),
    ("admin", "/operate/work"),
    ("admin", "/operate/many?action=retry"),
    ("admin", "/operate/many?action=suspend&process=refund_only"),
    ("admin", "/operate/many?action=reassign&person=chen.wei"),
    ("admin", "/operate/cases/{case}"),
    ("admin", "/operate/deployments"),
    ("admin", "/operate/moves"),
    ("admin", "/operate/retention"),
    ("admin", "/personal-data?q=Wang"),
    ("admin", "/personal-data/{customer}"),
    ("admin", "/operate/moves?process=refund_only"),
    ("admin", "/preferences/sign-in"),
    ("admin", "/preferences/sign-in+second_factor"),
    *(
        ("admin", f"/operate/organisation{tab}")
        for tab in (
            "",
            "/absences",
            "/people/new",
            "/people/chen.wei",
            "/roles",
            "/roles/technician",
            "/rules",
            "/calendar",
            "/versions",
        )
    ),
    ("shen.ke", "/audit"),
    ("shen.ke", "/audit/proof"),
    ("shen.ke", "/audit/{case}"),
    ("shen.ke", "/audit/{case}/as-it-was?n=2"),
    ("shen.ke", "/audit/export"),
    ("shen.ke", "/audit?procedure=refund_only&variable=request.reason&value=changed_mind+more_filters"),
    *(("shen.ke", f"/audit/{{case}}/why?event={{{event}}}") for event in ("rule", "way", "step")),
    ("gao.yuan", "/user-tasks/{review}/why"),
    ("zhou.min", "/user-tasks/{review}/why"),
    ("zhou.min", "/cases/{case}/why"),
    ("zhou.min", "/cases/{closed}/why"),
    ("shen.ke", "/insights"),
    ("shen.ke", "/insights?procedure=refund_only&period=2026"),
    ("shen.ke", "/insights/report"),
    ("shen.ke", "/insights/flow?procedure=return_and_refund"),
)


#: Who reads and runs the house; their pages are looked at in both languages.
WATCHERS = frozenset({"admin", "shen.ke"})


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One screen to look at: who, where, and what is done there first."""

    person: str
    address: str
    act: str = ""


def visit(person: str, screen: str, places: dict[str, Any]) -> Visit:
    """A screen with its placeholders filled in."""
    address, _, act = screen.partition("+")
    return Visit(person=person, address=address.format(**places), act=act)


def furnish(site: Site) -> dict[str, Any]:
    """Cases in every stage a screen shows; the numbers and ids that stand in addresses."""
    line = {"sku": "CHAIR-01", "quantity": 2, "unitPrice": 12000}
    for number, state in ((1, "paid"), (2, "received"), (3, "received")):
        site.given(
            customer={"number": f"C-{number}", "name": f"Wang {number}", "tier": "high_value"},
            order={"number": f"SO-{number}", "state": state, "salesChannel": "website", "lines": [line]},
        )
    site.given(
        customer={"number": "C-4", "name": "Wang 4"},
        order={
            "number": "SO-4",
            "state": "paid",
            "salesChannel": "website",
            "lines": [{"sku": "LAMP-01", "unitPrice": 80}],
        },
    )
    refund = {"request": {"lines": [{"line": 1, "quantity": 1}], "reason": "changed_mind"}}
    fault = {
        "problem": "It wobbles",
        "symptoms": "One leg",
        "brokenSince": "2026-10-30",
        "appointmentWish": "Weekdays",
        "category": "repair",
    }

    def opened(process: str, order: str, values: dict[str, Any]) -> str:
        told = {"orderNumber": order, "channel": "phone", "urgency": "urgent"}
        return site.open_case("zhou.min", process, told | values, order_number=order)

    case, closed = opened("refund_only", "SO-1", refund), opened("refund_only", "SO-4", refund)
    repairs = [opened("repair", number, fault) for number in ("SO-2", "SO-3")]
    site.completes("chen.wei", repairs[1], "call", {"callOutcome": "reached"})
    site.completes(
        "chen.wei",
        repairs[1],
        "diagnose",
        {
            "diagnosis": {"answers": "Asked", "cause": "quality", "complexity": "ordinary", "hours": 1},
            "diagnosisResult": "work",
        },
    )
    site.completes("zhou.min", closed, "rate", {"rating": "5"})
    amount = opened(
        "return_and_refund", "SO-2", refund | {"request": {**refund["request"], "reason": "no_reason"}}
    )
    site.completes(
        "gao.yuan",
        amount,
        "review_application",
        {
            "returnContact": "Returns desk",
            "returnAddress": "Central warehouse",
            "cause": "customer",
            "department": "none",
            "decision": "approve",
        },
    )
    site.do("zhou.min", notes.add, case, "@gao.yuan please look at the coupon first.")
    site.do("zhou.min", preferences.keep_filter, "inbox", "Urgent", "tab=groups&priority=high", shared=True)
    return {
        "case": case,
        "closed": closed,
        "review": _step(site, case, "review_application"),
        "amount": _step(site, amount, "review_amount"),
        "call": _step(site, repairs[0], "call"),
        "assign": _step(site, repairs[1], "assign"),
        "done": _step(site, closed, "rate"),
        "customer": "C-1",
        "rule": _event(site, case, "DecisionEvaluated", "check"),
        "way": _event(site, case, "ElementCompleted", "route"),
        "step": _event(site, case, "UserTaskCreated", "review_application"),
    }


def _event(site: Site, case: str, type_: str, element: str) -> str:
    with site.app.database.begin() as session:
        query = select(HistoryEvent.stream, HistoryEvent.seq).where(
            HistoryEvent.business_key == case,
            HistoryEvent.type == type_,
            HistoryEvent.element_id == element,
        )
        stream, seq = session.execute(query).one()
        return f"{stream}.{seq}"


def _step(site: Site, case: str, element: str) -> int:
    with site.app.database.begin() as session:
        query = select(UserTask.id).where(UserTask.business_key == case, UserTask.element_id == element)
        return session.execute(query).scalars().one()


def _wrong_password(page: Page) -> None:
    page.locator("[name=key]").fill("li.na")
    page.locator("[name=password]").fill("not it")
    page.get_by_role("button", name="Sign in").click()


def _refuse(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Refuse")).click()


def _complete(page: Page) -> None:
    page.locator("form.form-frame .form-actions").get_by_role("button").first.click()


def _select(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("x")


def _save_filter(page: Page) -> None:
    page.get_by_role("button", name="Save this filter").click()


def _more_filters(page: Page) -> None:
    page.get_by_text("More filters").click()


def _mention(page: Page) -> None:
    page.get_by_label("Note", exact=True).press_sequentially("Please look, @")


def _help(page: Page) -> None:
    page.get_by_role("button", name="Keyboard help").click()


def _second_factor(page: Page) -> None:
    page.locator("#f-second-present").fill(PASSWORD)
    page.get_by_role("button", name="Set up an app").click()
    expect(page.locator("[data-shared]")).to_be_visible()


#: What is done on a page before it is looked at.
ACTS = {
    "wrong_password": _wrong_password,
    "refuse": _refuse,
    "complete": _complete,
    "help": _help,
    "select": _select,
    "save_filter": _save_filter,
    "mention": _mention,
    "second_factor": _second_factor,
    "more_filters": _more_filters,
}
