"""E-mail by the company's SMTP server."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from config.settings import Settings

_TIMEOUT_SECONDS = 20
_PORTS = {"smtp": 587, "smtps": 465}
#: Hosts to which a password may go without encryption: nobody listens in between.
_LOCAL = ("localhost", "127.0.0.1", "::1")


class Undeliverable(Exception):
    """The message will never arrive as it is: there is no address, or it was refused for good."""


def send(settings: Settings, *, to: str, subject: str, text: str, key: str) -> None:
    """Send one e-mail. `key` stands for the message: sent again it carries the same `Message-ID`.

    Raises `Undeliverable`, `OSError`, `smtplib.SMTPException`.
    """
    if "@" not in parseaddr(to)[1]:
        raise Undeliverable(
            f"{to!r} is not an e-mail address" if to else "The customer has no e-mail address"
        )
    message = _message(settings.mail_from, to, subject, text, key)
    try:
        with _server(settings.smtp_url.get_secret_value()) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, reason = next(iter(error.recipients.values()))
        _refused(code, reason)
    except smtplib.SMTPResponseException as error:
        _refused(error.smtp_code, error.smtp_error)


def _message(sender: str, to: str, subject: str, text: str, key: str) -> EmailMessage:
    message = EmailMessage()
    domain = parseaddr(sender)[1].partition("@")[2]
    try:
        message["From"], message["To"], message["Subject"] = sender, to, subject
    except ValueError as error:
        raise Undeliverable(str(error)) from error
    message["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"
    # Answers by machines ("out of office") to messages by machines help nobody.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _server(url: str) -> smtplib.SMTP:
    """A session with the server of `smtp://user:password@host:port` or, encrypted from the first octet, `smtps://`."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, timeout=_TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, port, timeout=_TIMEOUT_SECONDS)
    try:
        server.ehlo()
        encrypted = parts.scheme == "smtps"
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            encrypted = True
        if parts.username:
            if not encrypted and host not in _LOCAL:
                raise smtplib.SMTPException(f"{host} offers no encryption: the password is not sent")
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _refused(code: int, reason: bytes | str) -> None:
    said = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
    # RFC 5321, 4.2.1: 5yz is permanent, 4yz may work later.
    if code >= 500:
        raise Undeliverable(f"{code} {said}")
    raise smtplib.SMTPException(f"{code} {said}")
