"""Requests: each has a number, so that all that is logged of it is found together."""

from __future__ import annotations

import re
import secrets
from time import perf_counter
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from engine.runtime import spans
from web import metrics

log = structlog.get_logger(__name__)

HEADER = "X-Request-ID"
#: The span of whoever asks (W3C Trace Context).
TRACE = "traceparent"
#: A proxy's number is kept when it looks like one.
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
#: An answer that takes longer to begin is worth a line of its own, in seconds.
SLOW = 1.0


class Numbered:
    """ASGI middleware, outermost: the request's number in the log and in the answer, and how long that took to begin."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, numbered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        number = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        # Each request runs in a context of its own, and what it starts (threads too) in copies of that.
        bind_contextvars(request=number)
        began = perf_counter()

        status = 0

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = number
                _tell(scope, status, perf_counter() - began)
            await send(message)

        headers = {TRACE: trace} if (trace := Headers(scope=scope).get(TRACE)) else {}
        with spans.span(scope["method"], {"http.request.method": scope["method"]}, headers) as span:
            await self.app(scope, receive, answered)
            if span is not None:
                _name(span, scope, status, number)


def _name(span: Any, scope: Scope, status: int, number: str) -> None:
    """The route, as for metrics; the request's number leads to its lines in the log."""
    route = getattr(scope.get("route"), "path", "other")
    span.update_name(f"{scope['method']} {route}")
    span.set_attributes(
        {"http.route": route, "http.response.status_code": status, "aftercare.request": number}
    )


def _tell(scope: Scope, status: int, seconds: float) -> None:
    # The route, not the path: there are as many figures as routes, not as cases.
    metrics.served(scope["method"], getattr(scope.get("route"), "path", "other"), status, seconds)
    tell = log.warning if seconds > SLOW else log.debug
    tell(
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status,
        milliseconds=round(seconds * 1000),
    )
