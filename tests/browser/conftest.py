"""Real browsers on a real server. A missing Chromium is told loudly, and is a failure where AFTERCARE_BROWSER=required."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import chromium
from tests.browser.site import PATIENCE, Site, furnish, running
from tests.conftest import MONDAY

HERE = Path(__file__).parent
_numbers = count(1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser. One worker has all of it: they share one Chromium and one furnished database."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it once more where nobody overlooks it."""
    if chromium.path() is None:
        terminalreporter.section(chromium.MISSING, sep="!", red=True, bold=True)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """A running Chromium."""
    if chromium.path() is None:
        if chromium.REQUIRED:
            pytest.fail(chromium.MISSING)
        pytest.skip(chromium.MISSING)
    expect.set_options(timeout=PATIENCE)
    with chromium.launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def furnished(server: str, own_name: str, chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database all sites are copies of: people who speak English, reference data, the shipped procedures."""
    folder = tmp_path_factory.mktemp("furnished")
    return furnish(server, f"{own_name}_furnished", folder, now=MONDAY, language="en")


@pytest.fixture
def site(server: str, furnished: str, chrome: Browser, tmp_path: Path) -> Iterator[Site]:
    """A running site on its first day: a Monday, 10:00, nothing registered yet."""
    name = f"{furnished}_{next(_numbers)}"
    with running(server, furnished, name, browser=chrome, var_dir=tmp_path, now=MONDAY) as site:
        yield site
