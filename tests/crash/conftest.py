"""A real web process, a real worker and a real database server of their own, to be killed."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import lxml.html
import orjson
import psutil
import psycopg
import pytest

from config import settings as settings_module
from engine import bootstrap
from engine.aftersales import reference
from engine.bootstrap import Application
from engine.runtime import bundles, deployments, identity
from engine.scenarios import given
from engine.store import embedded, migrate
from engine.store.base import Base
from engine.store.database import is_away

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a-long-enough-password"
#: Seconds without a sign of life after which a worker counts as dead.
STALLED_AFTER = 3


class OwnServer:
    """A PostgreSQL that belongs to one test; `kill` is `kill -9` of its postmaster."""

    def __init__(self) -> None:
        # A short path, so that its socket lies in it and its address stays the same.
        self.folder = Path(tempfile.mkdtemp(prefix="ac-", dir="/tmp"))
        self.url = embedded.start(self.folder)

    @property
    def pid(self) -> int:
        return int((self.folder / "postmaster.pid").read_text().splitlines()[0])

    def kill(self) -> None:
        postmaster = psutil.Process(self.pid)
        gone = [postmaster, *postmaster.children()]
        postmaster.kill()
        # Its children end by themselves once they notice; a new server waits for that.
        psutil.wait_procs(gone, timeout=30)

    def kill_backend(self) -> None:
        """`kill -9` of one connection's process: the postmaster then throws all others out and recovers."""
        pids: list[int] = []
        # It may be recovering from the last time still.
        until(lambda: pids.extend(self._backends()) is None, 60, lambda: "the database does not come back")
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(random.choice(pids), signal.SIGKILL)

    def _backends(self) -> list[int]:
        with psycopg.connect(self.url) as connection:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return [pid for (pid,) in found]

    def start(self) -> None:
        assert embedded.start(self.folder) == self.url

    def remove(self) -> None:
        if psutil.pid_exists(self.pid):
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Plant:
    """Web and worker as processes; `kill` is `kill -9`."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str, module: str = "engine.cli", **more: str) -> None:
        environment = (
            os.environ
            | more
            | {
                "AFTERCARE_DATABASE_URL": self.url,
                "AFTERCARE_VAR_DIR": str(self.folder),
                "AFTERCARE_SERVE_WORKERS": "0",
                "AFTERCARE_STALLED_AFTER_SECONDS": str(STALLED_AFTER),
                "AFTERCARE_LOG_LEVEL": "WARNING",
            }
        )
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_web(self) -> None:
        self.start("web", "serve", "--port", str(self.port))

    def start_worker(self) -> None:
        self.start("worker", "worker", "--threads", "4")

    def kill(self, name: str) -> None:
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def terminate(self, name: str, *, seconds: float) -> int:
        """Tell a process to end; its exit code. Raises `subprocess.TimeoutExpired`."""
        process = self._running.pop(name)
        process.terminate()
        try:
            return process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise

    def stop(self) -> None:
        for name in list(self._running):
            self.kill(name)

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "engine.cli", *arguments],
            cwd=ROOT,
            env=os.environ | {"AFTERCARE_DATABASE_URL": self.url, "AFTERCARE_VAR_DIR": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


class Clerk:
    """Somebody at a browser who tries again when nothing answers, as people do."""

    def __init__(self, plant: Plant, key: str) -> None:
        self.key = key
        self._client = httpx.Client(base_url=plant.address, timeout=20)
        #: How often nothing answered, and how often the answer was that the database is away.
        self.unanswered = self.away = 0

    def ask(self, method: str, path: str, **kwargs) -> httpx.Response:
        deadline = time.monotonic() + 90
        while True:
            try:
                answer = self._client.request(method, path, **kwargs)
                if answer.status_code != 503:
                    return answer
                assert "The database does not answer at the moment." in answer.text
                self.away += 1
            except httpx.TransportError:
                self.unanswered += 1
            assert time.monotonic() < deadline, f"nothing answers {path}"
            time.sleep(0.2)

    def sign_in(self) -> None:
        page = self.ask("GET", "/sign-in")
        fields = {**_fields(page.text, "/sign-in"), "key": [self.key], "password": [PASSWORD]}
        answer = self.ask("POST", "/sign-in", data=fields, headers={"origin": str(self._client.base_url)})
        assert answer.status_code == 303, answer.text

    def register(self, process: str, order: str, fields: dict[str, str]) -> None:
        """Open the registration form once; send it until an answer comes, always the same form."""
        path = f"/start/{process}?order={order}"
        page = self.ask("GET", path)
        assert page.status_code == 200, page.text
        answer = self.ask(
            "POST",
            path,
            data={**_fields(page.text, f"/start/{process}"), **fields},
            headers={"origin": str(self._client.base_url)},
        )
        assert answer.status_code == 303, answer.text


def _fields(html: str, action: str) -> dict[str, list[str]]:
    """What a browser would send of the page's form with this action, as it stands."""
    form = next(
        form for form in lxml.html.fromstring(html).forms if (form.get("action") or "").startswith(action)
    )
    fields: dict[str, list[str]] = {}
    for name, value in form.form_values():
        fields.setdefault(name, []).append(value)
    return fields


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    """A server of this test's, with durability on."""
    server = OwnServer()
    yield server
    server.remove()


@pytest.fixture
def application_and_url(own_server: OwnServer, tmp_path: Path) -> Iterator[tuple[Application, str]]:
    """The engine on a fresh database with people, reference data and the shipped procedures."""
    url = embedded.ensure_database(own_server.url, "crash")
    migrate.upgrade(url, Base.metadata)
    settings = settings_module.load(database_url=url, var_dir=tmp_path)
    app = bootstrap.application(settings)
    with app.commands.begin() as ctx:
        reference.load(ctx, reference.read(settings.reference_file))
        identity.create_person(ctx, "li.na", "Li Na", roles=["customer_service"], password=PASSWORD)
    shipped = bundles.from_folders(settings.processes_dir, settings.forms_dir)
    keys = {bundle.process_key for bundle in shipped}
    for bundle in shipped:
        if bundle.process_key in ("refund_only", "satisfaction_rating"):
            with app.commands.begin() as ctx:
                deployments.deploy(ctx, bundle, together_with=keys)
    yield app, url
    app.close()


@pytest.fixture
def plant(application_and_url: tuple[Application, str], tmp_path: Path) -> Iterator[Plant]:
    """Web and worker, running."""
    running = Plant(application_and_url[1], tmp_path)
    running.start_web()
    running.start_worker()
    yield running
    running.stop()


def create_orders(app: Application, count: int) -> list[str]:
    """So many paid orders of 2 x 100.00 and 10.00 shipping, each of a customer of its own."""
    numbers = [f"SO-{number}" for number in range(count)]
    with app.commands.begin() as ctx:
        for number in numbers:
            world = {
                "customer": {"number": f"C-{number}"},
                "order": {
                    "number": number,
                    "state": "paid",
                    "salesChannel": "website",
                    "shippingFee": 10,
                    "lines": [{"sku": "CHAIR-01", "quantity": 2, "unitPrice": 100}],
                },
            }
            given.create(ctx.session, world, now=datetime.now(UTC))
    return numbers


def until(condition: Callable[[], bool], seconds: float, what: Callable[[], str]) -> None:
    """Wait for something, over times when the database is away; `what` says what is amiss when it does not come."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except Exception as error:
            if not is_away(error):
                raise
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)


def tell(what: str, told: dict[str, Any]) -> None:
    """Print counts and keep them in var/crash.json."""
    file = ROOT / "var" / "crash.json"
    file.parent.mkdir(exist_ok=True)
    kept = orjson.loads(file.read_bytes()) if file.exists() else {}
    file.write_bytes(orjson.dumps({**kept, what: told}, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    print(f"\n{what}: " + ", ".join(f"{name} {value}" for name, value in told.items()))
