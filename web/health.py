"""Health, for whoever watches over the processes: alive, ready, and figures for Prometheus."""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from web import metrics
from web.queries import health as queries
from web.screen import Screen

router = Screen()


@router.get("/healthz")
def alive() -> Response:
    """This process answers. Asks nothing of the database: restarting a process does not mend that."""
    return JSONResponse({"status": "alive"})


@router.get("/readyz")
def ready(request: Request) -> Response:
    """Whether work can be done here: database reached, its schema this release's, a worker alive; 503 where not."""
    found = queries.readiness(request.app.state.commands)
    checks: dict[str, Any] = {
        "database": found.database,
        "migrations": found.migrations,
        "workers": found.workers > 0,
    }
    return JSONResponse(
        {"status": "ready" if found.ready else "not ready", **checks}, status_code=200 if found.ready else 503
    )


@router.get("/metrics")
def figures(request: Request) -> Response:
    """Figures of HTTP, engine, queue and database, for who has the token; without one only for this machine itself."""
    if not _may_scrape(request):
        return JSONResponse({"status": "not allowed"}, status_code=403)
    return Response(metrics.exposition(request.app.state.commands), media_type=CONTENT_TYPE_LATEST)


def _may_scrape(request: Request) -> bool:
    token = request.app.state.engine.settings.metrics_token.get_secret_value()
    if token:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    # A proxy on this machine speaks for somebody elsewhere.
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via")):
        return False
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
