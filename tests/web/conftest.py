"""People at their browsers, on the real engine and a fresh database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select

from engine.aftersales import cases
from engine.aftersales.tables import Customer
from engine.bootstrap import Application
from engine.runtime import deployments, identity
from engine.runtime.bundles import Bundle
from engine.runtime.context import Actor
from engine.store.tables import UserTask
from web.app import create_app, serve

DIAGRAMS = Path(__file__).parent / "diagrams"
PASSWORD = "a long enough password"
PEOPLE = {
    "li.na": ("李娜", "customer_service", "zh"),
    "zhou.min": ("Zhou Min", "customer_service", "en"),
    "wang.fang": ("王芳", "operations", "zh"),
    "gao.yuan": ("Gao Yuan", "operations", "en"),
    "xu.dan": ("Xu Dan", "finance", "en"),
    "tech": ("Tech", "technician", "en"),
    "shen.ke": ("Shen Ke", "auditor", "en"),
    "qian.yu": ("Qian Yu", "process_owner", "en"),
    "admin": ("Admin", "administrator", "en"),
}


class Browser:
    """A browser somebody is signed in on: sends what a real one would, form token included."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.headers = {"Sec-Fetch-Site": "same-origin"}

    def get(self, address: str, **kwargs: Any) -> Response:
        return self.client.get(address, **kwargs)

    def post(self, address: str, data: Any = None, *, token: bool = True, **kwargs: Any) -> Response:
        headers = {**self.headers, **kwargs.pop("headers", {})}
        if token:
            headers["X-CSRF-Token"] = self.token()
        return self.client.post(address, data=data or {}, headers=headers, **kwargs)

    def htmx(self, address: str, data: Any = None) -> Response:
        headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
        if data is None:
            return self.client.get(address, headers=headers)
        return self.post(address, data, headers=headers, follow_redirects=False)

    def token(self) -> str:
        page = self.client.get("/preferences").text
        found = re.search(r'name="csrf" content="([0-9a-f]*)"', page)
        return found[1] if found else ""


class Office:
    """What happened before somebody opens a page."""

    def __init__(self, app: Application) -> None:
        self.app = app

    def actor(self, key: str) -> Actor:
        name, role, language = PEOPLE[key]
        return Actor(key=key, name=name, roles=frozenset({role}), language=language)

    def do(self, by: str, command: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with self.app.commands.begin(self.actor(by)) as ctx:
            return command(ctx, *args, **kwargs)

    def customer(self, number: str = "C1", name: str = "Wang Wei", **fields: Any) -> None:
        with self.app.database.begin() as session:
            session.add(Customer(number=number, name=name, phone="13800138000", **fields))

    def case(self, wish: str = "a chair", by: str = "zhou.min", **kwargs: Any) -> str:
        """A case opened by somebody; its number."""
        return self.do(by, cases.open_case, "request", {"wish": wish}, start_event="asked", **kwargs).number

    def task(self, element: str, case: str | None = None) -> UserTask:
        wanted = select(UserTask).where(UserTask.element_id == element).order_by(UserTask.id.desc()).limit(1)
        if case:
            wanted = wanted.where(UserTask.business_key == case)
        with self.app.database.begin() as session:
            return session.execute(wanted).scalar_one()


@pytest.fixture
def office(app: Application) -> Office:
    """The engine with seven people and the procedures of tests/web/diagrams."""
    kinds = {".bpmn": "bpmn", ".form": "form", ".json": "words"}
    with app.commands.begin() as ctx:
        for key, (name, role, language) in PEOPLE.items():
            identity.create_person(ctx, key, name, roles={role}, password=PASSWORD, language=language)
        for folder in DIAGRAMS.iterdir():
            files = {(kinds[file.suffix], file.name): file.read_bytes() for file in folder.iterdir()}
            deployments.deploy(ctx, Bundle(process_key=folder.name, files=files))
    return Office(app)


_built: list[FastAPI] = []


@pytest.fixture
def web(app: Application) -> FastAPI:
    """The web over this test's engine; built once."""
    if not _built:
        _built.append(create_app(app.engine, app.database))
    serve(_built[0], app.engine, app.database)
    return _built[0]


@pytest.fixture
def stranger(web: FastAPI, office: Office) -> TestClient:
    """A browser nobody is signed in on."""
    return TestClient(web, base_url="http://aftercare", raise_server_exceptions=False)


@pytest.fixture
def browser(web: FastAPI, office: Office) -> Iterator[Callable[[str], Browser]]:
    """Signs people in, each on a browser of their own."""

    def sign_in(key: str) -> Browser:
        client = TestClient(web, base_url="http://aftercare", raise_server_exceptions=False)
        answer = client.post(
            "/sign-in", data={"key": key, "password": PASSWORD}, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert answer.status_code == 200
        return Browser(client)

    yield sign_in
