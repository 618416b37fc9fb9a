"""Signing in, and what a browser without a session gets."""

from datetime import timedelta

from tests.web.conftest import PASSWORD

SAME = {"Sec-Fetch-Site": "same-origin"}


def test_a_stranger_is_asked_to_sign_in_and_then_goes_where_they_wanted(stranger):
    asked = stranger.get("/inbox?tab=groups", follow_redirects=False)
    assert asked.headers["location"] == "/sign-in?next=%2Finbox%3Ftab%3Dgroups"

    form = {"key": "zhou.min", "password": PASSWORD, "next": "/inbox?tab=groups"}
    answer = stranger.post("/sign-in", data=form, headers=SAME, follow_redirects=False)
    assert answer.headers["location"] == "/inbox?tab=groups"
    assert "httponly" in answer.headers["set-cookie"].lower()


def test_a_wrong_password_is_said_in_the_browsers_language_and_keeps_the_name(stranger):
    headers = {**SAME, "Accept-Language": "zh-CN,zh;q=0.9"}
    answer = stranger.post("/sign-in", data={"key": "li.na", "password": "wrong"}, headers=headers)
    assert answer.status_code == 403
    assert "登录名与密码不符" in answer.text
    assert 'value="li.na"' in answer.text


def test_after_several_wrong_passwords_even_the_right_one_waits(stranger, clock):
    for _ in range(5):
        stranger.post("/sign-in", data={"key": "zhou.min", "password": "wrong"}, headers=SAME)
    right = {"key": "zhou.min", "password": PASSWORD}
    assert "Too many attempts" in stranger.post("/sign-in", data=right, headers=SAME).text

    clock.advance(timedelta(minutes=1))
    assert stranger.post("/sign-in", data=right, headers=SAME, follow_redirects=False).status_code == 303


def test_one_is_never_sent_on_to_another_site(stranger):
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        form = {"key": "zhou.min", "password": PASSWORD, "next": elsewhere}
        answer = stranger.post("/sign-in", data=form, headers=SAME, follow_redirects=False)
        assert answer.headers["location"] == "/"


def test_signing_out_ends_the_session_for_good(browser):
    zhou = browser("zhou.min")
    cookies = dict(zhou.client.cookies)
    zhou.post("/sign-out")
    zhou.client.cookies.update(cookies)
    assert zhou.get("/inbox", follow_redirects=False).headers["location"].startswith("/sign-in")


def test_the_first_page_is_the_first_place_of_ones_role(browser):
    assert browser("xu.dan").get("/").url.path == "/inbox"
