"""Health, for whoever watches over the processes: alive, ready."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

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
