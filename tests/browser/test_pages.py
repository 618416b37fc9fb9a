"""Every page: usable with assistive technology in light and dark, and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from engine.store.tables import Person
from tests.browser import pages
from tests.browser.site import DESKTOP, Site, running
from tests.conftest import MONDAY

PHONE = {"width": 390, "height": 844}
#: The canvas of the diagram viewer is its library's; its place and its label are ours.
AXE = {"exclude": [[".djs-container"]]}
#: Controls that stick out of the screen and that nothing scrolls into it.
UNREACHABLE = """() => {
  const kinds = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
  const shown = { visibilityProperty: true, opacityProperty: true };
  const scrolls = place => /auto|scroll/.test(getComputedStyle(place).overflowX);
  return [...document.querySelectorAll(kinds)].filter(control => {
    const box = control.getBoundingClientRect();
    if (!control.checkVisibility(shown) || !box.width || control.closest('.skip, .djs-container')) {
      return false;
    }
    let place = control.parentElement;
    while (place && place !== document.body && !scrolls(place)) {
      place = place.parentElement;
    }
    return place === document.body && (box.left < -1 || box.right > innerWidth + 1);
  }).map(control => control.outerHTML.slice(0, 160));
}"""


@pytest.fixture(scope="module")
def shown(
    server: str, furnished: str, chrome: Browser, tmp_path_factory: Any
) -> Iterator[tuple[Site, dict[str, Any]]]:
    """One site for all pages: they are only looked at."""
    folder = tmp_path_factory.mktemp("pages")
    with running(server, furnished, f"{furnished}_pages", browser=chrome, var_dir=folder, now=MONDAY) as site:
        yield site, pages.furnish(site)


@pytest.mark.parametrize(("person", "screen"), pages.SCREENS)
def test_the_page_is_usable(shown: tuple[Site, dict[str, Any]], person: str, screen: str) -> None:
    site, places = shown
    visit = pages.visit(person, screen, places)
    page = site.stranger() if not person else site.sign_in(person)
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light")
    page.goto(visit.address)
    if visit.act:
        pages.ACTS[visit.act](page)
    expect(page.locator("h1").first).to_be_visible()
    _is_accessible(page)
    page.emulate_media(color_scheme="dark")
    _is_accessible(page, runOnly=["color-contrast"])

    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"], f"{visit.address} is {wide} px wide on a phone"
    assert page.evaluate(UNREACHABLE) == []


@pytest.mark.parametrize(
    ("person", "screen"),
    [each for each in pages.SCREENS if each[0] in pages.WATCHERS and "+" not in each[1]],
)
def test_the_page_is_usable_in_chinese(shown: tuple[Site, dict[str, Any]], person: str, screen: str) -> None:
    """What auditors and administrators look at is wide: words of another length must fit too."""
    site, places = shown
    page = site.sign_in(person)
    _speaks(site, person, "zh")
    try:
        page.set_viewport_size(DESKTOP)
        page.goto(pages.visit(person, screen, places).address)
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
        for look in ("light", "dark"):
            page.emulate_media(color_scheme=look)  # type: ignore[arg-type]
            _is_accessible(page)
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert page.evaluate(UNREACHABLE) == []
    finally:
        _speaks(site, person, "en")


def _speaks(site: Site, person: str, language: str) -> None:
    with site.app.database.begin() as session:
        session.execute(update(Person).where(Person.key == person).values(language=language))


def _is_accessible(page: Page, **options: Any) -> None:
    expect(page.locator("body:not(.is-busy)")).to_be_attached()
    found = Axe().run(page, context=AXE, options=options or None)
    problems = [
        f"{problem['id']} ({problem['impact']}): {node['html'][:140]} {node['failureSummary']}"
        for problem in found.response["violations"]
        for node in problem["nodes"][:4]
    ]
    assert not problems, "\n".join(problems)
