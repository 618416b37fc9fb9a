"""How long a story takes a person at the page, and how many clicks: counted by the browser and printed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

#: A click of the mouse, or a choice in a list; what only a key does is not counted.
_COUNT = """() => {
  const one = () => sessionStorage.setItem('clicks', 1 + Number(sessionStorage.getItem('clicks')));
  addEventListener('click', event => { if (event.isTrusted && event.detail === 1) one(); }, true);
  addEventListener('change', event => { if (event.target.tagName === 'SELECT') one(); }, true);
}"""


@contextmanager
def counted(page: Page, story: str) -> Iterator[None]:
    """Counts what is clicked within, across pages, and prints it with the time."""
    page.add_init_script(f"({_COUNT})()")
    page.goto("/studio")
    page.evaluate("sessionStorage.setItem('clicks', 0)")
    began = time.monotonic()
    yield
    clicks = int(page.evaluate("sessionStorage.getItem('clicks')"))
    print(f"\n{story}: {clicks} clicks, {time.monotonic() - began:.1f} s by this machine's hand")
