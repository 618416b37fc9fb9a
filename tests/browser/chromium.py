"""The real browser: where it is, how it is started."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: AFTERCARE_BROWSER=required makes a missing browser a failure instead of tests that did not run.
REQUIRED = os.environ.get("AFTERCARE_BROWSER") == "required"
MISSING = "NO CHROMIUM: the browser tests did not run. Install Chromium to run them."


def path() -> str | None:
    """Where the machine's Chromium is; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """A running Chromium without a window. Raises `FileNotFoundError` where there is none."""
    executable = path()
    if executable is None:
        raise FileNotFoundError(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
