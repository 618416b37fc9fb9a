"""The shipped return and refund over HTTP: four people, workers, money and goods, each answer rendered."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg

from engine.forms import Form, fields_of
from engine.runtime import task_forms
from engine.scenarios import files, given
from tests.bench import plant
from tests.bench.client import Client
from tests.bench.figure import Figure, percentile
from tests.bench.house import CLERK, House, sign_in
from tests.bench.small_cases import CLIENTS, PROCESSES, STEP, together
from web import sessions
from web.queries import procedures

PROCESS, CASES, FIRST = "return_and_refund", 600, 2
#: How long a step may take to appear; looked for so often meanwhile.
PATIENCE, LOOK_SECONDS = 60, 0.02

Fields = list[tuple[str, str]]


def measure(house: House) -> Iterator[Figure]:
    """Cases a minute, the latency of a submit under that load, and what a case leaves in the database."""
    count = house.size(CASES) // CLIENTS
    url = house.furnished("returns", shipped=True)
    script = _script(house, url)
    numbers = [f"SO-{number}" for number in range((count + FIRST) * CLIENTS)]
    with house.engine(url) as app:
        with app.commands.begin() as ctx:
            for number in numbers:
                given.create(ctx.session, _world(number), now=ctx.now)
        people = {CLERK.key} | {by for _, by, _ in script[1:]}
        tokens = [{person: sign_in(app, person) for person in people} for _ in range(CLIENTS)]
    house.analyse(url)
    web, worker = plant.web(url, processes=PROCESSES), plant.worker(url)
    with plant.running(web, worker):
        desks = [Desk(web.port, mine, script) for mine in tokens]
        orders = [numbers[at::CLIENTS] for at in range(CLIENTS)]
        together(list(zip(desks, orders, strict=True)), lambda pair: pair[0].work(pair[1][:FIRST]))
        for desk in desks:
            desk.submits.clear()
        before = _octets(url)
        took = together(list(zip(desks, orders, strict=True)), lambda pair: pair[0].work(pair[1][FIRST:]))
        grown = _octets(url) - before
    submits = [each for desk in desks for each in desk.submits]
    cases = count * CLIENTS
    yield Figure(name="return and refund over HTTP, 4 clients", value=cases / took * 60, unit="a minute")
    for share in (0.5, 0.95):
        yield Figure(
            name=f"return and refund: submit, 4 clients, p{share * 100:.0f}",
            value=percentile(submits, share) * 1000,
            unit="ms",
        )
    yield Figure(
        name="return and refund: storage a case, indexes included",
        value=grown / cases / 1024,
        unit="KiB",
    )


def _script(house: House, url: str) -> list[tuple[str, str, Fields]]:
    """(step, person, fields) of the first shipped scenario, the registration first."""
    with house.engine(url) as app, app.commands.begin() as ctx:
        story = next(s for s in files.read(app.settings.processes_dir / "scenarios") if s.process == PROCESS)
        # A step may lie in a procedure that this one calls.
        current = procedures.current(ctx)
        zone = ctx.organisation.zone

        def fields(form: Form | None, values: dict[str, Any]) -> Fields:
            return list(fields_of(form, values, zone=zone)) if form is not None else []

        _, form = task_forms.start_form(app.engine.definitions.current(ctx.session, PROCESS))
        script = [("", CLERK.key, fields(form, story.start.form))]
        for step in story.steps:
            if step.complete is not None:
                act = step.complete
                holder = next(each for each in current if act.task in each.process.elements)
                form_id = str(holder.process.elements[act.task].form_id)
                script.append((act.task, act.by, fields(holder.forms[form_id], act.with_)))
        return script


def _world(number: str) -> dict[str, Any]:
    lines = [{"sku": "CHAIR-01", "quantity": 2, "unitPrice": 100.0}]
    order = {"number": number, "state": "received", "salesChannel": "website", "lines": lines}
    return {"customer": {"number": f"C-{number}"}, "order": order}


def _octets(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        return int(row[0])


class Desk:
    """Everybody a case passes through, each at a browser of their own."""

    def __init__(self, port: int, tokens: dict[str, str], script: list[tuple[str, str, Fields]]) -> None:
        self._script = script
        self._people = {
            person: (Client(port, cookies={sessions.COOKIE: token}), sessions.csrf_token(token))
            for person, token in tokens.items()
        }
        #: Seconds each submit took until its answer was sent.
        self.submits: list[float] = []

    def work(self, orders: list[str]) -> None:
        """One case after the other, from registration to the end."""
        for client, _ in self._people.values():
            client.connect_again()
        for order in orders:
            client, csrf = self._people[CLERK.key]
            answer = client.post(f"/start/{PROCESS}?order={order}", [*self._script[0][2], ("csrf", csrf)])
            assert answer.status == 303, (answer.status, answer.body[-2000:])
            case = answer.location.rpartition("/")[2]
            for _, person, fields in self._script[1:]:
                self._step(case, person, fields)

    def _step(self, case: str, person: str, fields: Fields) -> None:
        client, csrf = self._people[person]
        step = self._find(client, case)
        began = time.perf_counter()
        answer = client.post(f"{step}/complete", [*fields, ("csrf", csrf)])
        self.submits.append(time.perf_counter() - began)
        assert answer.status == 303, (answer.status, answer.body[-2000:])
        page, _ = client.follow(answer)
        assert page.status == 200

    def _find(self, client: Client, case: str) -> str:
        """The person's step of this case, once the workers have brought it there."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = STEP.search(client.get(f"/inbox?tab=groups&q={case}").body)
            if found:
                return found[1].decode()
            assert time.monotonic() < deadline, f"{case} does not go on"
            time.sleep(LOOK_SECONDS)
