"""Where the time of a request or of a piece of work goes, for whoever collects it; none until a process says where to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

#: Opens a span of this name with these attributes; the headers name the span of another process that it belongs to.
Opening = Callable[[str, Mapping[str, Any], Mapping[str, str]], AbstractContextManager[Any]]

_NOTHING = nullcontext()
_opening: Opening | None = None


def collect(opening: Opening | None) -> None:
    """From now on open spans so; None: no more."""
    global _opening  # one a process, as OpenTelemetry has it
    _opening = opening


def span(
    name: str, attributes: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
) -> AbstractContextManager[Any]:
    """Within: what takes this time. Yields an OpenTelemetry span, or None where nobody collects."""
    return _NOTHING if _opening is None else _opening(name, attributes or {}, headers or {})
