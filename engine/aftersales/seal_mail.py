"""Mailing a seal outside: a copy that nobody in the house can change afterwards."""

from __future__ import annotations

import smtplib

import structlog

from config.settings import Settings
from engine.aftersales import mail
from engine.runtime.seals import Sealing, written

log = structlog.get_logger(__name__)


def send(settings: Settings, sealing: Sealing) -> bool:
    """Mail the document of a seal to the address of the settings; whether it went.

    A failure is logged and nothing more: the seal is there, and the next one holds this one's hash.
    """
    if not (settings.seal_mail_to and settings.smtp_url.get_secret_value()):
        return False
    try:
        mail.send(
            settings,
            to=settings.seal_mail_to,
            subject=f"Aftercare seal {sealing.number} of {sealing.day}: {sealing.root}",
            text=written(sealing).decode(),
            key=f"seal {sealing.number} {sealing.root}",
        )
    except (mail.Undeliverable, OSError, smtplib.SMTPException) as error:
        log.error("seal_not_mailed", number=sealing.number, error=str(error))
        return False
    return True
