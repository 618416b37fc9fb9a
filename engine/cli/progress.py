"""What is being done while somebody waits: one line that is rewritten on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time

#: Seconds between two lines that only count on: on a terminal, and elsewhere.
_REWRITTEN, _WRITTEN = 0.1, 5


class Progress:
    """Call it with what is being done now; `end` clears the line."""

    def __init__(self) -> None:
        self._rewrites = sys.stderr.isatty()
        self._last = 0.0

    def __call__(self, doing: str) -> None:
        """Tell it, unless something was told a moment ago and this only counts on."""
        counts_on = any(letter.isdigit() for letter in doing)
        if counts_on and time.monotonic() - self._last < (_REWRITTEN if self._rewrites else _WRITTEN):
            return
        self._last = time.monotonic()
        sys.stderr.write(f"\r\033[K{doing}" if self._rewrites else f"{doing}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Nothing is being waited for any more."""
        if self._rewrites:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
