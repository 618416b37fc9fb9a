"""The web's guards: headers on every answer, no changes from other sites, no bodies beyond a size."""

from __future__ import annotations

import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData, Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.visitor import Visitor

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: Nothing inline, nothing from elsewhere. `data:` images are what the diagram viewer draws its cursors and logo with.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "media-src 'self'",
        "worker-src 'self' blob:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
#: A form without files is small.
FORM_OCTETS = 2_000_000
#: Files of one submission together, in files of the largest size allowed.
FILES_A_FORM = 5
MEGABYTE = 1_000_000


class CrossSite(Exception):
    """A change that did not come from a page of ours."""


class BodyTooLarge(Exception):
    """A request body beyond the limit, in octets."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class Guard:
    """ASGI middleware: secure headers out, a bounded body in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, guarded."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if "cache-control" not in headers:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, self._bounded(scope, receive), secured)

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        content_type = Headers(scope=scope).get("content-type", "")
        with_files = content_type.startswith("multipart/")
        limit = FORM_OCTETS
        if with_files:
            organisation = scope["app"].state.engine.organisation()
            limit += FILES_A_FORM * organisation.attachments.max_megabytes * MEGABYTE
        received = 0

        async def bounded() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] != "http.request":
                return message
            received += len(message.get("body", b""))
            if received > limit:
                # Read on to the end: a browser that is still sending never sees an answer given before.
                while (
                    message.get("more_body") and message["type"] == "http.request" and received < 20 * limit
                ):
                    message = await receive()
                    received += len(message.get("body", b""))
                raise BodyTooLarge(limit)
            return message

        return bounded


def same_site(request: Request) -> bool:
    """Whether a request that changes something came from a page of ours, as the browser itself says."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def check_token(visitor: Visitor, given: str) -> None:
    """Raises `CrossSite` unless `given` is the token that forms of this session carry."""
    if not hmac.compare_digest(visitor.csrf.encode(), given.encode()):
        raise CrossSite


async def form_of(request: Request) -> FormData:
    """The request's form, read once; empty for a request without one."""
    if request.method in SAFE_METHODS:
        return FormData()
    if not same_site(request):
        raise CrossSite
    return await request.form(max_files=50, max_fields=5000)


#: The submitted form: `fields: Form`.
Form = Annotated[FormData, Depends(form_of)]
