"""Links to choose a new password, mailed to whoever forgot theirs: good once, for a while, and told to nobody else.

Whoever asks learns nothing: the answer, and the work done before it, are the same for a name of nobody. The link is made
when it is mailed, so neither the queue nor the table ever holds it.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import structlog
from sqlalchemy import delete, insert, select

from config import sign_in
from config.settings import Settings
from engine.aftersales import mail
from engine.aftersales.mail import Undeliverable
from engine.runtime import history, identity, sign_ins, throttle
from engine.runtime.context import Context
from engine.runtime.identity import digest_of
from engine.runtime.queue import Deferred
from engine.runtime.refusals import Refusal
from engine.runtime.sign_ins import SignInWait
from engine.store.tables import PasswordLink, Person

log = structlog.get_logger(__name__)

#: Askings before further ones wait: for one name from one address, for one name, from one address.
PATIENCE, FOR_A_NAME, FROM_AN_ADDRESS = 3, 10, 20
#: Where the link leads.
PAGE = "/sign-in/new-password"


class LinkOutdated(Refusal):
    """Used, too old, never there, or its owner is kept out."""

    code = "link_outdated"
    sentence = "This link was used before or is too old. Ask for a new one."


def is_offered(settings: Settings) -> bool:
    """Whether links are mailed. Without `public_url` whoever asks could say where the link leads."""
    return bool(settings.smtp_url.get_secret_value() and settings.public_url and settings.local_sign_in)


def ask(ctx: Context, key: str, *, address: str) -> Refusal | None:
    """Mail a link to whoever signs in as `key`, if anybody does. A refusal is returned, as by `sign_ins.authenticate`."""
    buckets = [
        throttle.bucket(PATIENCE, "link for name and address", key, address),
        throttle.bucket(FOR_A_NAME, "link for name", key),
        throttle.bucket(FROM_AN_ADDRESS, "link for address", address),
    ]
    until = throttle.waiting(ctx, buckets)
    if until is not None:
        return SignInWait(until=until)
    throttle.failed(ctx, buckets)
    ctx.session.execute(delete(PasswordLink).where(PasswordLink.until < ctx.now))
    person = select(Person.id).where(Person.key == key, Person.active).scalar_subquery()
    minutes = timedelta(minutes=ctx.engine.settings.password_link_minutes)
    link_id = ctx.session.scalar(
        insert(PasswordLink).values(person_id=person, until=ctx.now + minutes).returning(PasswordLink.id)
    )
    ctx.engine.queue.defer(ctx.session, [Deferred(kind="password_link", id=link_id)])
    return None


def send(ctx: Context, link_id: int) -> None:
    """Make the link and mail it; what never can be is forgotten.

    Raises `OSError`, `smtplib.SMTPException`: the worker tries again.
    """
    link = ctx.session.get(PasswordLink, link_id, with_for_update=True)
    if link is None:
        return
    person = ctx.session.get(Person, link.person_id) if link.person_id else None
    # Who has no password of ours signs in otherwise, and gets none by mail.
    if person is None or not (person.email and person.password_hash) or link.until <= ctx.now:
        ctx.session.delete(link)
        return
    settings = ctx.engine.settings
    token = secrets.token_urlsafe(32)
    words = sign_in.read(settings.sign_in_file).password_link
    text = words.text_zh if person.language == "zh" else words.text
    address = f"{settings.public_url.rstrip('/')}{PAGE}?{urlencode({'token': token})}"
    try:
        mail.send(
            settings,
            to=person.email,
            subject=words.subject_zh if person.language == "zh" else words.subject,
            text=text.format(person=person.key, minutes=settings.password_link_minutes, link=address),
            key=f"password link {link.id}",
        )
    except Undeliverable as error:
        log.warning("password_link_not_sent", key=person.key, problem=str(error))
        ctx.session.delete(link)
        return
    link.token_digest = digest_of(token)
    ctx.session.flush()
    history.record_organisation(ctx, "PasswordLinkSent", person=person.key)
    log.info("password_link_sent", key=person.key)


def owner(ctx: Context, token: str) -> Person:
    """Whom a link lets choose a password; nobody else uses it until the commit. Raises `LinkOutdated`."""
    person = ctx.session.scalar(
        select(Person)
        .join(PasswordLink, PasswordLink.person_id == Person.id)
        .where(PasswordLink.token_digest == digest_of(token), PasswordLink.until > ctx.now, Person.active)
        .with_for_update(of=PasswordLink)
    )
    if person is None:
        raise LinkOutdated()
    return person


def choose(ctx: Context, token: str, wanted: str) -> Person:
    """The owner's new password: their sessions, programs' tokens and links end.

    Raises `LinkOutdated`, `PasswordTooShort`, `PasswordTooPlain`.
    """
    person = owner(ctx, token)
    refused = sign_ins.unfit(ctx, person.key, wanted)
    if refused is not None:
        raise refused
    own = replace(ctx, actor=identity.actor(person))
    identity.set_password(own, person.key, wanted)
    sign_ins.revoke_tokens(own, person.key)
    return person
