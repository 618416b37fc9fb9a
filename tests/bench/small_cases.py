"""People working `small` cases over HTTP: registered, found in the inbox, three forms filled in, each answer rendered."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.bench import models, plant
from tests.bench.client import Answer, Client
from tests.bench.figure import Figure, at_least, at_most, percentile
from tests.bench.house import CLERK, House, sign_in
from web import sessions

PROCESSES, CLIENTS = 2, 4
#: Cases of all clients together, and of one client alone.
CASES, ALONE = 4000, 400
#: The same with other numbers of processes, only to see how it grows.
OTHERS, CASES_OF_OTHERS = (1, 4), 1600
#: Cases each client works before the clock runs: what processes read and compile once.
FIRST = 10
FORMS = (
    {"pieces": "3", "price": "19.9", "remark": "As agreed on the telephone."},
    {"agreed": "true", "agreedBy": "Wang Wei"},
    {"decision": "file"},
)
STEP = re.compile(rb'href="(/user-tasks/\d+)"')


def measure(house: House) -> Iterator[Figure]:
    """Cases a minute with four clients; the latency of a submit with one."""
    url = house.furnished("small_cases", [models.small()])
    with house.engine(url) as app:
        tokens = [sign_in(app, CLERK.key) for _ in range(CLIENTS)]
    house.analyse(url)
    web, empty = plant.web(url, processes=PROCESSES), plant.empty(processes=PROCESSES)
    with plant.running(web, empty):
        clerks = [Clerk(web.port, token) for token in tokens]
        together(clerks, lambda clerk: [clerk.case() for _ in range(FIRST)])
        for clerk in clerks:
            clerk.submits.clear()
        count = house.size(ALONE)
        for _ in range(count):
            clerks[0].case()
        submits, asked = sorted(clerks[0].submits), clerks[0].client.requests
        each = house.size(CASES) // CLIENTS
        took = together(clerks, lambda clerk: [clerk.case() for _ in range(each)])
        a_case = (clerks[0].client.requests - asked) / each
        errors = sum(clerk.errors for clerk in clerks)
        floor_rate, floor = _floor(empty.port, int(each * a_case))
    name, unit = f"small over HTTP, {CLIENTS} clients, {PROCESSES} web processes", "a minute"
    yield Figure(
        name=name, value=each * CLIENTS / took * 60, unit=unit, floor=floor_rate / a_case, goal=at_least(5000)
    )
    yield Figure(name="small over HTTP: errors", value=errors, unit="", goal=at_most(0))
    for share, most in ((0.5, 12), (0.95, 40)):
        yield Figure(
            name=f"submit, one client, p{share * 100:.0f}",
            value=percentile(submits, share) * 1000,
            unit="ms",
            floor=percentile(floor, share) * 1000,
            goal=at_most(most),
        )


def others(house: House) -> Iterator[Figure]:
    """Cases a minute with fewer and with more web processes than `measure` has."""
    url = house.furnished("small_cases_others", [models.small()])
    with house.engine(url) as app:
        tokens = [sign_in(app, CLERK.key) for _ in range(CLIENTS)]
    house.analyse(url)
    for processes in OTHERS:
        web = plant.web(url, processes=processes)
        with plant.running(web):
            clerks = [Clerk(web.port, token) for token in tokens]
            together(clerks, lambda clerk: [clerk.case() for _ in range(FIRST)])
            each = house.size(CASES_OF_OTHERS) // CLIENTS
            took = together(clerks, lambda clerk: [clerk.case() for _ in range(each)])  # noqa: B023
        name = f"small over HTTP, {CLIENTS} clients, {processes} web process{'es' if processes > 1 else ''}"
        yield Figure(name=name, value=each * CLIENTS / took * 60, unit="a minute")


class Clerk:
    """Somebody at a browser."""

    def __init__(self, port: int, token: str) -> None:
        self.client = Client(port, cookies={sessions.COOKIE: token})
        self._csrf = sessions.csrf_token(token)
        #: Seconds each submit took until its answer was sent.
        self.submits: list[float] = []
        #: Answers that were not what a person would have seen.
        self.errors = 0

    def case(self) -> None:
        """One case from its registration to its end, on a connection of its own."""
        self.client.connect_again()
        fields = {"wish": "a chair", "channel": "phone", "csrf": self._csrf}
        registered = self._expect(self.client.post("/start/small", fields), 303)
        number = registered.location.rpartition("/")[2]
        inbox = self._expect(self.client.get(f"/inbox?tab=groups&q={number}"), 200)
        found = STEP.search(inbox.body)
        step = found[1].decode() if found else ""
        for form in FORMS:
            if not step:
                self.errors += 1
                return
            step = self._submit(step, form)

    def _submit(self, step: str, form: dict[str, str]) -> str:
        """Complete a step and see the page that follows; the step it leads to."""
        began = time.perf_counter()
        answer = self._expect(self.client.post(f"{step}/complete", {**form, "csrf": self._csrf}), 303)
        self.submits.append(time.perf_counter() - began)
        page, path = self.client.follow(answer)
        self._expect(page, 200)
        return path if path.startswith("/user-tasks/") else ""

    def _expect(self, answer: Answer, status: int) -> Answer:
        if answer.status != status:
            self.errors += 1
        return answer


def together(clerks: Sequence[Any], work: Callable[[Any], object]) -> float:
    """All of them at once; the seconds until the last is done."""
    began = time.perf_counter()
    with ThreadPoolExecutor(len(clerks)) as pool:
        list(pool.map(work, clerks))
    return time.perf_counter() - began


def _floor(port: int, count: int) -> tuple[float, list[float]]:
    """Requests a minute of as many clients to the empty endpoint, and the seconds of each with one client."""
    clients = [Client(port) for _ in range(CLIENTS)]

    def ask(client: Client) -> list[float]:
        client.connect_again()
        took = []
        for _ in range(count):
            began = time.perf_counter()
            client.post("/", {"remark": "As agreed on the telephone."})
            took.append(time.perf_counter() - began)
        return took

    alone = ask(clients[0])
    return count * CLIENTS / together(clients, ask) * 60, alone
