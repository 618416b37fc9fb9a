"""What a worker did, for Prometheus: counted as it works, told on an address of its own."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import perf_counter
from typing import Literal

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

Outcome = Literal["done", "retried", "failed", "postponed"]

WORK = CollectorRegistry()
_ended = Counter(
    "aftercare_work",
    "Pieces of deferred work by what became of them: done, retried, failed (an incident is open), postponed.",
    ("kind", "outcome"),
    registry=WORK,
)
_seconds = Histogram(
    "aftercare_work_seconds",
    "How long a piece of deferred work took.",
    ("kind",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
    registry=WORK,
)
_in_hand = Gauge(
    "aftercare_work_in_hand",
    "Pieces of deferred work in hand now.",
    registry=WORK,
    multiprocess_mode="livesum",
)


@contextmanager
def counted(kind: str) -> Iterator[Callable[[Outcome], None]]:
    """Within: one piece of work. What became of it is told to what this yields; what raises is postponed."""
    outcome: Outcome = "postponed"

    def ended(became: Outcome) -> None:
        nonlocal outcome
        outcome = became

    began = perf_counter()
    _in_hand.inc()
    try:
        yield ended
    finally:
        _in_hand.dec()
        _seconds.labels(kind).observe(perf_counter() - began)
        _ended.labels(kind, outcome).inc()


class Telling:
    """An HTTP server of two addresses: `/healthz` (200 while the worker works, else 503) and `/metrics`."""

    def __init__(self, address: str, *, token: str, works: Callable[[], bool]) -> None:
        host, _, port = address.rpartition(":")
        self._server = ThreadingHTTPServer((host, int(port)), _answering(token, works))
        #: Where it listens; the port is one that was free where 0 was asked for.
        self.port = self._server.server_port
        Thread(target=self._server.serve_forever, name="figures", daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


def _answering(token: str, works: Callable[[], bool]) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = self.headers.get("authorization", "")
            if self.path == "/healthz":
                alive = works()
                self._answer(200 if alive else 503, b"alive\n" if alive else b"not working\n", "text/plain")
            elif self.path != "/metrics":
                self._answer(404, b"", "text/plain")
            elif token and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
                self._answer(403, b"not allowed\n", "text/plain")
            else:
                self._answer(200, generate_latest(WORK), CONTENT_TYPE_LATEST)

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Being asked every few seconds is no event."""

    return Answering
