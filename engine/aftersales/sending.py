"""Messages to customers leave the house: by e-mail, or by whatever system the settings name for a channel.

A message is sent by one worker at a time, under one idempotency key however often it is tried. E-mail has no such key:
a worker that dies between sending and noting it sends the same `Message-ID` again.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import select, update

from config.settings import Settings
from engine.aftersales import http_call, mail
from engine.aftersales.mail import Undeliverable
from engine.aftersales.tables import AftersalesCase, CustomerMessage
from engine.runtime.context import Context
from engine.runtime.edge import Commands
from engine.runtime.jobs import BpmnError
from engine.runtime.queue import Deferred

log = structlog.get_logger()

#: The channel that the SMTP server serves.
EMAIL = "email"
#: Pauses after failed attempts; after the last a person has to look.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)


def can_send(settings: Settings, channel: str) -> bool:
    """Whether something is set up that sends messages of this channel."""
    return integration_name(channel) in settings.integrations or (
        channel == EMAIL and bool(settings.smtp_url.get_secret_value())
    )


def integration_name(channel: str) -> str:
    """Under which name the settings point a channel at another system."""
    return f"{INTEGRATIONS}{channel}"


#: How the integrations begin that are channels.
INTEGRATIONS = "message."


def deliver(commands: Commands, message_id: int) -> None:
    """Send a message that waits, and note what came of it. Called by a worker, any number of times."""
    with commands.begin() as ctx:
        # The row stays locked while the other system is spoken to: whoever else would send it passes by.
        found = ctx.session.execute(
            select(CustomerMessage, AftersalesCase.number.label("case"))
            .outerjoin(AftersalesCase, AftersalesCase.id == CustomerMessage.case_id)
            .where(CustomerMessage.id == message_id, CustomerMessage.state == "queued")
            .with_for_update(of=CustomerMessage, skip_locked=True)
        ).one_or_none()
        if found is None or not can_send(ctx.engine.settings, found.CustomerMessage.channel):
            return
        message = found.CustomerMessage
        try:
            _send(ctx, message, found.case or "")
        except Undeliverable as error:
            _failed(ctx, message, str(error), final=True)
        except Exception as error:  # whatever a sender raises is the message's failure, never the worker's
            _failed(ctx, message, str(error) or type(error).__name__, final=False)
        else:
            _keep(ctx, message, state="sent", sent_at=ctx.now, problem="")
            log.info("message_sent", message=message.number, channel=message.channel)


def _send(ctx: Context, message: CustomerMessage, case: str) -> None:
    engine, name = ctx.engine, integration_name(message.channel)
    if name not in engine.settings.integrations:
        mail.send(
            engine.settings,
            to=message.recipient,
            subject=" · ".join(filter(None, (_company(ctx, message.language), case))),
            text=message.text,
            key=message.idempotency_key,
        )
        return
    try:
        http_call.send(
            engine,
            http_call.planned(engine.settings, engine.settings.integrations[name]),
            inputs={
                "number": message.number,
                "channel": message.channel,
                "recipient": message.recipient,
                "language": message.language,
                "text": message.text,
                "caseNumber": case,
            },
            idempotency_key=message.idempotency_key,
            business_key=case,
        )
    except BpmnError as error:
        # The other system understood and refuses: asking again would not help.
        raise Undeliverable(error.message or error.code) from error


def _company(ctx: Context, language: str) -> str:
    return ctx.organisation.name_zh if language == "zh" else ctx.organisation.name


def _failed(ctx: Context, message: CustomerMessage, problem: str, *, final: bool) -> None:
    log.warning("message_not_sent", message=message.number, channel=message.channel, problem=problem)
    attempts = message.attempts + 1
    if final or attempts > len(PAUSES):
        _keep(ctx, message, state="failed", attempts=attempts, problem=problem)
        return
    _keep(ctx, message, attempts=attempts, problem=problem)
    again = Deferred(kind="delivery", id=message.id, at=ctx.now + PAUSES[attempts - 1])
    ctx.engine.queue.defer(ctx.session, [again])


def _keep(ctx: Context, message: CustomerMessage, **values: object) -> None:
    ctx.session.execute(
        update(CustomerMessage).where(CustomerMessage.id == message.id).values(values),
        execution_options={"synchronize_session": False},
    )
