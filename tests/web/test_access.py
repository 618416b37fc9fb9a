"""Who gets in where: every route is in the table, and every role is let in as the table says and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from starlette.routing import Mount

from config import organisation as organisations
from config import settings as settings_module
from config.organisation import Role
from engine.runtime import identity
from tests.web.conftest import PASSWORD, Browser
from web import access
from web.errors import WRONG_PLACE

ROLES = organisations.read(settings_module.load().organisation_file).roles
#: What stands for the variable parts of a path: nothing of that name exists, so that whoever is let in finds nothing.
NOWHERE = "nothing"
#: Parts that are numbers, and parts whose value decides what is asked.
PARTS = {"list_key": "ledger", "language": "en", "file_format": "nothing", "kind": "bpmn"}
NUMBERS = ("_id",)


def routes(web) -> list[tuple[str, str]]:
    return sorted(
        (method, str(route.path))
        for route in iter_route_contexts(web.routes)
        if isinstance(route.original_route, APIRoute)
        for method in route.methods or ()
    )


def address(path: str) -> str:
    for part in {piece.split("}")[0] for piece in path.split("{")[1:]}:
        value = PARTS.get(part, "999999" if part.endswith(NUMBERS) else NOWHERE)
        path = path.replace(f"{{{part}}}", value)
    return path


@pytest.fixture
def holder(web, office) -> Iterator[object]:
    """Signs in somebody new who holds these roles and nothing else."""

    def sign_in(*roles: str) -> Browser:
        with office.app.commands.begin() as ctx:
            identity.create_person(ctx, "holder", "Holder", roles=roles, password=PASSWORD)
        client = TestClient(web, base_url="http://aftercare", raise_server_exceptions=False)
        client.post(
            "/sign-in",
            data={"key": "holder", "password": PASSWORD},
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        return Browser(client)

    return sign_in


def test_every_route_is_in_the_table_once_and_the_table_has_no_others(web, capsys):
    written = [route for listed in access.TABLE.values() for route in listed]
    assert len(written) == len(set(written)), "a route that is written twice is decided twice"
    assert {f"{method} {path}" for method, path in routes(web)} == set(written)
    with capsys.disabled():
        visitors = f"{len(ROLES)} roles, somebody without any, and a stranger"
        print(
            f"\naccess: {len(written)} routes by {visitors}: {len(written) * (len(ROLES) + 2)} pairs", end=""
        )


def test_what_is_not_a_route_of_a_screen_is_the_files_of_the_front_end(web):
    every = [route.original_route for route in iter_route_contexts(web.routes)]
    others = [route for route in every if not isinstance(route, APIRoute)]
    assert [(type(each), each.path) for each in others] == [(Mount, "/static")]


def test_a_route_that_nobody_put_into_the_table_is_for_nobody():
    everything = frozenset().union(*(role.places for role in ROLES.values()))
    assert not access.needed("GET", "/new/screen").open_to(everything)


def test_every_place_of_a_role_is_one_that_an_action_needs():
    needed = {place for action in access.TABLE for place in (*action.all_of, *action.one_of)}
    opened = {place for role in ROLES.values() for place in role.places}
    assert opened <= needed


def ask(browser: Browser, method: str, path: str, token: str):
    headers = {"X-CSRF-Token": token, "Sec-Fetch-Site": "same-origin"}
    return browser.client.request(method, address(path), headers=headers, follow_redirects=False)


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_a_role_is_let_in_as_the_table_says(holder, web, role, capsys):
    """`holder` has this one role (or none); signing out comes last, and a stream that is open never ends."""
    places = ROLES.get(role, Role(name="", name_zh="")).places
    browser = holder(role) if role else holder()
    token, tried, let_in = browser.token(), 0, 0
    asked = [each for each in routes(web) if each not in (("GET", "/events"), ("POST", "/sign-out"))]
    for method, path in (*asked, ("POST", "/sign-out")):
        answer = ask(browser, method, path, token)
        refused = answer.status_code == 403 and WRONG_PLACE in answer.text
        assert refused != access.needed(method, path).open_to(places), (role, method, path)
        # That nothing is ready without a worker is no failure of the page that says so.
        assert answer.status_code < 500 or path == "/readyz", (role, method, path, answer.text)
        tried, let_in = tried + 1, let_in + (not refused)
    with capsys.disabled():
        print(f"\n{role or 'no role'}: {let_in} of {tried} routes", end="")


def test_a_stranger_is_let_in_nowhere_but_to_sign_in(stranger, web):
    for method, path in routes(web):
        answer = stranger.request(
            method, address(path), headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False
        )
        asked_in = answer.status_code == 401 or answer.headers.get("location", "").startswith("/sign-in")
        if not access.needed(method, path).signed_in:
            assert answer.status_code in (200, 303, 403) or path == "/readyz", (method, path)
        else:
            assert asked_in, (method, path, answer.status_code)


def test_whoever_only_reads_changes_nothing_but_what_is_their_own():
    places = ROLES["auditor"].places
    open_to_auditors = {
        route
        for action, listed in access.TABLE.items()
        for route in listed
        if action.signed_in and action.open_to(places) and not route.startswith("GET ")
    }
    assert open_to_auditors == {
        "POST /sign-out",
        "POST /notices/read",
        "POST /preferences",
        "POST /preferences/language",
        "POST /preferences/theme",
        "POST /preferences/sign-in/password",
        "POST /preferences/sign-in/sessions/end",
        "POST /preferences/sign-in/tokens/{token_id}/revoke",
        "POST /preferences/sign-in/second-factor",
        "POST /preferences/sign-in/second-factor/confirm",
        "POST /preferences/sign-in/second-factor/off",
        "POST /cases/columns",
        "POST /filters/{list_key}",
        "POST /filters/{list_key}/{filter_id}/forget",
        # Recomputes the chains; writes nothing.
        "POST /audit/proof",
        "POST /audit/{number}",
        # Hands a file out; that it was taken is in the history.
        "POST /audit/{number}/sealed-file",
    }
