"""Nothing that opens something lies in the database as it is: a copy of it signs nobody in and pays nobody."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from engine.aftersales import http_call, http_hosts
from engine.runtime import second_factor, sign_ins
from engine.runtime.identity import digest_of
from tests.web.conftest import PASSWORD
from tests.web.test_credentials import HOME, make_token, set_up
from web.sessions import BROWSER_COOKIE, COOKIE

#: What an installation is told; settings alone hold them.
TOLD = {
    "secret_key": SecretStr("the key of the installation, kept safe"),
    "metrics_token": SecretStr("metrics-token-of-ours"),
    "smtp_url": SecretStr("smtps://service:mail-password-of-ours@mail.example"),
    "oidc_client_secret": SecretStr("client-secret-of-ours"),
    "mail_from": "service@company.example",
}
BANK = "bank-token-of-ours"


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={**TOLD, "secrets": {"bank": SecretStr(BANK)}})


def rows(app) -> Iterator[str]:
    """Every row of every table, the queue's too, as text."""
    with app.database.begin() as session:
        tables = session.scalars(
            text(
                "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
            )
        ).all()
        for table in tables:
            yield from session.scalars(text(f"SELECT each::text FROM {table} each"))


def spellings(secret: str) -> set[str]:
    octets = secret.encode()
    return {
        secret,
        octets.hex(),
        base64.b64encode(octets).decode(),
        base64.b64encode(octets).decode().rstrip("="),
    }


def test_a_copy_of_the_database_opens_nothing(browser, office, app, clock, capsys):
    zhou, qian = browser("zhou.min"), browser("qian.yu")
    shared, recovery = set_up(zhou, clock)
    token = make_token(qian)
    secrets = {
        "a password": PASSWORD,
        "a session": qian.client.cookies[COOKIE],
        "a known browser": qian.client.cookies[BROWSER_COOKIE],
        "a form's token": qian.token(),
        "a program's token": token,
        "a one-time password": office.do("admin", sign_ins.reset_password, "li.na"),
        "an app's shared secret": base64.b32encode(shared).decode(),
        **{f"recovery code {number}": code for number, code in enumerate(recovery)},
        **{name: each.get_secret_value() for name, each in TOLD.items() if isinstance(each, SecretStr)},
        "the bank's token": BANK,
    }
    office.case()
    everything = "\n".join(rows(app))
    # What is looked for would be found: the digests are there, and so is what is no secret.
    assert digest_of(secrets["a session"]).hex() in everything and "zhou.min" in everything
    for name, secret in secrets.items():
        assert not any(spelling in everything for spelling in spellings(secret)), name
    assert shared.hex() not in everything
    with capsys.disabled():
        print(f"\nsecrets: {len(secrets)} looked for in {len(everything)} characters of rows", end="")


def test_codes_of_a_copied_database_need_the_key_that_is_not_in_it(browser, app, clock):
    zhou = browser("zhou.min")
    shared, _ = set_up(zhou, clock)
    app.engine.settings.secret_key = SecretStr("another installation's key, just as long")
    with app.commands.begin() as ctx:
        assert isinstance(
            second_factor.check(ctx, "zhou.min", second_factor.code_at(shared, clock.now())),
            second_factor.WrongCode,
        )


def test_without_a_key_nothing_that_needs_one_begins_and_it_is_said_why(browser, app):
    app.engine.settings.secret_key = SecretStr("")
    answer = browser("zhou.min").post(f"{HOME}/second-factor", {"present": PASSWORD})
    assert "Whoever runs it sets AFTERCARE_SECRET_KEY" in answer.text
    assert not [row for row in rows(app) if "SecondFactorOn" in row]


def test_settings_that_are_shown_or_logged_show_no_secret(app):
    shown = f"{app.engine.settings!r} {app.engine.settings.model_dump_json()}"
    for each in (*TOLD.values(), SecretStr(BANK)):
        if isinstance(each, SecretStr):
            assert each.get_secret_value() not in shown


def test_a_call_that_fails_names_no_secret(app, monkeypatch):
    """What an incident says is read by many."""
    settings = app.engine.settings
    asked = http_call.Call(url="http://127.0.0.1:9/", method="POST", token=BANK, timeout_seconds=1)
    with pytest.raises(http_call.CallFailed) as failed:
        http_call.send(app.engine, asked, inputs={}, idempotency_key="1", business_key="C")
    assert BANK not in f"{failed.value} {failed.value!r} {asked!r}"
    with pytest.raises(http_hosts.HostNotAllowed) as refused:
        http_hosts.destination(f"https://user:{BANK}@bank.example/", settings)
    assert BANK not in str(refused.value)
