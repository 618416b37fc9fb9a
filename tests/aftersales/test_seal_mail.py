"""Each seal is mailed outside where the settings say so, and a seal that cannot be mailed is a seal all the same."""

from __future__ import annotations

import pytest

from config import settings as settings_module
from config.settings import BadSetting
from engine.aftersales import mail, seal_mail
from engine.runtime import seals

SERVER = {"smtp_url": "smtp://mail.example:25", "mail_from": "Aftercare <service@company.example>"}


@pytest.fixture
def sealing(app):
    with app.commands.begin() as ctx:
        return seals.make(ctx)


def test_a_seal_is_mailed_as_its_file_says_it(app, sealing, monkeypatch):
    sent = []
    monkeypatch.setattr(mail, "send", lambda settings, **message: sent.append(message))
    settings = settings_module.load(**SERVER, seal_mail_to="audit@firm.example")
    assert seal_mail.send(settings, sealing)
    assert sent[0]["to"] == "audit@firm.example"
    assert sealing.root in sent[0]["subject"]
    assert sent[0]["text"].encode() == next(iter(seals.folder(app.engine).documents().values()))


def test_without_an_address_nothing_leaves_the_house(sealing, monkeypatch):
    monkeypatch.setattr(mail, "send", lambda *_, **__: pytest.fail("mailed"))
    assert not seal_mail.send(settings_module.load(**SERVER), sealing)
    assert not seal_mail.send(settings_module.load(seal_mail_to="audit@firm.example"), sealing)


def test_a_mail_server_that_is_away_stops_no_seal(sealing, monkeypatch):
    def away(*_, **__):
        raise ConnectionRefusedError

    monkeypatch.setattr(mail, "send", away)
    assert not seal_mail.send(settings_module.load(**SERVER, seal_mail_to="audit@firm.example"), sealing)


def test_an_address_that_is_none_is_refused_at_start():
    with pytest.raises(BadSetting, match="seal_mail_to"):
        settings_module.load(seal_mail_to="the auditor")
