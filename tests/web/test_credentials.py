"""One's own password, the browsers one is signed in on, the tokens of one's programs."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from engine.runtime import second_factor, sign_ins
from tests.web.conftest import PASSWORD, Browser
from tests.web.test_api_deployments import API, zipped
from tests.web.test_organisation import save

HOME = "/preferences/sign-in"
NEW = "a quite different password"


def sign_in(web, key: str, password: str, client: TestClient | None = None) -> Browser:
    client = client or TestClient(web, base_url="http://aftercare", raise_server_exceptions=False)
    form = {"key": key, "password": password}
    client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    return Browser(client)


def is_in(browser: Browser) -> bool:
    return browser.get("/inbox", follow_redirects=False).status_code == 200


def passwords(present: str = PASSWORD, wanted: str = NEW, again: str | None = None) -> dict[str, str]:
    return {"present": present, "wanted": wanted, "again": wanted if again is None else again}


def test_another_password_ends_every_session_but_this_one(browser, web):
    here, there = browser("zhou.min"), browser("zhou.min")
    changed = here.post(f"{HOME}/password", passwords())
    assert "Your password is changed" in changed.text
    assert (is_in(here), is_in(there)) == (True, False)
    assert not is_in(sign_in(web, "zhou.min", PASSWORD))
    assert is_in(sign_in(web, "zhou.min", NEW))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (passwords(present="wrong"), "That is not your present password"),
        (passwords(again="another one entirely"), "The two new passwords are not the same"),
        (passwords(wanted="short"), "at least 12 characters"),
        (passwords(wanted="x" * 20), "nor one character over and over"),
        (passwords(wanted=PASSWORD), "Choose another"),
    ],
)
def test_a_password_that_will_not_do_is_refused_in_words(browser, web, typed, said):
    zhou = browser("zhou.min")
    answer = zhou.post(f"{HOME}/password", typed)
    assert (answer.status_code, said in answer.text) == (409, True)
    assert is_in(sign_in(web, "zhou.min", PASSWORD))


def test_whoever_finds_an_open_browser_does_not_guess_the_password_there(browser):
    zhou = browser("zhou.min")
    for _ in range(sign_ins.PATIENCE):
        zhou.post(f"{HOME}/password", passwords(present="guess"))
    assert "Too many attempts" in zhou.post(f"{HOME}/password", passwords()).text


def test_a_one_time_password_opens_nothing_but_the_choice_of_ones_own(browser, web):
    page = browser("admin").post("/operate/organisation/people/zhou.min/password").text
    password = re.search(r"data-password>([^<]+)<", page)[1]
    zhou = sign_in(web, "zhou.min", password)
    assert zhou.get("/cases").url.path == HOME
    assert "Choose a password of your own" in zhou.get("/inbox").text
    assert zhou.post("/preferences", {"language": "zh"}).url.path == HOME
    zhou.post(f"{HOME}/password", passwords(present=password))
    assert zhou.get("/cases").url.path == "/cases"


def test_one_sees_where_one_is_signed_in_and_signs_out_there(browser):
    here, there, further = browser("zhou.min"), browser("zhou.min"), browser("zhou.min")
    page = here.get(HOME).text
    assert page.count("Sign out there") == 2 and page.count("this one") == 1
    one = re.search(r'name="session" value="([0-9a-f]+)"', page)[1]
    here.post(f"{HOME}/sessions/end", {"session": one})
    assert sorted((is_in(there), is_in(further))) == [False, True]
    here.post(f"{HOME}/sessions/end")
    assert (is_in(here), is_in(there), is_in(further)) == (True, False, False)


def test_nobody_ends_the_session_of_somebody_else(browser):
    zhou, li = browser("zhou.min"), browser("li.na")
    browser("li.na")
    one = re.search(r'name="session" value="([0-9a-f]+)"', li.get(HOME).text)[1]
    zhou.post(f"{HOME}/sessions/end", {"session": one})
    zhou.post(f"{HOME}/sessions/end", {"session": "no digest"})
    assert li.get(HOME).text.count('name="session"') == 1


def test_an_administrator_signs_somebody_out_everywhere(browser):
    admin, zhou = browser("admin"), browser("zhou.min")
    path = "/operate/organisation/people/zhou.min"
    assert "Sign out of 1 browser" in admin.get(path).text
    admin.post(f"{path}/sessions/end")
    assert not is_in(zhou)


def test_signing_in_anew_ends_the_session_of_that_browser(browser, web):
    zhou = browser("zhou.min")
    before = dict(zhou.client.cookies)
    sign_in(web, "li.na", PASSWORD, zhou.client)
    other = TestClient(
        web, base_url="http://aftercare", cookies={"aftercare_session": before["aftercare_session"]}
    )
    assert other.get("/inbox", follow_redirects=False).status_code == 303


def make_token(browser: Browser, **typed: str) -> str:
    fields = {"name": "git", "days": "30", "present": PASSWORD, **typed}
    found = re.search(r"data-token>([^<]+)<", browser.post(f"{HOME}/tokens", fields).text)
    return found[1] if found else ""


def deploy(stranger, token: str, **more):
    headers = {"Authorization": f"Bearer {token}"}
    return stranger.post(API, data={"note": "from git"}, files=zipped(**more), headers=headers)


def test_a_program_submits_with_a_token_and_is_shown_no_page(browser, stranger):
    owner = browser("qian.yu")
    token = make_token(owner)
    answer = deploy(stranger, token, old="Review the request", new="Look")
    assert (answer.status_code, answer.json()[0]["state"]) == (200, "submitted")
    headers = {"Authorization": f"Bearer {token}"}
    for page in ("/inbox", "/cases", "/studio", "/preferences/sign-in", "/operate/organisation"):
        asked = stranger.get(page, headers=headers, follow_redirects=False)
        assert asked.headers["location"].startswith("/sign-in"), page
    assert token not in owner.get(HOME).text
    assert f"…{token[-6:]}" in owner.get(HOME).text


def test_a_revoked_a_wrong_and_a_missing_token_are_answered_alike(browser, stranger):
    owner = browser("qian.yu")
    token = make_token(owner)
    number = re.search(rf"{HOME}/tokens/(\d+)/revoke", owner.get(HOME).text)[1]
    browser("admin").post(f"/operate/organisation/people/qian.yu/tokens/{number}/revoke")
    for given in (token, "aftercare_nothing", ""):
        answer = deploy(stranger, given)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), given


def test_a_token_does_no_more_than_its_persons_roles_allow_now(browser, stranger):
    token = make_token(browser("qian.yu"))
    save(browser("admin"), "/operate/organisation/people/qian.yu", roles=["finance"])
    assert deploy(stranger, token).status_code == 403


def test_a_token_is_made_by_whom_it_is_of_use_to_and_with_their_password(browser):
    assert make_token(browser("qian.yu"), present="wrong") == ""
    answer = browser("zhou.min").post(f"{HOME}/tokens", {"name": "x", "days": "30", "present": PASSWORD})
    assert answer.status_code == 403


def test_a_page_of_another_site_cannot_use_a_token_a_browser_does_not_have(browser, stranger):
    """A cookie comes with every request a browser is made to send; a token does not: no form token is asked of it."""
    owner = browser("qian.yu")
    assert owner.post(API, {"note": "x"}, files=zipped(), token=False).status_code == 403


@pytest.fixture
def secret_key(app, monkeypatch) -> None:
    monkeypatch.setattr(app.engine.settings, "secret_key", SecretStr("0123456789abcdef0123456789abcdef"))


def set_up(browser: Browser, clock) -> tuple[bytes, list[str]]:
    """Somebody's app: what it shares with us, and the recovery codes."""
    page = browser.post(f"{HOME}/second-factor", {"present": PASSWORD}).text
    shared = base64.b32decode(re.search(r"data-shared>([A-Z2-7]+)<", page)[1])
    code = second_factor.code_at(shared, clock.now())
    page = browser.post(f"{HOME}/second-factor/confirm", {"code": code}).text
    clock.advance(timedelta(minutes=2))
    return shared, re.search(r"data-recovery>([^<]+)<", page)[1].split(" · ")


def tell(browser: Browser, code: str, where: str = ""):
    form = {"code": code, "next": where}
    return browser.client.post("/sign-in/code", data=form, headers={"Sec-Fetch-Site": "same-origin"})


def test_with_a_second_factor_the_password_alone_opens_nothing(browser, web, clock, secret_key):
    shared, recovery = set_up(browser("zhou.min"), clock)
    zhou = sign_in(web, "zhou.min", PASSWORD)
    assert "The code of your app" in zhou.get("/sign-in/code").text
    assert not is_in(zhou)
    assert "That code is not right" in tell(zhou, "123456").text
    assert not is_in(zhou)
    answer = tell(zhou, second_factor.code_at(shared, clock.now()), "/cases")
    assert (answer.url.path, is_in(zhou)) == ("/cases", True)
    other = sign_in(web, "zhou.min", PASSWORD)
    tell(other, recovery[0], "https://evil.example")
    assert is_in(other)


def test_a_password_told_long_ago_is_told_again(browser, web, clock, secret_key):
    shared, _ = set_up(browser("zhou.min"), clock)
    zhou = sign_in(web, "zhou.min", PASSWORD)
    clock.advance(timedelta(minutes=6))
    assert tell(zhou, second_factor.code_at(shared, clock.now())).url.path == "/sign-in"
    assert not is_in(zhou)


def test_the_second_factor_is_turned_off_with_the_password_or_by_an_administrator(
    browser, web, clock, secret_key
):
    zhou, admin = browser("zhou.min"), browser("admin")
    set_up(zhou, clock)
    assert zhou.post(f"{HOME}/second-factor/off", {"present": "wrong"}).status_code == 409
    assert not is_in(sign_in(web, "zhou.min", PASSWORD))
    admin.post("/operate/organisation/people/zhou.min/second-factor/off")
    assert is_in(sign_in(web, "zhou.min", PASSWORD))
    set_up(zhou, clock)
    zhou.post(f"{HOME}/second-factor/off", {"present": PASSWORD})
    assert is_in(sign_in(web, "zhou.min", PASSWORD))


def test_an_installation_without_a_key_offers_none(browser):
    assert "Second factor" not in browser("zhou.min").get(HOME).text
