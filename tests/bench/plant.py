"""Web processes and workers as an installation runs them, and a web server of the same kind with nothing behind it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from fastapi import FastAPI

from tests.bench.client import Client
from tests.bench.house import ROOT, VAR

#: How long a process may take to answer at all.
PATIENCE = 180


class Running:
    """A process that was started."""

    def __init__(self, process: subprocess.Popen[bytes], port: int = 0) -> None:
        self.process, self.port = process, port

    def stop(self) -> None:
        """End it and wait."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """`kill -9`."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def answers(self) -> bool:
        """Whether the port takes connections."""
        if self.process.poll() is not None:
            raise RuntimeError(f"the process ended with {self.process.returncode}; see {VAR}/*.log")
        try:
            Client(self.port).close()
        except OSError:
            return False
        return True

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if time.monotonic() > deadline:
                raise TimeoutError("the web process does not answer")
            time.sleep(0.05)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def start(arguments: Sequence[str], *, url: str = "", port: int = 0, log: str = "process") -> Running:
    """Start `python -m ...` with an installation's settings."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "AFTERCARE_DATABASE_URL": url,
        "AFTERCARE_VAR_DIR": str(VAR),
        "AFTERCARE_LOG_LEVEL": "WARNING",
        "AFTERCARE_SERVE_WORKERS": "0",
    }
    with (VAR / f"{log}.log").open("ab") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    return Running(process, port)


def web(url: str, *, processes: int = 1) -> Running:
    """`aftercare serve` on a free port."""
    port = free_port()
    arguments = ["engine.cli", "serve", "--port", str(port), "--processes", str(processes)]
    return start(arguments, url=url, port=port, log="web")


def worker(url: str, *, threads: int = 4) -> Running:
    """`aftercare worker`."""
    return start(["engine.cli", "worker", "--threads", str(threads)], url=url, log="worker")


def empty(*, processes: int = 1) -> Running:
    """The same web server over one endpoint that does nothing."""
    port = free_port()
    options = ["--port", str(port), "--workers", str(processes), "--log-level", "warning", "--no-access-log"]
    return start(["uvicorn", "tests.bench.plant:nothing", "--factory", *options], port=port, log="empty")


def nothing() -> FastAPI:
    """An application whose every answer is two letters."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/")
    @app.post("/")
    def answer() -> str:
        return "ok"

    return app


@contextmanager
def running(*processes: Running) -> Iterator[None]:
    """Within: all of them answer (those that have a port); ended afterwards."""
    try:
        for process in processes:
            if process.port:
                process.wait()
        yield
    finally:
        for process in processes:
            process.stop()
