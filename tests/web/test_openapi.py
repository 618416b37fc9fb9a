"""Every route under schemathesis: whatever somebody sends, signed in or not, the answer is no failure of ours.

Routes and the parts of their paths are those of the OpenAPI document. It says nothing of queries and forms, which pages
read by name, so those names are taken from the source. `make schemathesis` tries many more cases.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import traceback
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from sqlalchemy import update

from engine.runtime import identity
from engine.store.tables import Person
from tests.web.conftest import DIAGRAMS, PASSWORD, Browser

#: Cases of one operation as each of the visitors. With more than a few, as many again that the document does not allow:
#: finding those takes long.
CASES = int(os.environ.get("AFTERCARE_SCHEMATHESIS_CASES", "2"))
MODES = list(GenerationMode) if CASES > 5 else [GenerationMode.POSITIVE]
#: The same cases every time, others with another number.
SEED = os.environ.get("AFTERCARE_SCHEMATHESIS_SEED", "1")
VISITORS = ("nobody", "administrator", "every role")
#: A stream that never ends, and what the next request would sign in again for.
LEFT_OUT = {("GET", "/events"), ("POST", "/sign-out")}
#: That nothing is ready without a worker is no failure of the page that says so.
MAY_BE_UNREADY = "/readyz"
#: What there is, so that cases come past the look-up of a number or name.
THERE = {
    "process_key": [folder.name for folder in DIAGRAMS.iterdir()],
    "kind": ["bpmn", "dmn", "form", "words"],
    "name": [file.name for folder in DIAGRAMS.iterdir() for file in folder.iterdir()],
    "file": ["request.yaml"],
    "language": ["en", "zh"],
    "file_format": ["csv", "xlsx"],
    "list_key": ["ledger", "finance", "stock"],
    "key": ["li.na", "tech", "technician", "damaged"],
    "message": ["wished"],
}
#: The last spelling is a whole number to FastAPI.
NOT_THERE = [999_999, 23_602_982_142_474_002_432, "nothing\x00", "1.0"]
#: What people and programs write into fields, and what they should not.
WRITTEN = [
    "", "0", "1", "2", "-1", "2147483648", "9223372036854775808", "1e999", "NaN", "1,5", "on", "true", "x" * 5000, "\x00",
    "a\x00b", "😀", "2026-11-02", "2026-13-45", "0000-00-00", "10000-01-01", "2026-11-02T10:00", "24:61",
    "%", "_", "\\", "'", '"', "<b>", "{{7*7}}", "{}", "[]", "null", '{"a": 1}', "[1", "=1 + 1", "=", "li.na", "王", "\u202e",
    "..", "../../etc/passwd", "request", "request.bpmn", "en", "zh", "number", "-number", "csv", "asc", "P1D", "PT0S", "a@b",
]  # fmt: skip
READS = re.compile(r"""\.(?:get|getlist|multi)\(\s*["']([A-Za-z_.]+)["']""")


def names_read(endpoint: Any) -> list[str]:
    """Names that an endpoint's module, or one of the web's that it uses, reads from a query or a form."""
    module = importlib.import_module(endpoint.__module__)
    used = {module, *(each for each in vars(module).values() if isinstance(each, ModuleType))}
    own = (each for each in used if each.__name__.startswith("web."))
    return sorted({name for each in own for name in READS.findall(inspect.getsource(each))})


def document(web: FastAPI, number: str) -> dict[str, Any]:
    """The OpenAPI document with what is there as values, and with queries and forms."""
    schema = json.loads(json.dumps(web.openapi()))
    text = {"enum": WRITTEN}
    endpoints = {
        (method, str(each.path)): each.original_route.endpoint
        for each in iter_route_contexts(web.routes)
        if isinstance(each.original_route, APIRoute)
        for method in each.methods or ()
    }
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            parameters = operation.setdefault("parameters", [])
            for part in parameters:
                there = [number] if part["name"] == "number" else THERE.get(part["name"], [1, 2, 3])
                part["schema"] = {"enum": [*there, *NOT_THERE]}
            names = names_read(endpoints[method.upper(), path])
            if method == "get":
                parameters += [{"in": "query", "name": name, "schema": text} for name in names]
            else:
                form = {"type": "object", "properties": dict.fromkeys(names, text)}
                kinds = ("application/x-www-form-urlencoded", "multipart/form-data")
                operation["requestBody"] = {"content": {kind: {"schema": form} for kind in kinds}}
    return schema


@pytest.fixture
def everybody(web, office) -> Iterator[Any]:
    """Signs a visitor in on a browser of their own."""
    with office.app.commands.begin() as ctx:
        identity.create_person(ctx, "every.role", "Every Role", roles={"operations"}, password=PASSWORD)
        # More than anybody may hold: opens every page.
        ctx.session.execute(
            update(Person).where(Person.key == "every.role").values(roles=sorted(ctx.organisation.roles))
        )
    keys = {"administrator": "admin", "every role": "every.role"}

    def sign_in(visitor: str) -> tuple[TestClient, str]:
        client = TestClient(web, base_url="http://aftercare")
        if visitor not in keys:
            return client, ""
        form = {"key": keys[visitor], "password": PASSWORD}
        client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"})
        token = Browser(client).token()
        assert token, f"{visitor} was kept out by a case before"
        return client, token

    return sign_in


def sent_by(case: Case, token: str) -> dict[str, Any]:
    """What a browser would send; who it is say the client's cookies."""
    sent = case.as_transport_kwargs(base_url="http://aftercare")
    sent["headers"] = {**sent["headers"], "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": token}
    del sent["cookies"]
    if sent.get("files"):
        sent["files"] = [(name, (file, _octets(content))) for name, (file, content) in sent["files"]]
    return sent


def _octets(content: Any) -> bytes:
    return content if isinstance(content, bytes) else str(content).encode("utf-8", "replace")


def cases_of(operation: Any, mode: GenerationMode, ask: Any) -> None:
    @seed(zlib.crc32(f"{SEED} {operation.label}".encode()))
    @settings(
        max_examples=CASES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def one(case: Case) -> None:
        ask(case)

    # Where the document allows everything, nothing is left that it does not.
    with suppress(Unsatisfiable):
        one()


@pytest.mark.timeout(300 + 60 * CASES)
@pytest.mark.parametrize("visitor", VISITORS)
def test_nothing_that_is_sent_is_a_failure_of_ours(web, office, everybody, visitor, capsys):
    schema = schemathesis.openapi.from_dict(document(web, office.case()))
    answered: Counter[int] = Counter()
    failed: dict[str, dict[str, Any]] = {}
    operations = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if (operation.method.upper(), operation.path) in LEFT_OUT:
            continue
        operations += 1
        client, token = everybody(visitor)

        def ask(case: Case, client: TestClient = client, token: str = token) -> None:
            sent = sent_by(case, token)
            try:
                status = client.request(**sent, follow_redirects=False).status_code
            except Exception as error:
                at = traceback.extract_tb(error.__traceback__)[-1]
                status, sent["failure"] = 500, f"{error!r} at {at.filename}:{at.lineno}"
            answered[status // 100] += 1
            if status >= 500 and case.path != MAY_BE_UNREADY:
                failed.setdefault(case.operation.label, sent)

        for mode in MODES:
            cases_of(operation, mode, ask)
    counts = ", ".join(f"{count} x {hundred}xx" for hundred, count in sorted(answered.items()))
    with capsys.disabled():
        print(
            f"\nschemathesis as {visitor}: {operations} operations, {answered.total()} cases ({counts}),"
            f" {len(failed)} failures",
            end="",
        )
    assert not failed, "\n".join(f"{label}: {sent['failure']} {sent}" for label, sent in failed.items())
