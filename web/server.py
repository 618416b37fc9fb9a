"""Serving: uvicorn over the application, with a worker inside."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from config import settings as settings_module
from config.settings import Settings
from engine import log, telemetry
from engine.bootstrap import application
from engine.worker import Worker
from web import metrics
from web.app import create_app


def build() -> FastAPI:
    """The application of one web process, by the settings in its environment; uvicorn calls it in each process."""
    settings = settings_module.load()
    log.configure(settings)
    return with_worker(settings)


def with_worker(settings: Settings) -> FastAPI:
    """A web process with as many worker threads inside as the settings say."""
    running = application(settings)
    app = create_app(running.engine, running.database)
    served = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(inner: FastAPI) -> AsyncIterator[Any]:
        end_telemetry = telemetry.configure(settings, part="web")
        worker = Worker(running, threads=settings.serve_workers) if settings.serve_workers else None
        if worker is not None:
            worker.start()
        try:
            async with served(inner) as state:
                yield state
        finally:
            if worker is not None:
                worker.stop()
            running.close()
            end_telemetry()

    app.router.lifespan_context = lifespan
    # What was read by now stays: the collector need not look at it again.
    gc.freeze()
    gc.enable()
    return app


def serve(settings: Settings, *, processes: int = 1) -> None:
    """Serve until SIGINT or SIGTERM."""
    common: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "log_level": settings.log_level.lower(),
        "access_log": False,
        "timeout_graceful_shutdown": 10,
        "proxy_headers": True,
    }
    if processes == 1:
        uvicorn.run(with_worker(settings), **common)
    else:
        with tempfile.TemporaryDirectory(prefix="aftercare-metrics-") as shared:
            # Whichever process is asked for metrics tells what all of them served.
            os.environ[metrics.SHARED] = shared
            uvicorn.run("web.server:build", factory=True, workers=processes, **common)
