"""A forgotten password: a link by mail, good once, that tells nobody who has an account here."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select, update

from engine import work
from engine.aftersales import mail
from engine.store.tables import HistoryEvent, PasswordLink, Person, SignInFailures
from tests.web.conftest import PASSWORD
from tests.web.test_credentials import NEW, is_in, make_token, secret_key, set_up, sign_in
from tests.web.test_secrets import rows

__all__ = ["secret_key"]
SAME = {"Sec-Fetch-Site": "same-origin"}
ASK, CHOOSE = "/sign-in/forgotten", "/sign-in/new-password"


@pytest.fixture
def settings(settings):
    return settings.model_copy(
        update={
            "smtp_url": SecretStr("smtp://localhost"),
            "mail_from": "service@company.example",
            "public_url": "https://service.company.example",
        }
    )


@pytest.fixture
def letters(monkeypatch) -> list[dict[str, str]]:
    """What was mailed."""
    sent: list[dict[str, str]] = []
    monkeypatch.setattr(mail, "send", lambda settings, **letter: sent.append(letter))
    return sent


@pytest.fixture
def addressed(office) -> None:
    with office.app.database.begin() as session:
        session.execute(update(Person).values(email=Person.key + "@company.example"))


def ask(client: TestClient, key: str = "zhou.min"):
    return client.post(ASK, data={"key": key}, headers=SAME)


def post(app) -> None:
    """The worker does what waits."""
    while app.engine.queue.work:
        item = app.engine.queue.work.pop(0)
        if item.kind == "password_link":
            work.perform(app.commands, item.kind, item.id)


def token_in(letter: dict[str, str]) -> str:
    found = re.search(
        r"https://service\.company\.example/sign-in/new-password\?token=([\w-]+)", letter["text"]
    )
    assert found, letter
    return found[1]


def choose(client: TestClient, token: str, wanted: str = NEW, again: str | None = None):
    form = {"token": token, "wanted": wanted, "again": wanted if again is None else again}
    return client.post(CHOOSE, data=form, headers=SAME)


@pytest.fixture
def linked(app, stranger, addressed, letters) -> str:
    """The token of the link that Zhou asked for."""
    ask(stranger)
    post(app)
    return token_in(letters[-1])


def test_whoever_forgot_chooses_another_and_is_signed_out_everywhere(
    app, web, browser, stranger, addressed, letters
):
    elsewhere = browser("zhou.min")
    assert "Forgot your password?" in stranger.get("/sign-in").text
    assert "a link is on its way" in ask(stranger).text
    post(app)
    (letter,) = letters
    assert (letter["to"], letter["subject"]) == ("zhou.min@company.example", "Choose a new password")
    token = token_in(letter)
    assert "New password once more" in stranger.get(f"{CHOOSE}?token={token}").text
    assert "Your password is changed. Sign in with it." in choose(stranger, token).text
    assert not is_in(elsewhere) and not is_in(sign_in(web, "zhou.min", PASSWORD))
    assert is_in(sign_in(web, "zhou.min", NEW))


def test_the_mail_is_in_the_language_of_its_reader(app, stranger, addressed, letters):
    ask(stranger, "li.na")
    post(app)
    assert letters[0]["subject"] == "设置新密码" and "30 分钟" in letters[0]["text"]


def test_nobody_learns_who_has_an_account(app, stranger, addressed, letters):
    with app.database.begin() as session:
        session.execute(update(Person).where(Person.key == "tech").values(active=False))
        session.execute(update(Person).where(Person.key == "xu.dan").values(email=None))
    said = set()
    for key in ("zhou.min", "nobody.here", "tech", "xu.dan", ""):
        answer = ask(stranger, key)
        said.add((answer.status_code, answer.text.replace(key, "") if key else None))
    assert len({text for _, text in said} - {None}) == 1 and {status for status, _ in said} == {200}
    with app.database.begin() as session:
        assert len(session.scalars(select(PasswordLink)).all()) == 5
    post(app)
    assert [letter["to"] for letter in letters] == ["zhou.min@company.example"]
    with app.database.begin() as session:
        assert len(session.scalars(select(PasswordLink)).all()) == 1


def test_a_link_is_good_once(stranger, linked):
    choose(stranger, linked)
    for answer in (
        stranger.get(f"{CHOOSE}?token={linked}"),
        choose(stranger, linked, "and another password"),
    ):
        assert answer.status_code == 403 and "was used before or is too old" in answer.text


def test_a_link_that_is_old_or_was_never_there_opens_nothing(web, stranger, linked, clock):
    clock.advance(timedelta(minutes=31))
    for token in (linked, linked + "x", "", "'"):
        assert choose(stranger, token).status_code == 403
    assert is_in(sign_in(web, "zhou.min", PASSWORD))


def test_any_other_change_of_the_password_voids_the_link(browser, stranger, linked):
    admin = browser("admin")
    admin.post("/operate/organisation/people/zhou.min/password")
    assert choose(stranger, linked).status_code == 403


def test_somebody_kept_out_meanwhile_stays_out(app, stranger, linked):
    with app.database.begin() as session:
        session.execute(update(Person).where(Person.key == "zhou.min").values(active=False))
    assert choose(stranger, linked).status_code == 403


@pytest.mark.parametrize(
    ("wanted", "again", "said"),
    [
        (NEW, "typed otherwise", "are not the same"),
        ("short", None, "at least 12 characters"),
        ("x" * 20, None, "nor one character over and over"),
    ],
)
def test_a_password_that_will_not_do_leaves_the_link_good(stranger, linked, wanted, again, said):
    answer = choose(stranger, linked, wanted, again)
    assert (answer.status_code, said in answer.text) == (403, True)
    assert choose(stranger, linked).status_code == 200


def test_a_second_factor_is_asked_for_all_the_same(
    app, web, browser, stranger, clock, secret_key, addressed, letters
):
    set_up(browser("zhou.min"), clock)
    ask(stranger)
    post(app)
    choose(stranger, token_in(letters[0]))
    assert not is_in(sign_in(web, "zhou.min", NEW))


def test_programs_need_new_tokens(app, browser, stranger, addressed, letters):
    owner = browser("qian.yu")
    token = make_token(owner)
    ask(stranger, "qian.yu")
    post(app)
    choose(stranger, token_in(letters[0]))
    answer = stranger.post("/api/deployments", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_whoever_asks_over_and_over_waits_and_the_owner_signs_in_meanwhile(
    app, web, stranger, addressed, letters
):
    answers = [ask(stranger) for _ in range(5)]
    assert [each.status_code for each in answers] == [200, 200, 200, 403, 403]
    assert "Too many attempts" in answers[-1].text
    assert [ask(stranger, "nobody.here").status_code for _ in range(4)] == [200, 200, 200, 403]
    post(app)
    assert len(letters) == 3
    assert is_in(sign_in(web, "zhou.min", PASSWORD))
    with app.database.begin() as session:
        assert session.scalars(select(SignInFailures.bucket)).all()


def test_neither_table_nor_queue_nor_history_holds_the_link(app, linked):
    assert linked not in "\n".join(rows(app))
    with app.database.begin() as session:
        assert session.scalar(select(HistoryEvent.type).where(HistoryEvent.type == "PasswordLinkSent"))


def test_mail_that_does_not_leave_is_tried_again_and_what_never_can_is_forgotten(
    app, stranger, addressed, monkeypatch
):
    def away(settings, **letter):
        raise OSError("no route")

    ask(stranger)
    (item,) = app.engine.queue.work
    monkeypatch.setattr(mail, "send", away)
    with pytest.raises(OSError, match="no route"):
        work.perform(app.commands, item.kind, item.id)
    with app.database.begin() as session:
        assert session.get(PasswordLink, item.id).token_digest is None

    def refused(settings, **letter):
        raise mail.Undeliverable("550 nobody")

    monkeypatch.setattr(mail, "send", refused)
    work.perform(app.commands, item.kind, item.id)
    with app.database.begin() as session:
        assert session.get(PasswordLink, item.id) is None


def test_who_has_no_password_of_ours_gets_none_by_mail(app, stranger, addressed, letters):
    with app.database.begin() as session:
        session.execute(update(Person).where(Person.key == "zhou.min").values(password_hash=None))
    ask(stranger)
    post(app)
    assert letters == []


@pytest.mark.parametrize("missing", [{"smtp_url": SecretStr("")}, {"public_url": ""}])
def test_without_mail_or_an_address_of_ours_no_link_is_offered(app, stranger, missing):
    """Without `public_url` the link would lead where the request's Host says."""
    for name, value in missing.items():
        setattr(app.engine.settings, name, value)
    assert "Forgot your password?" not in stranger.get("/sign-in").text
    for answer in (stranger.get(ASK, follow_redirects=False), choose(stranger, "x")):
        assert answer.status_code in (200, 303)
    assert (
        stranger.post(ASK, data={"key": "zhou.min"}, headers=SAME, follow_redirects=False).status_code == 303
    )
    assert app.engine.queue.work == []
