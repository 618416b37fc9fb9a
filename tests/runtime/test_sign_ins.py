"""Guessing is slow, and nobody keeps a colleague out by guessing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine.runtime import api_tokens, identity, sign_ins
from engine.runtime.refusals import NotFound
from engine.store.tables import Person, SignInFailures

OFFICE, HOME, ATTACKER = "10.0.0.7", "192.0.2.1", "203.0.113.9"
PASSWORD = "four words in a row"


@pytest.fixture
def li(office) -> str:
    office.do("admin", identity.create_person, "li", "Li", roles=["finance"], password=PASSWORD)
    return "li"


def attempt(office, password=PASSWORD, key="li", address=OFFICE, browser=""):
    return office.do("admin", sign_ins.authenticate, key, password, address=address, browser=browser)


def guess(office, times, **who):
    return [type(attempt(office, "wrong", **who)) for _ in range(times)]


def test_after_five_wrong_passwords_that_address_waits_longer_each_time(office, clock, li):
    assert set(guess(office, sign_ins.PATIENCE)) == {sign_ins.SignInRefused}
    assert isinstance(attempt(office), sign_ins.SignInWait)
    waits = []
    for _ in range(8):
        waits.append(attempt(office).params["until"] - clock.now())
        clock.advance(waits[-1] + timedelta(seconds=1))
        assert isinstance(attempt(office, "wrong"), sign_ins.SignInRefused)
    assert waits[0] == timedelta(seconds=30) and waits[1] == timedelta(minutes=1)
    assert waits[-1] == timedelta(minutes=15)


def test_whoever_guesses_elsewhere_does_not_keep_the_victim_out(office, li):
    guess(office, 20, address=ATTACKER)
    assert isinstance(attempt(office, address=ATTACKER), sign_ins.SignInWait)
    assert attempt(office, address=OFFICE).key == "li"


def test_not_even_from_the_same_address_where_the_victim_signed_in_before(office, li):
    browser = office.do("admin", sign_ins.remember_browser, attempt(office).id, "")
    guess(office, 20)
    assert isinstance(attempt(office), sign_ins.SignInWait), "a browser nobody knows waits"
    assert attempt(office, browser=browser).key == "li"
    assert isinstance(attempt(office, browser="made up"), sign_ins.SignInWait)


def test_nor_by_guessing_from_hundreds_of_addresses(office, li):
    browser = office.do("admin", sign_ins.remember_browser, attempt(office).id, "")
    for number in range(sign_ins.OF_A_NAME):
        guess(office, 1, address=f"198.51.100.{number}")
    assert isinstance(attempt(office, address="198.51.100.200"), sign_ins.SignInWait), "that has an end too"
    assert attempt(office, browser=browser).key == "li"


def test_a_browser_is_known_for_whom_it_signed_in_and_nobody_else(office, li):
    office.do("admin", identity.create_person, "wang", "Wang", roles=["finance"], password=PASSWORD)
    browser = office.do("admin", sign_ins.remember_browser, attempt(office).id, "")
    guess(office, 5, key="wang", browser=browser)
    assert isinstance(attempt(office, key="wang", browser=browser), sign_ins.SignInWait)


def test_one_address_that_tries_many_names_waits_for_all_of_them(office, li):
    for number in range(sign_ins.OF_AN_ADDRESS):
        guess(office, 1, key=f"somebody{number}", address=ATTACKER)
    assert isinstance(attempt(office, address=ATTACKER), sign_ins.SignInWait)
    assert attempt(office, address=HOME).key == "li"


def test_a_name_that_does_not_exist_waits_like_one_that_does(office, li):
    known, unknown = guess(office, 7), guess(office, 7, key="nobody")
    assert known == unknown


def test_what_failed_a_day_ago_is_forgotten_and_swept_away(office, clock, li):
    guess(office, 5, key="nobody", address=ATTACKER)
    clock.advance(timedelta(days=1, minutes=20))
    attempt(office)
    with office.app.database.begin() as session:
        assert session.scalar(select(func.count()).select_from(SignInFailures)) == 0


def test_nothing_that_was_typed_is_kept(office, li):
    """People type their password into the field for their name."""
    attempt(office, "wrong", key="four words in a row")
    with office.app.database.begin() as session:
        assert all(len(row.bucket) == 32 for row in session.scalars(select(SignInFailures)))


def test_a_one_time_password_expires_and_a_new_one_ends_sessions_and_tokens(office, clock, li):
    token = office.do("admin", api_tokens.make, "li", name="git", scopes=["deployments"], days=30)
    session = office.do(
        "admin", identity.open_session, attempt(office), hours=1, address=None, user_agent=None
    )
    password = office.do("admin", sign_ins.reset_password, "li")
    assert office.do("admin", identity.find_session, session) is None
    assert office.do("admin", identity.find_token, token, "deployments") is None
    assert isinstance(attempt(office), sign_ins.SignInRefused)
    assert attempt(office, password).key == "li"
    clock.advance(timedelta(hours=73))
    assert isinstance(attempt(office, password), sign_ins.OneTimePasswordExpired)
    assert isinstance(attempt(office, "wrong"), sign_ins.SignInRefused), "told only to whom it was given"


def test_a_token_is_for_its_scopes_until_its_day_and_only_its_digest_is_kept(office, clock, li):
    token = office.do("admin", api_tokens.make, "li", name="git", scopes=["deployments"], days=30)
    assert token.startswith("aftercare_")
    assert office.do("admin", identity.find_token, token, "deployments").key == "li"
    assert office.do("admin", identity.find_token, token, "cases") is None
    assert office.do("admin", identity.find_token, token[:-1] + "x", "deployments") is None
    with office.app.database.begin() as session:
        kept = str(session.connection().exec_driver_sql("SELECT api_token::text FROM api_token").all())
    assert token not in kept and token[-6:] in kept
    clock.advance(timedelta(days=30, seconds=1))
    assert office.do("admin", identity.find_token, token, "deployments") is None


def test_a_token_dies_with_its_person_and_by_its_number(office, li):
    token = office.do("admin", api_tokens.make, "li", name="git", scopes=["deployments"], days=30)
    office.do("admin", identity.set_active, "li", active=False)
    assert office.do("admin", identity.find_token, token, "deployments") is None
    office.do("admin", identity.set_active, "li", active=True)
    number = office.do("admin", api_tokens.of_person, "li")[0].id
    with pytest.raises(NotFound):
        office.do("admin", api_tokens.revoke, "admin", number)
    office.do("admin", api_tokens.revoke, "li", number)
    assert office.do("admin", identity.find_token, token, "deployments") is None


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"name": " "}, api_tokens.TokenNeedsName),
        ({"scopes": []}, api_tokens.TokenNeedsScope),
        ({"scopes": ["everything"]}, api_tokens.TokenNeedsScope),
        ({"days": 0}, api_tokens.TokenTooLong),
        ({"days": 366}, api_tokens.TokenTooLong),
    ],
)
def test_a_token_without_an_end_or_a_purpose_is_not_made(office, li, asked, refusal):
    with pytest.raises(refusal):
        office.do(
            "admin", api_tokens.make, "li", **{"name": "git", "scopes": ["deployments"], "days": 30, **asked}
        )


def test_a_password_is_kept_as_argon2_alone(office, li):
    with office.app.database.begin() as session:
        kept = session.scalar(select(Person.password_hash).where(Person.key == "li"))
    assert kept.startswith("$argon2id$")
