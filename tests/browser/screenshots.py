"""Pictures of every persona's pages: `python -m tests.browser.screenshots [folder]`.

The sample company on a real server; each page in Chinese and English, light and dark, on a desk and on a phone. For the
README and for whoever wants to look at the product without running it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from playwright.sync_api import Page
from sqlalchemy import select, update

from config import settings as settings_module
from engine.aftersales.tables import AftersalesCase
from engine.sample import company
from engine.store import embedded
from engine.store.tables import Person, ProcessInstance, UserTask
from tests.browser import chromium
from tests.browser.site import DESKTOP, Site, furnish, running

ROOT = Path(__file__).resolve().parents[2]
PHONE = {"width": 390, "height": 844}
DATABASE = "screenshots"
#: Of a page that is longer, in pixels, only the first screen is taken.
TALLEST = 2400

#: Persona -> name of the picture -> address. `{step:process.element}` is an open step, `{case:process}` a case.
PAGES: dict[str, dict[str, str]] = {
    "": {"sign-in": "/sign-in"},
    "zhou.min": {
        "inbox": "/inbox?tab=groups",
        "start": "/start",
        "find-subject": "/start/return_and_refund?q=Wang",
        "register": "/start/repair?without=1",
        "cases": "/cases",
        "case": "/cases/{case:return_and_refund}",
        "case-timeline": "/cases/{case:return_and_refund}?tab=timeline",
        "case-goods": "/cases/{case:exchange}?tab=goods",
        "case-messages": "/cases/{case:repair}?tab=messages",
        "case-diagram": "/cases/{case:repair}?tab=diagram",
        "print": "/cases/{case:repair}/print/problem_registration",
        "customers": "/customers",
        "preferences": "/preferences",
        "find": "/find?q=Wang",
    },
    "chen.wei": {
        "inbox": "/inbox?tab=groups",
        "diagnose": "/user-tasks/{step:repair.diagnose}",
        "appointment": "/user-tasks/{step:repair_visit.assign}",
        "call": "/user-tasks/{step:contact_customer.call}",
    },
    "zhang.qiang": {"visit": "/user-tasks/{step:repair_visit.work}"},
    "gao.yuan": {
        "review": "/user-tasks/{step:return_and_refund.review_application}",
        "exchange": "/user-tasks/{step:exchange.review_application}",
        "reasons": "/reasons",
    },
    "xu.dan": {"amount": "/user-tasks/{step:return_and_refund.review_amount}", "finance": "/finance"},
    "ma.jun": {
        "inspect": "/user-tasks/{step:return_and_refund.inspect}",
        "movements": "/stock",
        "levels": "/stock/levels",
    },
    "deng.hua": {"propose": "/user-tasks/{step:complaint_proposal.propose}"},
    "sun.lei": {"approve": "/user-tasks/{step:complaint_proposal.approve}"},
    "qian.yu": {
        "studio": "/studio",
        "procedure": "/studio/return_and_refund",
        "rules": "/studio/return_and_refund/rules",
        "forms": "/studio/return_and_refund/forms",
        "words": "/studio/return_and_refund/words",
        "versions": "/studio/return_and_refund/versions",
        "scenarios": "/studio/return_and_refund/scenarios",
        "effect": "/studio/return_and_refund/effect",
        "try-it": "/studio/return_and_refund/play",
        "edit-diagram": "/studio/refund_only/edit/bpmn/refund_only.bpmn",
        "edit-rules": "/studio/refund_only/edit/dmn/refund_rules.dmn",
        "edit-form": "/studio/refund_only/edit/form/refund_only_start.form",
        "landscape": "/studio/landscape",
        "new-procedure": "/studio/new",
    },
    "admin": {
        "operate": "/operate",
        "operate-procedure": "/operate?process=return_and_refund",
        "operate-work": "/operate/work",
        "operate-many": "/operate/many?action=suspend&process=return_and_refund",
        "operate-leaver": "/operate/many?action=reassign&person=chen.wei",
        "operate-case": "/operate/cases/{case:repair}",
        "retention": "/operate/retention",
        "personal-data": "/personal-data?q=Wang",
        "deployments": "/operate/deployments",
        "moves": "/operate/moves",
        "organisation": "/operate/organisation",
        "roles": "/operate/organisation/roles",
        "person": "/operate/organisation/people/chen.wei",
        "limits": "/operate/organisation/rules",
        "calendar": "/operate/organisation/calendar",
        "sign-in": "/preferences/sign-in",
    },
    "shen.ke": {
        "audit": "/audit",
        "case-events": "/audit/{case:complaint}",
        "case-as-it-was": "/audit/{case:complaint}/as-it-was?n=6",
        "what-it-waits-for": "/cases/{case:return_and_refund}/why",
        "why-with-whom": "/user-tasks/{step:return_and_refund.review_application}/why",
        "proof": "/audit/proof",
        "export": "/audit/export",
        "insights": "/insights",
        "insights-report": "/insights/report",
        "flow": "/insights/flow?procedure=return_and_refund",
    },
}


def main(folder: Path) -> None:
    """Take all pictures."""
    address = os.environ.get("AFTERCARE_TEST_DATABASE_URL")
    server = address or embedded.start(ROOT / "var" / "test-postgresql")
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as scratch, chromium.launched() as browser:
        var_dir = Path(scratch)
        furnish(server, DATABASE, var_dir, now=now)
        settings = settings_module.load(var_dir=var_dir)
        company.load(settings, embedded.ensure_database(server, DATABASE), told=_told)
        with running(
            server, DATABASE, f"{DATABASE}_shown", browser=browser, var_dir=var_dir, now=now
        ) as site:
            for picture in _pictures(site, folder):
                _told(f"{picture.relative_to(folder)}")
    print(f"\nThe pictures are in {folder}.")


def _told(text: str) -> None:
    print(f"\r\033[K{text}", end="", flush=True)


def _pictures(site: Site, folder: Path) -> Iterator[Path]:
    for language in ("zh", "en"):
        with site.app.database.begin() as session:
            session.execute(update(Person).values(language=language))
        for person, pages in PAGES.items():
            page = site.sign_in(person) if person else site.stranger(locale=language)
            for name, address in pages.items():
                where = _found(site, address)
                if where is None:
                    continue
                page.goto(where)
                for look, (form, size) in product(("light", "dark"), (("desk", DESKTOP), ("phone", PHONE))):
                    path = folder / language / f"{person or 'anybody'}-{name}-{look}-{form}.png"
                    _take(page, path, look, size)
                    yield path


def _take(page: Page, path: Path, look: str, size: dict[str, int]) -> None:
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    page.set_viewport_size(size)  # type: ignore[arg-type]
    for diagram in page.locator("[data-diagram]:visible").all():
        diagram.scroll_into_view_if_needed()
        diagram.locator("svg .viewport, svg").first.wait_for(state="visible")
    for editor in page.locator("[data-editor]").all():
        editor.and_(page.locator(".is-ready")).wait_for(state="visible")
    page.evaluate("() => scrollTo(0, 0)")
    path.parent.mkdir(parents=True, exist_ok=True)
    tall = page.evaluate("document.documentElement.scrollHeight") > TALLEST
    page.screenshot(path=path, full_page=not tall, animations="disabled", timeout=60_000)


def _found(site: Site, address: str) -> str | None:
    """An address with its placeholder filled in; None where nothing of the kind is there."""
    before, brace, rest = address.partition("{")
    if not brace:
        return address
    placeholder, _, after = rest.partition("}")
    kind, _, what = placeholder.partition(":")
    with site.app.database.begin() as session:
        if kind == "step":
            process, _, element = what.partition(".")
            query = (
                select(UserTask.id)
                .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
                .where(
                    ProcessInstance.process_key == process,
                    UserTask.element_id == element,
                    UserTask.state == "created",
                )
                .order_by(UserTask.assignee.is_not(None), UserTask.id)
            )
        else:
            query = (
                select(AftersalesCase.number)
                .where(AftersalesCase.process_key == what, AftersalesCase.closed_at.is_(None))
                .order_by(AftersalesCase.id)
            )
        found = session.execute(query.limit(1)).scalar()
    return None if found is None else f"{before}{found}{after}"


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "var" / "screenshots")
