"""Codes of an app: those of RFC 6238, each good once, made from nothing that lies in the database."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from config import settings as settings_module
from config.settings import BadSetting
from engine.runtime import identity, second_factor, sign_ins
from engine.store.tables import Person

KEY = SecretStr("0123456789abcdef0123456789abcdef")


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_the_standard(seconds, code):
    """RFC 6238, appendix B (its eight digits cut to the last six)."""
    assert second_factor.code_at(b"12345678901234567890", datetime.fromtimestamp(seconds, UTC)) == code


@pytest.fixture
def li(office, monkeypatch):
    monkeypatch.setattr(office.app.engine.settings, "secret_key", KEY)
    office.do("admin", identity.create_person, "li", "Li", roles=["finance"], password="right")

    def do(command, *args):
        with office.app.commands.begin() as ctx:
            person = ctx.session.scalar(select(Person).where(Person.key == "li"))
            return command(replace(ctx, actor=identity.actor(person)), *args)

    return do


def code(shared: str, at) -> str:
    return second_factor.code_at(base64.b32decode(shared), at)


def test_it_is_asked_for_once_the_app_showed_a_right_code(office, li, clock):
    shared = li(second_factor.begin)
    assert not li(second_factor.is_on, "li"), "an app that was never tried keeps nobody out"
    assert isinstance(li(second_factor.turn_on, "000000"), second_factor.WrongCode)
    assert len(li(second_factor.turn_on, code(shared, clock.now()))) == second_factor.RECOVERY_CODES
    assert li(second_factor.is_on, "li")


def test_a_code_is_good_once_and_for_a_clock_that_goes_a_little_wrong(office, li, clock):
    shared = li(second_factor.begin)
    li(second_factor.turn_on, code(shared, clock.now()))
    clock.advance(timedelta(minutes=5))
    for late, good in ((-60, False), (-30, True), (0, True), (30, True), (60, False)):
        told = li(second_factor.check, "li", code(shared, clock.now() + timedelta(seconds=late)))
        assert (told is None) == good, late
    again = code(shared, clock.now() + timedelta(seconds=30))
    assert isinstance(li(second_factor.check, "li", again), second_factor.WrongCode)


def test_guessing_codes_waits(office, li, clock):
    shared = li(second_factor.begin)
    li(second_factor.turn_on, code(shared, clock.now()))
    clock.advance(timedelta(minutes=5))
    for _ in range(sign_ins.PATIENCE):
        li(second_factor.check, "li", "not it")
    assert isinstance(li(second_factor.check, "li", code(shared, clock.now())), sign_ins.SignInWait)


def test_a_recovery_code_is_good_once(office, li, clock):
    codes = li(second_factor.turn_on, code(li(second_factor.begin), clock.now()))
    assert li(second_factor.check, "li", f" {codes[0].upper()} ") is None
    assert isinstance(li(second_factor.check, "li", codes[0]), second_factor.WrongCode)
    assert li(second_factor.check, "li", codes[1]) is None


def test_nothing_in_the_database_makes_a_code(office, li, clock):
    shared = li(second_factor.begin)
    codes = li(second_factor.turn_on, code(shared, clock.now()))
    with office.app.database.begin() as session:
        kept = str(
            session.connection().exec_driver_sql("SELECT second_factor::text FROM second_factor").all()
        )
    assert base64.b32decode(shared).hex() not in kept and codes[0] not in kept


def test_without_a_key_there_is_none_to_set_up_and_a_short_key_is_refused(office, li, monkeypatch):
    monkeypatch.setattr(office.app.engine.settings, "secret_key", SecretStr(""))
    with pytest.raises(second_factor.NoSecretKey):
        li(second_factor.begin)
    with pytest.raises(BadSetting, match="at least 32"):
        settings_module.load(secret_key="short")
