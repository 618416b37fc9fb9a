"""The provider of sign-ins, and people at their browsers. What they do is printed step by step: `pytest -s tests/oidc`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from config.settings import Settings, load
from engine.runtime import identity
from engine.runtime.clock import HandClock
from tests.conftest import ROOT
from tests.oidc import running
from web import provider as asked
from web.app import create_app

HOME = "http://localhost:8080"
SECRET = "a secret & a half"
#: Every step of every story.
LOG: list[str] = []
#: Login at the provider -> what it says of them.
PEOPLE = {
    "wei.lan": {"name": "Wei Lan", "email": "wei.lan@shop.example", "groups": ["aftercare-service", "chess"]},
    "zhou.min": {"name": "Zhou Min", "groups": ["aftercare-finance"]},
    "he.jun": {"name": "He Jun", "groups": ["chess"]},
    "both": {"name": "Both", "groups": ["aftercare-technicians", "aftercare-complaints"]},
    "gone": {"name": "Gone", "groups": ["aftercare-service"]},
    "emergency": {"name": "Not the emergency", "groups": ["aftercare-administrators"]},
    "Li Na!": {"name": "Li Na", "groups": ["aftercare-service"]},
}


def start() -> running.RunningProvider:
    """A provider of the test's own, which knows `PEOPLE`."""
    return running.start(PEOPLE, SECRET, back=[f"{HOME}/sign-in/provider/back"], out=[f"{HOME}/sign-in"])


@pytest.fixture(scope="session")
def provider() -> Iterator[running.RunningProvider]:
    own = start()
    yield own
    own.stop()


@pytest.fixture
def clock() -> HandClock:
    """The provider lives now."""
    return HandClock(datetime.now(UTC))


@pytest.fixture
def rules(tmp_path: Path) -> Callable[..., Path]:
    """The shipped rules with lines changed: `rules(create_people="false")`."""
    shipped = (ROOT / "config" / "sign_in.toml").read_text(encoding="utf-8")

    def write(**changed: str) -> Path:
        text = shipped + 'aftercare-complaints = ["complaint_officer"]\n'
        for name, value in changed.items():
            text, found = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", text)
            assert found == 1
        path = tmp_path / f"sign_in_{len(list(tmp_path.iterdir()))}.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def configured(
    tmp_path: Path, provider: running.RunningProvider, rules: Callable[..., Path]
) -> Callable[..., Settings]:
    """These settings with the provider in them."""

    def with_provider(**changed: object) -> Settings:
        return load(var_dir=tmp_path, database_pool=30).model_copy(
            update={
                "oidc_issuer": provider.issuer,
                "oidc_client_id": "aftercare",
                "oidc_client_secret": SecretStr(SECRET),
                "public_url": HOME,
                "sign_in_file": rules(),
                **changed,
            }
        )

    return with_provider


@dataclass
class Somebody:
    """A person at a browser: our pages and the provider's, cookies of both."""

    client: TestClient
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.there = httpx.Client(follow_redirects=False)

    def log(self, step: str) -> None:
        self.said.append(step)
        LOG.append(step)
        print(f"  {step}")

    def begin(self, where: str = "") -> str:
        """Click the button; the address at the provider."""
        answer = self.client.get(
            "/sign-in/provider", params={"next": where} if where else {}, follow_redirects=False
        )
        assert answer.status_code == 303, answer.text
        address = answer.headers["location"]
        query = parse_qs(urlsplit(address).query)
        self.log(
            f"303 to the provider, asking {', '.join(sorted(query))}; {query['code_challenge_method'][0]}"
        )
        return address

    def at_provider(self, address: str, login: str) -> str:
        """Through its login and consent forms; the address it sends the browser back to."""
        answer = self.there.get(address)
        while True:
            while answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["location"])
                if address.startswith(HOME):
                    self.log("303 back with " + ", ".join(sorted(parse_qs(urlsplit(address).query))))
                    return address
                answer = self.there.get(address)
            found = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
            assert found, answer.text
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            self.log(f"the provider's form: {prompt[1] if prompt else '?'}")
            fields = {"prompt": prompt[1] if prompt else "", "login": login, "password": "any"}
            answer = self.there.post(urljoin(str(answer.url), found[1]), data=fields)

    def come_back(self, address: str) -> httpx.Response:
        parts = urlsplit(address)
        answer = self.client.get(f"{parts.path}?{parts.query}", follow_redirects=False)
        said = re.search(r'role="alert">.*?<div>(.*?)</div>', answer.text)
        went = answer.headers.get("location") or (said[1] if said else "")
        self.log(f"{answer.status_code} at {parts.path}: {went}")
        return answer

    def sign_in(self, login: str, where: str = "") -> httpx.Response:
        self.log(f"-- {login}")
        return self.come_back(self.at_provider(self.begin(where), login))


@pytest.fixture
def somebody(app, request) -> Callable[[], Somebody]:
    """A browser nobody is signed in on."""
    asked._kept.clear()
    print("\n" + request.node.name.removeprefix("test_").replace("_", " "))
    with app.commands.begin() as ctx:
        identity.create_person(ctx, "root", "Root", roles=["administrator"], password=None)
    web = create_app(app.engine, app.database)
    return lambda: Somebody(TestClient(web, base_url=HOME, raise_server_exceptions=False))


@pytest.fixture
def people(app) -> Callable[..., None]:
    """Somebody who is known here already."""

    def add(key: str, *roles: str, **given: object) -> None:
        with app.commands.begin() as ctx:
            identity.create_person(ctx, key, key.title(), roles=roles, **{"password": None, **given})

    return add
